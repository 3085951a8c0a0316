/**
 * Arrays that every page of a file is read and unpacked into: fresh ones of some MiB for each page would wait for the
 * garbage collector by the hundred.
 */
/** Random access to the bytes of one file. */
export interface ParquetBytes {
  readonly byteLength: number;
  read(offset: number, length: number): Uint8Array;
  /** The same into an array of the caller's. */
  readInto?(offset: number, target: Uint8Array): void;
}

export class PageScratch {
  #body = new Uint8Array(0);
  #page = new Uint8Array(0);
  #indices = new Uint32Array(0);
  #doubles = new Float64Array(0);

  /** Bytes of the file, valid until the next call. */
  bodyOf(bytes: ParquetBytes, offset: number, length: number): Uint8Array {
    if (bytes.readInto === undefined) return bytes.read(offset, length);
    if (this.#body.length < length) this.#body = new Uint8Array(length);
    const body = this.#body.subarray(0, length);
    bytes.readInto(offset, body);
    return body;
  }

  /** Room for an unpacked page, valid until the next call. */
  page(length: number): Uint8Array {
    if (this.#page.length < length) this.#page = new Uint8Array(length);
    return this.#page.subarray(0, length);
  }

  /** Zeros, valid until the next call. */
  indices(length: number): Uint32Array {
    if (this.#indices.length < length) this.#indices = new Uint32Array(length);
    return this.#indices.subarray(0, length).fill(0);
  }

  /** Room for values, valid until the next call. */
  doubles(length: number): Float64Array {
    if (this.#doubles.length < length) this.#doubles = new Float64Array(length);
    return this.#doubles.subarray(0, length);
  }

  /** Whether an array lies in what the next page overwrites. */
  holds({ buffer }: { readonly buffer: ArrayBufferLike }): boolean {
    return [this.#body, this.#page, this.#doubles].some((own) => own.buffer === buffer);
  }
}
