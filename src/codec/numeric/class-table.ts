/**
 * The class table of a tANS stream, encoder: histogram of magnitude classes, counts quantised to four steps an octave
 * (about 3 bits a class in the chunk instead of 8, for less than 0.01 bit a value), and their bits.
 */
import type { Kernels } from '../../kernels/kernels.js';
import { classOf } from '../../kernels/reference/tans.js';
import { countOfIndex } from '../../kernels/reference/untans.js';
import { balance, nearestIndex, zigzagSteps } from './class-counts.js';
import { floorLog2, log2Of } from './log2.js';

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

/** Values per class. */
interface Classes {
  readonly symbols: Int32Array;
  readonly counts: Float64Array;
}

/** Classes of fewer mantissa bits. */
interface Coarse extends Classes {
  /** Bits of the values below their classes. */
  readonly rawBits: number;
  /** Bits of the list of classes. */
  readonly listBits: number;
}

/** Values per class at FINEST mantissa bits, and at the fewer ones that were asked for. */
export interface Histogram extends Classes {
  readonly total: number;
  readonly coarse: Map<number, Coarse>;
}

/** Room for the classes of one histogram: of 64-bit values at FINEST mantissa bits. */
const MOST_CLASSES = (64 - FINEST + 1) << FINEST;
const symbolRoom = new Int32Array(MOST_CLASSES);
const countRoom = new Float64Array(MOST_CLASSES);

/** Of the n values in plane A. */
export function histogramOf(kernels: Kernels, n: number, wide: boolean): Histogram {
  const fine = kernels.histogram(n, wide, FINEST);
  let used = 0;
  for (let c = 0; c < fine.length; c++) {
    const count = fine[c];
    if (count === 0) continue;
    symbolRoom[used] = c;
    countRoom[used++] = count;
  }
  return { symbols: symbolRoom.slice(0, used), counts: countRoom.slice(0, used), total: n, coarse: new Map() };
}

/** Bits of the values of a class at FINEST. */
function bitsOfFine(symbol: number): number {
  return symbol < 2 << FINEST ? 32 - Math.clz32(symbol) : (symbol >> FINEST) + FINEST;
}

function coarsen({ symbols, counts }: Classes, mantissaBits: number): Coarse {
  let used = 0;
  let last = -1;
  let rawBits = 0;
  let listBits = 0;
  for (let k = 0; k < symbols.length; k++) {
    const symbol = symbols[k];
    const count = counts[k];
    const bits = bitsOfFine(symbol);
    const direct = symbol < 2 << FINEST;
    const mantissa = direct ? 0 : (symbol & ((1 << FINEST) - 1)) >> (FINEST - mantissaBits);
    const merged = direct ? classOf(symbol, 0, mantissaBits) : ((bits - mantissaBits) << mantissaBits) | mantissa;
    if (merged === last) countRoom[used - 1] += count;
    else {
      listBits += 2 * floorLog2(merged - last) + 1;
      symbolRoom[used] = last = merged;
      countRoom[used++] = count;
    }
    if (bits > 1 + mantissaBits) rawBits += count * (bits - 1 - mantissaBits);
  }
  return { symbols: symbolRoom.slice(0, used), counts: countRoom.slice(0, used), rawBits, listBits };
}

/** The histogram at fewer mantissa bits. */
function coarseOf(histogram: Histogram, mantissaBits: number): Coarse {
  let coarse = histogram.coarse.get(mantissaBits);
  if (coarse === undefined) histogram.coarse.set(mantissaBits, (coarse = coarsen(histogram, mantissaBits)));
  return coarse;
}

/** Bits a class costs in a table, more or less. */
const CLASS_BITS = 5;

/** What a stream would cost at these mantissa bits with perfect tables, in bits. */
export function estimateBits(histogram: Histogram, mantissaBits: number): number {
  const { counts, rawBits } = coarseOf(histogram, mantissaBits);
  let bits = rawBits + CLASS_BITS * counts.length + histogram.total * log2Of(histogram.total);
  for (let k = 0; k < counts.length; k++) bits -= counts[k] * log2Of(counts[k]);
  return bits;
}

/** Bits of the parameters of a table of several classes, and of the states that a stream begins with. */
function fixedBits(tableLog: number): number {
  return 8 * 3 + 8 + 4 * tableLog + 8;
}

/**
 * Bits that no table of these mantissa bits comes below, `estimate` being theirs: its list of classes, a bit for each
 * count, and values at perfect counts.
 */
export function leastBits(estimate: number, histogram: Histogram, mantissaBits: number, tableLog: number): number {
  const { counts, listBits } = coarseOf(histogram, mantissaBits);
  const classes = counts.length;
  if (classes === 1) return 0;
  // A bit less than what is counted, for sums that are not exact.
  return estimate - CLASS_BITS * classes + 8 * 2 + listBits + classes - 1 + fixedBits(tableLog) - 1;
}

/** The table for one choice of mantissa bits and table size, or undefined where the classes do not fit. */
export function buildClassTable(histogram: Histogram, mantissaBits: number, tableLog: number): ClassTable | undefined {
  const { symbols, counts, rawBits, listBits } = coarseOf(histogram, mantissaBits);
  const size = 1 << tableLog;
  const headerBits = 8 * 2 + listBits;
  const base = { mantissaBits, symbols };
  if (symbols.length === 1) {
    const alone = { tableLog: 0, states: Int32Array.of(1), remainder: 0, indexes: Int32Array.of(0), rice: 0 };
    return { ...base, ...alone, bits: headerBits + 8 + rawBits };
  }
  if (symbols.length > size >> 1) return undefined;
  let remainder = 0;
  for (let k = 1; k < counts.length; k++) if (counts[k] > counts[remainder]) remainder = k;
  const indexes = new Int32Array(counts.length);
  for (let k = 0; k < counts.length; k++) indexes[k] = nearestIndex((counts[k] * size) / histogram.total);
  const left = balance(indexes, counts, remainder, size);
  if (left < 1) return undefined;
  const states = new Int32Array(counts.length);
  for (let k = 0; k < counts.length; k++) states[k] = k === remainder ? left : countOfIndex(indexes[k]);
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
  const bits = headerBits + riceBits + fixedBits(tableLog) + valueBits;
  return { ...base, tableLog, states, remainder, indexes, rice, bits };
}
