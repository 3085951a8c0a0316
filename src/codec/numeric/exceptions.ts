/**
 * Rows that no integer stands for (NaN, -0, infinities, stray bits): runs of equal bits, as
 *   uvarint runs · per run: uvarint rows since the last one · uvarint length * 2 | same bits as the run before
 *                · [8 or 4 bytes]
 */

import { chunkDamage } from '../corrupt.js';
import type { ChunkReader } from './chunk-reader.js';
import type { ChunkWriter } from './chunk-writer.js';

/** Elements as bit patterns: two 32-bit words each for 8-byte elements, one for 4-byte ones. */
export interface ElementWords {
  readonly words: Uint32Array;
  readonly wordsPerElement: 1 | 2;
}

export function wordsOf(values: Float64Array | Float32Array): ElementWords {
  const wordsPerElement = values.BYTES_PER_ELEMENT === 8 ? 2 : 1;
  return {
    words: new Uint32Array(values.buffer, values.byteOffset, values.length * wordsPerElement),
    wordsPerElement,
  };
}

function sameBits({ words, wordsPerElement }: ElementWords, a: number, b: number): boolean {
  for (let k = 0; k < wordsPerElement; k++) {
    if (words[a * wordsPerElement + k] !== words[b * wordsPerElement + k]) return false;
  }
  return true;
}

/** `rows` ascending. */
export function writeExceptions(writer: ChunkWriter, elements: ElementWords, rows: ArrayLike<number>): void {
  const runs: [from: number, to: number][] = [];
  for (let i = 0; i < rows.length; i++) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === rows[i] && sameBits(elements, last[0], rows[i])) last[1]++;
    else runs.push([rows[i], rows[i] + 1]);
  }
  writer.unsigned(runs.length);
  let at = 0;
  let previous = -1;
  for (const [from, to] of runs) {
    const same = previous >= 0 && sameBits(elements, previous, from);
    writer.unsigned(from - at);
    writer.unsigned((to - from) * 2 + (same ? 1 : 0));
    if (!same) {
      for (let k = 0; k < elements.wordsPerElement; k++) {
        const word = elements.words[from * elements.wordsPerElement + k];
        for (let shift = 0; shift < 32; shift += 8) writer.byte((word >>> shift) & 255);
      }
    }
    at = to;
    previous = from;
  }
}

export function readExceptions(reader: ChunkReader, elements: ElementWords, n: number): void {
  const { words, wordsPerElement } = elements;
  const runs = reader.count(n, 'exception runs');
  const bits = [0, 0];
  let at = 0;
  for (let run = 0; run < runs; run++) {
    const from = reader.at;
    at += reader.count(n, 'exception row');
    const packed = reader.count(2 * n + 1, 'exception run');
    const to = at + (packed >> 1);
    if (to > n || to === at || (run === 0 && packed & 1))
      throw chunkDamage('exception run of no rows in the block', from);
    if ((packed & 1) === 0) {
      for (let k = 0; k < wordsPerElement; k++) {
        bits[k] = 0;
        for (let shift = 0; shift < 32; shift += 8) bits[k] |= reader.byte() << shift;
      }
    }
    for (; at < to; at++) for (let k = 0; k < wordsPerElement; k++) words[at * wordsPerElement + k] = bits[k];
  }
}
