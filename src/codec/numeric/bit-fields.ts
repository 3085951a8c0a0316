import type { ChunkWriter } from './chunk-writer.js';

/** Bit fields without gaps, little-endian, into room taken in advance. */
export class BitFields {
  readonly #bytes: Uint8Array;
  readonly #from: number;
  #bit = 0;

  constructor(writer: ChunkWriter, bits: number) {
    this.#from = writer.room((bits + 7) >> 3);
    this.#bytes = writer.buffer;
  }

  put(value: number, width: number): void {
    let rest = value;
    let left = width;
    while (left > 0) {
      const shift = this.#bit & 7;
      const taken = Math.min(8 - shift, left);
      this.#bytes[this.#from + (this.#bit >> 3)] |= (rest & ((1 << taken) - 1)) << shift;
      rest >>>= taken;
      left -= taken;
      this.#bit += taken;
    }
  }
}
