/** What every way of getting at the bytes of a file has in common, whether it maps or reads. */
import { AtcError } from '../errors.js';
import type { MappedFile } from './mapping.js';
import type { OpenFile } from './open-file.js';

export type OpenMode = MappedFile['mode'];

export abstract class FileBytes {
  readonly path: string;
  readonly byteLength: number;
  readonly identity: string;

  /** Owns the file from here on. */
  constructor(
    protected readonly file: OpenFile,
    readonly mode: OpenMode,
  ) {
    this.path = file.path;
    this.byteLength = file.atOpen.byteLength;
    this.identity = file.atOpen.identity;
  }

  readInto(offset: number, target: Uint8Array): void {
    this.file.checkRange(offset, target.byteLength);
    this.file.readInto(offset, target);
  }

  write(offset: number, bytes: Uint8Array): void {
    void this.file.descriptor;
    if (this.mode === 'r') throw readOnly(this.path);
    this.file.checkRange(offset, bytes.byteLength);
    // The file itself is written by pwrite(2): on a full disk that is an error, through a map it would be SIGBUS.
    if (this.mode === 'r+') this.file.write(offset, bytes);
    else this.writePrivately(offset, bytes);
  }

  release(offset: number, length: number): void {
    void this.file.descriptor;
    this.file.checkRange(offset, length);
  }

  flush(): void {
    void this.file.descriptor;
    if (this.mode === 'r+') this.file.sync();
  }

  close(): void {
    this.file.close();
  }

  /** Mode `c`: into memory of this process. */
  protected abstract writePrivately(offset: number, bytes: Uint8Array): void;

  /** ARGUMENT for a range outside the file as it was at open, CORRUPT when the file has become too short for it. */
  protected checkWindow(offset: number, length: number): void {
    this.file.checkRange(offset, length);
    this.file.checkPresent(offset, length);
  }
}

function readOnly(path: string): AtcError {
  return new AtcError(
    'READ_ONLY',
    `${path} is open read-only; open it with mode 'r+' to change the file, or 'c' to change a private copy in memory`,
    { path },
  );
}
