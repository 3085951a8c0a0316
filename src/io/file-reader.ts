/**
 * Random access to the bytes of one file, read and never mapped: the source of frames, and of any file that others may
 * truncate.
 */
import { OpenFile } from './open-file.js';

export interface FileReader {
  readonly path: string;
  /** Size at open. */
  readonly byteLength: number;
  /**
   * A copy of bytes [offset, offset + length). ARGUMENT outside the file, CORRUPT when it was truncated, CLOSED after
   * close.
   */
  read(offset: number, length: number): Uint8Array;
  /** The same into an array of the caller's. */
  readInto(offset: number, target: Uint8Array): void;
  close(): void;
}

export function openFileReader(path: string): FileReader {
  const file = new OpenFile(path, false);
  const readInto = (offset: number, target: Uint8Array) => {
    file.checkRange(offset, target.byteLength);
    file.readInto(offset, target);
  };
  return {
    path,
    byteLength: file.atOpen.byteLength,
    readInto,
    read(offset, length) {
      void file.descriptor;
      file.checkRange(offset, length);
      const bytes = new Uint8Array(length);
      readInto(offset, bytes);
      return bytes;
    },
    close: () => file.close(),
  };
}
