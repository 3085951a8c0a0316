/**
 * Mapping through npm's mmap-io (optional, compiled at install). Its native side takes C ints: a size of 2^32 + 4096
 * silently maps 4096 bytes, an offset of 2^32 silently reads the wrong location, and advise does not check bounds. So a
 * file is mapped whole from offset 0, at most 2^31 - 1 bytes, and every range is checked by NativeMappedFile before it
 * arrives here.
 */
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import type { OpenMode } from './file-bytes.js';
import { MapRecord } from './map-account.js';
import { type Loaded, MADV_DONTNEED, type NativeMap, nativeBackend, protectionOf, sharingOf } from './native-map.js';
import type { OpenFile } from './open-file.js';

/** Of the module as it is at run time, not of its typings. */
interface MmapIo {
  readonly PAGESIZE: number;
  map(size: number, protection: number, flags: number, descriptor: number, offset: number, advice: number): Buffer;
  advise(buffer: Buffer, offset: number, length: number, advice: number): void;
  sync(buffer: Buffer, offset: number, length: number, blocking: boolean, invalidate: boolean): void;
}

const MMAP_IO_MAX_BYTES = 2 ** 31 - 1;

/**
 * The module unmaps when the buffer is collected, and only then: with it, because both learn of the same collection.
 */
const collected = new FinalizationRegistry<MapRecord>((record) => record.unmapped());

function load(): Loaded<MmapIo> {
  try {
    const module = requireNow<MmapIo & { default?: MmapIo }>('mmap-io');
    const api = typeof module.map === 'function' ? module : module.default;
    if (typeof api?.map !== 'function' || !(api.PAGESIZE > 0)) return { reason: 'mmap-io has no map() here' };
    if (process.platform === 'win32') return { reason: 'mapping is not used on Windows' };
    return api;
  } catch (error) {
    const text = String((error as Error)?.message ?? error).split('\n')[0];
    return { reason: `mmap-io cannot be loaded on Node ${process.version}: ${text}` };
  }
}

function map(api: MmapIo, file: OpenFile, mode: OpenMode): NativeMap {
  const { byteLength } = file.atOpen;
  if (byteLength > MMAP_IO_MAX_BYTES) {
    throw new AtcError(
      'UNSUPPORTED',
      `${file.path} has ${byteLength} bytes; mmap-io maps at most ${MMAP_IO_MAX_BYTES}: use 'koffi' or 'read', or ` +
        'smaller files',
      { path: file.path },
    );
  }
  let buffer: Buffer | undefined;
  try {
    buffer = api.map(byteLength, protectionOf(mode), sharingOf(mode), file.descriptor, 0, 0);
  } catch (cause) {
    throw new AtcError('UNSUPPORTED', `the system refuses to map ${file.path}: ${String((cause as Error).message)}`, {
      path: file.path,
      cause,
    });
  }
  const record = new MapRecord(mode === 'c' ? byteLength : 0);
  collected.register(buffer, record);
  const held = () => buffer as Buffer;
  const bytes = (offset: number, length: number) => new Uint8Array(held().buffer, held().byteOffset + offset, length);
  return {
    pageSize: api.PAGESIZE,
    maxWindow: MMAP_IO_MAX_BYTES,
    bytes,
    peek: bytes,
    discard: (offset, length) => api.advise(held(), offset, Math.min(length, byteLength - offset), MADV_DONTNEED),
    sync: () => sync(api, held(), byteLength),
    drop: () => {
      buffer = undefined;
      record.retire();
    },
  };
}

/**
 * The module takes its own native function away from the exports it shares with every other copy of itself in the
 * process, so a copy loaded second (jest evaluates it once per test file) has no sync. The fsync that follows writes
 * the same pages on Linux.
 */
function sync(api: MmapIo, buffer: Buffer, byteLength: number): void {
  try {
    // A length of 0 would mean "all"; it is never 0 here.
    api.sync(buffer, 0, byteLength, true, false);
  } catch (error) {
    if ((error as Error)?.name !== 'TypeError') throw error;
  }
}

export const mmapIoBackend = nativeBackend('mmap-io', load, map);
