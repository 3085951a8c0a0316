/**
 * Decoder of repeat chunks: symbols by context, new words by their distance from a listed one. Allocates nothing per
 * row.
 */
import { bytesOf, type Dtype, itemSize, type TypedArray } from '../../dtype.js';
import { stage } from '../../kernels/arena.js';
import { kernels } from '../../kernels/index.js';
import type { Kernels } from '../../kernels/kernels.js';
import { MAX_INPUT, MAX_ROWS, OUT, PLANE_A, PLANE_B, PLANE_BYTES, PLANE_C } from '../../kernels/offsets.js';
import type { BlockReader, ColumnCodec } from '../codec.js';
import { chunkDamage } from '../corrupt.js';
import { readStream } from '../numeric/bit-layouts.js';
import { ChunkReader } from '../numeric/chunk-reader.js';
import { CONTEXTS, contextAfter, RECENT_WORDS, RecencyList } from './recency.js';

const DISTANCES = PLANE_A;
const RANKS = PLANE_B;
const SYMBOLS = PLANE_C;

export class RepeatsDecoder implements ColumnCodec {
  readonly wireId = 18;
  readonly name = 'repeats';
  readonly #kernels: () => Kernels;
  readonly #list = new RecencyList();
  /** Where the symbols of each context go on, and end. */
  readonly #next = new Int32Array(CONTEXTS);
  readonly #ends = new Int32Array(CONTEXTS);

  /** `provide` is called on the first decode, not before. */
  constructor(provide: () => Kernels) {
    this.#kernels = provide;
  }

  fromLevel(dtype: Dtype): number {
    return itemSize(dtype) === 8 ? 5 : Number.POSITIVE_INFINITY;
  }

  decode(block: BlockReader, column: number, out: TypedArray): void {
    const n = block.rows;
    const { bytes, refs } = block.chunk(column);
    if (n > MAX_ROWS || bytes.length > MAX_INPUT) throw chunkDamage(`${n} rows in ${bytes.length} bytes`, 0);
    if (out.BYTES_PER_ELEMENT !== 8) throw chunkDamage('repeats of elements that are not 8 bytes long', 0);
    if (refs.length > 0) throw chunkDamage('repeats with references', 0);
    const kernels = this.#kernels();
    const reader = new ChunkReader(bytes);
    this.#readCounts(reader, n);
    stage(kernels.arena, bytes);
    for (let context = 0; context < CONTEXTS; context++) {
      const from = this.#next[context];
      readStream(kernels, reader, SYMBOLS + 4 * from, this.#ends[context] - from, false);
    }
    const { u32, u8 } = kernels.arena;
    let news = 0;
    for (let i = 0; i < n; i++) {
      if (u32[(SYMBOLS >> 2) + i] > RECENT_WORDS) throw chunkDamage('a word beyond the list', reader.at);
      if (u32[(SYMBOLS >> 2) + i] === 0) news++;
    }
    readStream(kernels, reader, RANKS, news, false);
    for (let i = 0; i < news; i++) {
      if (u32[(RANKS >> 2) + i] >= RECENT_WORDS) throw chunkDamage('a word beyond the list', reader.at);
    }
    readStream(kernels, reader, DISTANCES, news, true);
    if (reader.at !== reader.length) throw chunkDamage('bytes left over', reader.at);
    this.#repeat(u32, n);
    bytesOf(out).set(u8.subarray(OUT, OUT + 8 * n));
  }

  #readCounts(reader: ChunkReader, n: number): void {
    let left = n;
    for (let context = CONTEXTS - 1; context > 0; context--) this.#next[context] = 0;
    for (let context = 1; context < CONTEXTS; context++) {
      const count = reader.count(left, 'symbols of a context');
      left -= count;
      this.#ends[context] = count;
    }
    this.#next[0] = 0;
    this.#ends[0] = left;
    for (let context = 1; context < CONTEXTS; context++) {
      this.#next[context] = this.#ends[context - 1];
      this.#ends[context] += this.#next[context];
    }
  }

  #repeat(u32: Uint32Array, n: number): void {
    const list = this.#list;
    list.clear();
    let context = 0;
    let news = 0;
    for (let i = 0; i < n; i++) {
      if (this.#next[context] === this.#ends[context]) throw chunkDamage('symbols of a context run out', 0);
      const symbol = u32[(SYMBOLS >> 2) + this.#next[context]++];
      context = contextAfter(symbol);
      const rank = symbol > 0 ? symbol - 1 : u32[(RANKS >> 2) + news];
      let low = list.low[rank];
      let high = list.high[rank];
      if (symbol === 0) {
        const z = u32[(DISTANCES >> 2) + news];
        const zHigh = u32[((DISTANCES + PLANE_BYTES) >> 2) + news++];
        const sign = -(z & 1);
        const sum = low + ((((z >>> 1) | (zHigh << 31)) ^ sign) >>> 0);
        high = (high + ((zHigh >>> 1) ^ sign) + (sum > 0xffff_ffff ? 1 : 0)) >>> 0;
        low = sum >>> 0;
      }
      list.front(low, high, symbol > 0 ? rank : RECENT_WORDS - 1);
      u32[(OUT >> 2) + 2 * i] = low;
      u32[(OUT >> 2) + 2 * i + 1] = high;
    }
  }
}

/** Words that return; encoded by `large-encoders.ts`. */
export const REPEATS: ColumnCodec = new RepeatsDecoder(kernels);
