/**
 * The class table of a tANS stream, encoder: histogram of magnitude classes, counts quantised to four steps an octave
 * (about 3 bits a class in the chunk instead of 8, for less than 0.01 bit a value), and their bits.
 */
import type { Kernels } from '../../kernels/kernels.js';
import { classOf } from '../../kernels/reference/tans.js';
import { countOfIndex } from '../../kernels/reference/untans.js';
import { log2Of } from './log2.js';

/** Mantissa bits of the finest histogram; coarser ones are merged from it. */
export const FINEST = 6;

export interface ClassTable {
  readonly mantissaBits: number;
  readonly tableLog: number;
  /** Used classes, ascending, and their state counts. */
  readonly symbols: Int32Array;
  readonly states: Int32Array;
  readonly remainder: number;
  /** Count index of each class; the remainder's is unused. */
  readonly indexes: Int32Array;
  readonly rice: number;
  /** Bits of the whole stream: table, states, values. */
  readonly bits: number;
}

/** Values per class at FINEST mantissa bits. */
export interface Histogram {
  readonly symbols: Int32Array;
  readonly counts: Float64Array;
  readonly total: number;
}

/** Of the n values in plane A. */
export function histogramOf(kernels: Kernels, n: number, wide: boolean): Histogram {
  const fine = kernels.histogram(n, wide, FINEST);
  let used = 0;
  for (let c = 0; c < fine.length; c++) if (fine[c] > 0) used++;
  const symbols = new Int32Array(used);
  const counts = new Float64Array(used);
  for (let c = 0, k = 0; k < used; c++) {
    if (fine[c] === 0) continue;
    symbols[k] = c;
    counts[k++] = fine[c];
  }
  return { symbols, counts, total: n };
}

/** Bits of the values of a class at FINEST. */
function bitsOfFine(symbol: number): number {
  return symbol < 2 << FINEST ? 32 - Math.clz32(symbol) : (symbol >> FINEST) + FINEST;
}

/** The histogram at fewer mantissa bits, with the raw bits the values then need. */
function coarsen(histogram: Histogram, mantissaBits: number): { symbols: number[]; counts: number[]; rawBits: number } {
  const symbols: number[] = [];
  const counts: number[] = [];
  let rawBits = 0;
  for (let k = 0; k < histogram.symbols.length; k++) {
    const symbol = histogram.symbols[k];
    const count = histogram.counts[k];
    const bits = bitsOfFine(symbol);
    const direct = symbol < 2 << FINEST;
    const mantissa = direct ? 0 : (symbol & ((1 << FINEST) - 1)) >> (FINEST - mantissaBits);
    const merged = direct ? classOf(symbol, 0, mantissaBits) : ((bits - mantissaBits) << mantissaBits) | mantissa;
    if (symbols.at(-1) === merged) counts[counts.length - 1] += count;
    else {
      symbols.push(merged);
      counts.push(count);
    }
    rawBits += count * Math.max(0, bits - 1 - mantissaBits);
  }
  return { symbols, counts, rawBits };
}

/** Largest count index not above `count`, or the next where that is nearer. */
function nearestIndex(count: number): number {
  let index = 0;
  while (countOfIndex(index + 1) <= count) index++;
  const below = countOfIndex(index);
  const above = countOfIndex(index + 1);
  return count > below && count * count > below * above ? index + 1 : index;
}

/** Bits a move has to save. */
const LEAST_GAIN = 0.5;

