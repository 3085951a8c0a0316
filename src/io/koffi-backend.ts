/**
 * Mapping through libc's own mmap, called by way of npm's koffi (optional, prebuilt: no compiler). 64-bit offsets and
 * sizes. Unmapping under a live view is a crash, so munmap runs only when every ArrayBuffer made over the map has been
 * collected.
 */
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import type { OpenMode } from './file-bytes.js';
import { MapRecord } from './map-account.js';
import { type Loaded, MADV_DONTNEED, type NativeMap, nativeBackend, protectionOf, sharingOf } from './native-map.js';
import type { OpenFile } from './open-file.js';

interface Koffi {
  load(path: null): { func(definition: string): (...args: unknown[]) => unknown };
  view(pointer: bigint, length: number): ArrayBuffer;
  errno(): number;
}

interface Libc {
  readonly pageSize: number;
  mmap(address: null, length: number, prot: number, flags: number, descriptor: number, offset: number): bigint;
  munmap(address: bigint, length: number): number;
  madvise(address: bigint, length: number, advice: number): number;
  msync(address: bigint, length: number, flags: number): number;
  view(address: bigint, length: number): ArrayBuffer;
  errno(): number;
}

const MAP_FAILED = 0xffff_ffff_ffff_ffffn;
/** MS_SYNC is one of the few numbers that differ between systems. */
const MS_SYNC = process.platform === 'darwin' ? 0x10 : process.platform === 'freebsd' ? 0 : 4;
/**
 * Views are cut from buffers over aligned spans of this size, so that thousands of windows share few ArrayBuffers; only
 * a window across a seam gets a buffer of its own. At most 2^32 bytes: a longer view aborts Node 20.
 */
const SPAN_BYTES = 2 ** 30;
const LONGEST_WINDOW = 2 ** 32;

function load(): Loaded<Libc> {
  // off_t and size_t are declared with 64 bits below; on a 32-bit process the arguments would be passed wrongly.
  if (process.platform === 'win32') return { reason: 'there is no mmap on Windows' };
  if (['arm', 'ia32', 'mips', 'mipsel', 'ppc', 's390'].includes(process.arch)) {
    return { reason: `mapping by koffi needs a 64-bit process, this one is ${process.arch}` };
  }
  try {
    const koffi = requireNow<Koffi>('koffi');
    const libc = koffi.load(null);
    const getpagesize = libc.func('int getpagesize()');
    return {
      pageSize: getpagesize() as number,
      mmap: libc.func(
        'void *mmap(void *addr, size_t length, int prot, int flags, int fd, int64_t offset)',
      ) as Libc['mmap'],
      munmap: libc.func('int munmap(void *addr, size_t length)') as Libc['munmap'],
      madvise: libc.func('int madvise(void *addr, size_t length, int advice)') as Libc['madvise'],
      msync: libc.func('int msync(void *addr, size_t length, int flags)') as Libc['msync'],
      view: (address, length) => koffi.view(address, length),
      errno: () => koffi.errno(),
    };
  } catch (error) {
    const text = String((error as Error)?.message ?? error).split('\n')[0];
    return { reason: `koffi cannot be loaded on Node ${process.version}: ${text}` };
  }
}

/**
 * Counts the ArrayBuffers over one map. Dropped, it is unmapped at once when none of them was handed out, else when the
 * last one has been collected. It holds the address and nothing that holds the buffers or the file: the registries
 * below keep it alive, and would keep those alive with it.
 */
class Mapping {
  readonly #libc: Libc;
  readonly #address: bigint;
  readonly #length: number;
  readonly #record: MapRecord;
  #live = 0;
  #isHandedOut = false;
  #isDropped = false;
  #isMapped = true;

  constructor(libc: Libc, address: bigint, length: number, privateBytes: number) {
    this.#libc = libc;
    this.#address = address;
    this.#length = length;
    this.#record = new MapRecord(privateBytes);
  }

  add(): void {
    this.#live += 1;
  }

  remove(): void {
    this.#live -= 1;
    this.#settle();
  }

  handOut(): void {
    this.#isHandedOut = true;
  }

  drop(): void {
    this.#isDropped = true;
    this.#settle();
  }

  #settle(): void {
    if (!this.#isDropped || !this.#isMapped) return;
    if (this.#isHandedOut && this.#live > 0) {
      this.#record.retire();
      return;
    }
    this.#isMapped = false;
    this.#libc.munmap(this.#address, this.#length);
    this.#record.unmapped();
  }
}

const collected = new FinalizationRegistry<Mapping>((mapping) => mapping.remove());
/** Maps whose owner was dropped without close(). */
const forgotten = new FinalizationRegistry<Mapping>((mapping) => mapping.drop());

function map(libc: Libc, file: OpenFile, mode: OpenMode): NativeMap {
  const { byteLength } = file.atOpen;
  const base = libc.mmap(null, byteLength, protectionOf(mode), sharingOf(mode), file.descriptor, 0);
  if (base === null || base === MAP_FAILED) {
    const errno = libc.errno();
    throw new AtcError('UNSUPPORTED', `the system refuses to map ${file.path}: mmap failed with errno ${errno}`, {
      path: file.path,
    });
  }
  const mapping = new Mapping(libc, base, byteLength, mode === 'c' ? byteLength : 0);
  const view = (offset: number, length: number) => {
    const buffer = libc.view(base + BigInt(offset), length);
    mapping.add();
    collected.register(buffer, mapping);
    return buffer;
  };
  // Not imported: an import of node:buffer makes Node load all that it exports, and most processes map nothing.
  const { constants } = requireNow<typeof import('node:buffer')>('node:buffer');
  const maxWindow = Math.min(constants.MAX_LENGTH, LONGEST_WINDOW);
  let spans = new Map<number, ArrayBuffer>();
  const native: NativeMap = {
    pageSize: libc.pageSize,
    maxWindow,
    bytes(offset, length) {
      mapping.handOut();
      return native.peek(offset, length);
    },
    peek(offset, length) {
      // A file that fits one window is one span, so that whole-file views and small windows share it.
      const spanBytes = byteLength <= maxWindow ? byteLength : SPAN_BYTES;
      const index = Math.floor(offset / spanBytes);
      const start = index * spanBytes;
      const end = Math.min(start + spanBytes, byteLength);
      if (offset + length > end) return new Uint8Array(view(offset, length));
      let span = spans.get(index);
      if (span === undefined) spans.set(index, (span = view(start, end - start)));
      return new Uint8Array(span, offset - start, length);
    },
    discard(offset, length) {
      libc.madvise(base + BigInt(offset), length, MADV_DONTNEED);
    },
    sync() {
      if (libc.msync(base, byteLength, MS_SYNC) !== 0) {
        throw new AtcError('IO', `cannot sync ${file.path}: msync failed with errno ${libc.errno()}`, {
          path: file.path,
        });
      }
    },
    drop() {
      spans = new Map();
      forgotten.unregister(native);
      mapping.drop();
    },
  };
  forgotten.register(native, mapping, native);
  return native;
}

export const koffiBackend = nativeBackend('koffi', load, map);
