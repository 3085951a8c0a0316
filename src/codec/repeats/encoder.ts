/** Codes 64-bit words that recur and are not near each other otherwise; docs/format.md has the bytes. */
import type { TypedArray } from '../../dtype.js';
import type { Kernels } from '../../kernels/kernels.js';
import { ChunkWriter } from '../numeric/chunk-writer.js';
import { type Planes, planesOf } from '../numeric/residual-planes.js';
import { planStream, type StreamPolicy, writeStream } from '../numeric/stream.js';
import { CONTEXTS, contextAfter, RECENT_WORDS } from './recency.js';
import { SearchedList } from './searched-list.js';

/** Rows of each stretch that is looked at first, and how many there are. */
const STRETCH_ROWS = 256;
const STRETCHES = 4;
/** Share of rows of a stretch that have to recur for the codec to be tried; the list has 64 entries to fill. */
const FEWEST_REPEATS = 0.2;

const list = new SearchedList();

function wordsOf(values: TypedArray): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
}

/** Whether enough of the column recurs soon. */
export function isRepetitive(values: TypedArray): boolean {
  const n = values.length;
  if (values.BYTES_PER_ELEMENT !== 8 || n < RECENT_WORDS) return false;
  const words = wordsOf(values);
  let repeats = 0;
  let rows = 0;
  for (let s = 0; s < STRETCHES; s++) {
    const from = Math.floor((s * n) / STRETCHES);
    const to = Math.min(from + STRETCH_ROWS, Math.floor(((s + 1) * n) / STRETCHES));
    list.clear();
    for (let i = from; i < to; i++) {
      const rank = list.find(words[2 * i], words[2 * i + 1]);
      if (rank < RECENT_WORDS) repeats++;
      list.front(words[2 * i], words[2 * i + 1], Math.min(rank, RECENT_WORDS - 1));
    }
    rows += to - from;
  }
  return repeats >= rows * FEWEST_REPEATS;
}

/** The listed word nearest to another, where one farther back has to be nearer by a share of its own cost. */
function nearest(low: number, high: number): number {
  const value = (high | 0) * 4294967296 + low;
  let best = 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (let rank = 0; rank < RECENT_WORDS; rank++) {
    const distance = Math.abs((list.high[rank] | 0) * 4294967296 + list.low[rank] - value) * (1 + rank / 8);
    if (distance < fewest) {
      best = rank;
      fewest = distance;
    }
  }
  return best;
}

interface Streams {
  readonly symbols: readonly Planes[];
  readonly counts: Int32Array;
  readonly ranks: Planes;
  /** Zigzag distances from the words at those ranks, modulo 2^64. */
  readonly distances: Planes;
  news: number;
}

function collect(words: Uint32Array, n: number): Streams {
  const symbols = Array.from({ length: CONTEXTS }, () => planesOf(n, false));
  const counts = new Int32Array(CONTEXTS);
  const streams = { symbols, counts, ranks: planesOf(n, false), distances: planesOf(n, true), news: 0 };
  list.clear();
  let context = 0;
  for (let i = 0; i < n; i++) {
    const [low, high] = [words[2 * i], words[2 * i + 1]];
    const rank = list.find(low, high);
    const symbol = rank < RECENT_WORDS ? rank + 1 : 0;
    symbols[context].low[counts[context]++] = symbol;
    context = contextAfter(symbol);
    if (symbol > 0) {
      list.front(low, high, rank);
      continue;
    }
    const place = nearest(low, high);
    streams.ranks.low[streams.news] = place;
    const differenceLow = (low - list.low[place]) | 0;
    const difference = (high - list.high[place] - (low < list.low[place] ? 1 : 0)) | 0;
    const sign = difference >> 31;
    streams.distances.low[streams.news] = (differenceLow << 1) ^ sign;
    streams.distances.high![streams.news++] = ((difference << 1) | (differenceLow >>> 31)) ^ sign;
    list.front(low, high, RECENT_WORDS - 1);
  }
  return streams;
}

/** A chunk of an 8-byte dtype; always exact, smaller only where words recur. */
export function encodeRepeats(kernels: Kernels, values: TypedArray, policy: StreamPolicy): Uint8Array {
  const n = values.length;
  const { symbols, counts, ranks, distances, news } = collect(wordsOf(values), n);
  const writer = new ChunkWriter(4 * n + 64);
  for (let context = 1; context < CONTEXTS; context++) writer.unsigned(counts[context]);
  const write = ({ low, high }: Planes, length: number, mantissas: readonly number[]) => {
    const planes = { low: low.subarray(0, length), high: high?.subarray(0, length), length };
    writeStream(kernels, writer, planStream(kernels, planes, { ...policy, mantissas }));
  };
  for (const [context, planes] of symbols.entries()) write(planes, counts[context], policy.mantissas);
  write(ranks, news, policy.mantissas);
  // Only the magnitude of a distance is worth a class.
  write(distances, news, [1, ...policy.mantissas.filter((bits) => bits !== 1)]);
  return writer.finish();
}