/** Moves single classes by one step as long as that makes the values cheaper or is needed for a positive remainder. */
function balance(indexes: Int32Array, counts: readonly number[], remainder: number, size: number): number {
  let left = size;
  for (let k = 0; k < indexes.length; k++) if (k !== remainder) left -= countOfIndex(indexes[k]);
  const weight = counts[remainder];
  for (let round = 0; round < indexes.length + 64; round++) {
    let best = -1;
    let bestStep = 0;
    let bestGain = 0;
    for (let k = 0; k < indexes.length; k++) {
      if (k === remainder) continue;
      const now = countOfIndex(indexes[k]);
      for (const step of [-1, 1]) {
        if (indexes[k] + step < 0) continue;
        const then = countOfIndex(indexes[k] + step);
        const leftThen = left + now - then;
        if (then >= size || (leftThen < 1 && step > 0)) continue;
        const ownGain = counts[k] * (log2Of(then) - log2Of(now));
        const gain =
          left < 1 || leftThen < 1
            ? ownGain / (now - then) + 1e9
            : ownGain + weight * (log2Of(Math.min(leftThen, size)) - log2Of(left));
        if (gain > bestGain + LEAST_GAIN) {
          best = k;
          bestStep = step;
          bestGain = gain;
        }
      }
    }
    if (best < 0) break;
    left += countOfIndex(indexes[best]);
    indexes[best] += bestStep;
    left -= countOfIndex(indexes[best]);
  }
  return left;
}

function zigzagSteps(indexes: Int32Array, remainder: number): number[] {
  const steps: number[] = [];
  let previous = 0;
  for (let k = 0; k < indexes.length; k++) {
    if (k === remainder) continue;
    const step = indexes[k] - previous;
    steps.push(step < 0 ? -2 * step - 1 : 2 * step);
    previous = indexes[k];
  }
  return steps;
}

/** Bits a class costs in a table, more or less. */
const CLASS_BITS = 5;

/** What a stream would cost at these mantissa bits with perfect tables, in bits. */
export function estimateBits(histogram: Histogram, mantissaBits: number): number {
  const { counts, rawBits } = coarsen(histogram, mantissaBits);
  let bits = rawBits + CLASS_BITS * counts.length + histogram.total * log2Of(histogram.total);
  for (const count of counts) bits -= count * log2Of(count);
  return bits;
}

/** Number of bits below the leading one. */
function floorLog2(x: number): number {
  return 31 - Math.clz32(x);
}

/** The table for one choice of mantissa bits and table size, or undefined where the classes do not fit. */
export function buildClassTable(histogram: Histogram, mantissaBits: number, tableLog: number): ClassTable | undefined {
  const { symbols, counts, rawBits } = coarsen(histogram, mantissaBits);
  const size = 1 << tableLog;
  let headerBits = 8 * 2;
  let previous = -1;
  for (const symbol of symbols) {
    headerBits += 2 * floorLog2(symbol - previous) + 1;
    previous = symbol;
  }
  const base = { mantissaBits, symbols: Int32Array.from(symbols) };
  if (symbols.length === 1) {
    const alone = { tableLog: 0, states: Int32Array.of(1), remainder: 0, indexes: Int32Array.of(0), rice: 0 };
    return { ...base, ...alone, bits: headerBits + 8 + rawBits };
  }
  if (symbols.length > size >> 1) return undefined;
  let remainder = 0;
  for (let k = 1; k < counts.length; k++) if (counts[k] > counts[remainder]) remainder = k;
  const indexes = Int32Array.from(counts, (count) => nearestIndex((count * size) / histogram.total));
  const left = balance(indexes, counts, remainder, size);
  if (left < 1) return undefined;
  const states = Int32Array.from(indexes, (index, k) => (k === remainder ? left : countOfIndex(index)));
  const steps = zigzagSteps(indexes, remainder);
  let rice = 0;
  let riceBits = Number.POSITIVE_INFINITY;
  for (let k = 0; k <= 4; k++) {
    let bits = 0;
    for (const step of steps) bits += (step >> k) + 1 + k;
    if (bits < riceBits) {
      rice = k;
      riceBits = bits;
    }
  }
  let valueBits = rawBits;
  for (let k = 0; k < counts.length; k++) valueBits += counts[k] * (tableLog - log2Of(states[k]));
  const bits = headerBits + 8 * 3 + riceBits + 8 + 4 * tableLog + 8 + valueBits;
  return { ...base, tableLog, states, remainder, indexes, rice, bits };
}

export { floorLog2, zigzagSteps };
