/**
 * The seam between arrays and the ways of getting at the bytes of a file. Three backends stand behind it: `mmap-io` and
 * `koffi` map, `read` reads. Offsets and lengths are in bytes and any number up to 2^53; a backend that is limited
 * checks its limits in JavaScript and says UNSUPPORTED, because the native side silently reads the wrong location.
 */
import type { OpenFile } from './open-file.js';

/** Ways to get at a file; 'read' is always there. */
export type MappingBackendName = 'mmap-io' | 'koffi' | 'read';

/** numpy.memmap's modes: read-only; read and write an existing file; create or overwrite; copy-on-write in memory. */
export type MapMode = 'r' | 'r+' | 'w+' | 'c';

export interface MappingBackend {
  readonly name: MappingBackendName;
  /** False, and why, when the native module cannot be loaded here. Loads it on first call, never at import. */
  available(): true | { readonly reason: string };
  /**
   * Opens an existing file. The file's size is checked against the request here and again at every window. Modes `r`,
   * `r+` and `c`; creating a file is the caller's business (written, never ftruncated: a write through a map into a
   * hole on a full disk kills the process).
   */
  open(path: string, mode: Exclude<MapMode, 'w+'>): MappedFile;
  /**
   * The same over a file that is open already, which belongs to the result from then on; when it throws, the file stays
   * open.
   */
  adopt(file: OpenFile, mode: Exclude<MapMode, 'w+'>): MappedFile;
}

export interface MappedFile {
  readonly path: string;
  readonly backend: MappingBackendName;
  readonly mode: Exclude<MapMode, 'w+'>;
  /** Size at open. */
  readonly byteLength: number;
  /** Which file it is, however it is called now: device and inode. */
  readonly identity: string;
  /**
   * Bytes [offset, offset + length). Mapped backends return a view of the map (valid until close, never across it),
   * `read` returns a copy. Throws CORRUPT when the file has become shorter than that.
   */
  window(offset: number, length: number): Uint8Array;
  /**
   * Copies out of the map (`read` reads): pages stay resident until `release`, and nothing is handed out that would
   * keep the map.
   */
  copyInto(offset: number, target: Uint8Array): void;
  /** Copies bytes [offset, offset + target.length) into `target`: the way blocks are read. */
  readInto(offset: number, target: Uint8Array): void;
  /** Writes at `offset`: to the file in `r+`, to private memory in `c`; READ_ONLY otherwise. */
  write(offset: number, bytes: Uint8Array): void;
  /** Lets the pages of a range go from this process; what was written privately (mode `c`) is retained. */
  release(offset: number, length: number): void;
  /** Returns when what was written in `r+` is on the disk. */
  flush(): void;
  /** Idempotent; afterwards every other call throws CLOSED. */
  close(): void;
}
