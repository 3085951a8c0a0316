/**
 * Mapping through libc's own mmap, called by way of npm's koffi (optional, prebuilt: no compiler). 64-bit offsets and sizes. Unmapping
 * under a live view is a crash, so munmap runs only when every ArrayBuffer made over the map has been collected.
 */
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import type { MappingBackend } from './mapping.js';
import {
  MADV_DONTNEED,
  type NativeMap,
  NativeMappedFile,
  type OpenMode,
  openAndAdopt,
  protectionOf,
  refuseHoles,
  sharingOf,
} from './native-map.js';
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
 * Views are cut from buffers over aligned pieces of this size, so that thousands of windows share few ArrayBuffers; only a window
 * across a seam gets a buffer of its own. At most 2^32 bytes: a longer view aborts Node 20.
 */
const PIECE_BYTES = 2 ** 30;
const LONGEST_WINDOW = 2 ** 32;

let loaded: Libc | { readonly reason: string } | undefined;

function load(): Libc | { readonly reason: string } {
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

export const koffiBackend: MappingBackend = {
  name: 'koffi',

  available() {
    loaded ??= load();
    return 'reason' in loaded ? loaded : true;
  },

  open: (path, mode) => openAndAdopt(koffiBackend, path, mode),

  adopt(file, mode) {
    loaded ??= load();
    const { path } = file;
    if ('reason' in loaded) throw new AtcError('UNSUPPORTED', `cannot map ${path}: ${loaded.reason}`, { path });
    return new NativeMappedFile('koffi', file, mode, map(loaded, file, mode));
  },
};

/**
 * Counts the ArrayBuffers over one map; the last one to be collected after drop() unmaps it. It holds the address and nothing that holds the
 * buffers or the file: the registries below keep it alive, and would keep those alive with it.
 */
class Mapping {
  readonly #libc: Libc;
  readonly #address: bigint;
  readonly #length: number;
  #live = 0;
  #dropped = false;

  constructor(libc: Libc, address: bigint, length: number) {
    this.#libc = libc;
    this.#address = address;
    this.#length = length;
  }

  add(): void {
    this.#live += 1;
  }

  remove(): void {
    this.#live -= 1;
    this.#settle();
  }

  drop(): void {
    this.#dropped = true;
    this.#settle();
  }

  #settle(): void {
    if (this.#dropped && this.#live === 0) this.#libc.munmap(this.#address, this.#length);
  }
}

const collected = new FinalizationRegistry<Mapping>((mapping) => mapping.remove());
/** Maps whose owner was dropped without close(). */
const forgotten = new FinalizationRegistry<Mapping>((mapping) => mapping.drop());

function map(libc: Libc, file: OpenFile, mode: OpenMode): NativeMap | undefined {
  const { byteLength } = file.atOpen;
  if (byteLength === 0) return undefined;
  refuseHoles(file, mode);
  const base = libc.mmap(null, byteLength, protectionOf(mode), sharingOf(mode), file.descriptor, 0);
  if (base === null || base === MAP_FAILED) {
    const errno = libc.errno();
    throw new AtcError('UNSUPPORTED', `the system refuses to map ${file.path}: mmap failed with errno ${errno}`, {
      path: file.path,
    });
  }
  const mapping = new Mapping(libc, base, byteLength);
  const view = (offset: number, length: number) => {
    const buffer = libc.view(base + BigInt(offset), length);
    mapping.add();
    collected.register(buffer, mapping);
    return buffer;
  };
  // Not imported: an import of node:buffer makes Node load all that it exports, and most processes map nothing.
  const { constants } = requireNow<typeof import('node:buffer')>('node:buffer');
  const maxWindow = Math.min(constants.MAX_LENGTH, LONGEST_WINDOW);
  let pieces = new Map<number, ArrayBuffer>();
  const native: NativeMap = {
    pageSize: libc.pageSize,
    maxWindow,
    bytes(offset, length) {
      // A file that fits one window is one piece, so that whole-file views and small windows share it.
      const pieceBytes = byteLength <= maxWindow ? byteLength : PIECE_BYTES;
      const index = Math.floor(offset / pieceBytes);
      const start = index * pieceBytes;
      const end = Math.min(start + pieceBytes, byteLength);
      if (offset + length > end) return new Uint8Array(view(offset, length));
      let piece = pieces.get(index);
      if (piece === undefined) pieces.set(index, (piece = view(start, end - start)));
      return new Uint8Array(piece, offset - start, length);
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
      pieces = new Map();
      forgotten.unregister(native);
      mapping.drop();
    },
  };
  forgotten.register(native, mapping, native);
  return native;
}
