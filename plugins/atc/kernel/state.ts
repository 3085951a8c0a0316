/** The state of a symbol before its first bar, with the tables its parameters amount to (layout.ts). */
import { ATC_FAMILIES, type AtcFamily, LENGTHS_PER_FAMILY, longestLength, nineLengths } from '../families.js';
import { growthTable } from '../growth.js';
import { KAMA_FASTEST, KAMA_SLOWEST } from '../kama-smoothing.js';
import { baseLength, familyWeight, type ResolvedAtcParameters } from '../parameters.js';
import { EQUITY_FLOOR } from '../reference/equity.js';
import * as at from './layout.js';

/** Families by lane: pair by pair, the two lanes of a vector beside each other. */
export const LANE_FAMILIES: readonly AtcFamily[] = ['ema', 'dema', 'wma', 'lsma', 'hma', 'kama'];

/** Bars between two rebuilds of the running sums, unless the windows are long. */
const SHORTEST_SPAN = 128;

/** Rounding of a direct sum, as a share of the price, for windows of up to 128 bars. */
const PRICE_SHARE = 1e-11;

/** Room above the rounding of the running sums, 2^-44: about 500 times half an ulp. */
const REACH_SHARE = 1 / 17_592_186_044_416;

const triangle = (n: number) => (n * (n + 1)) / 2;
const rootOf = (length: number) => Math.floor(Math.sqrt(length));

type Lengths = Readonly<Record<AtcFamily, readonly number[]>>;

/**
 * Writes doubles and 32-bit distances at byte offsets. WASM memory is little-endian, and so is every processor Node
 * runs on.
 */
class StateWriter {
  readonly #doubles: Float64Array;
  readonly #integers: Int32Array;

  constructor(readonly bytes: ArrayBuffer) {
    this.#doubles = new Float64Array(bytes);
    this.#integers = new Int32Array(bytes);
  }

  double(offset: number, value: number): void {
    this.#doubles[offset / 8] = value;
  }

  integer(offset: number, value: number): void {
    this.#integers[offset / 4] = value;
  }

  fill(offset: number, count: number, value: number): void {
    this.#doubles.fill(value, offset / 8, offset / 8 + count);
  }
}

/**
 * Bars that the running sums reach back. Kaufman averages are the one family whose last bits depend on it, and so on
 * the lengths of the others.
 */
export function historyOf(parameters: ResolvedAtcParameters): number {
  const { robustness } = parameters;
  const longest = Math.max(...ATC_FAMILIES.map((family) => longestLength(baseLength(parameters, family), robustness)));
  return longest + rootOf(longestLength(parameters.hmaLength, robustness)) + 1;
}

/** Bars between two rebuilds of running sums that reach back so far. */
export function spanOf(history: number): number {
  return Math.max(SHORTEST_SPAN, Math.floor(history / 4));
}

/**
 * A fresh state; its byte length is a multiple of 16 and depends on the lengths only. `history`: at least what the
 * parameters need; more gives Kaufman averages the bits that they have beside longer averages.
 */
export function createState(parameters: ResolvedAtcParameters, history = historyOf(parameters)): ArrayBuffer {
  const { robustness } = parameters;
  const lengths = Object.fromEntries(
    ATC_FAMILIES.map((family) => [family, nineLengths(baseLength(parameters, family), robustness)]),
  ) as unknown as Lengths;
  const rowHistory = rootOf(longestLength(parameters.hmaLength, robustness));
  const span = spanOf(history);
  const rows = at.RECORDS + (history + span) * at.RECORD_BYTES;

  const state = new StateWriter(new ArrayBuffer(rows + (rowHistory + span) * at.ROW_BYTES));
  state.integer(at.POSITION, history);
  state.integer(at.HISTORY, history);
  state.integer(at.SPAN, span);
  state.integer(at.ROW_HISTORY, rowHistory);
  state.integer(at.ROWS, rows);
  state.double(at.PRICE_GUARD, PRICE_SHARE * Math.max(1, history / 128));
  state.double(at.REACH_GUARD, REACH_SHARE * triangle(history + span));
  writeParameters(state, parameters);
  writeLengths(state, lengths);
  for (let j = 0; j < LENGTHS_PER_FAMILY; j++) {
    writeExponential(state, j, 0, lengths.ema[j]);
    writeExponential(state, j, 1, lengths.dema[j]);
    writeWeighted(state, j, lengths.wma[j]);
    writeLeastSquares(state, j, lengths.lsma[j]);
  }
  for (let lane = 0; lane < 10; lane++) {
    const j = Math.min(lane, LENGTHS_PER_FAMILY - 1);
    writeHull(state, lane, lengths.hma[j]);
    state.integer(at.KAMA_BACK + 4 * lane, -lengths.kama[j] * at.RECORD_BYTES);
    writeLine(state, lane, lengths.lsma[j]);
  }

  // What is undefined before the first bar.
  state.double(at.PREVIOUS_CLOSE, Number.NaN);
  state.double(at.STILL_CLOSE, Number.NaN);
  state.fill(at.RECURSIVE + at.ADAPTIVE, 10, Number.NaN);
  state.fill(at.BEFORE, 54, Number.NaN);
  state.fill(at.EQUITY, 54, 1);
  for (let record = 0; record < history; record++) {
    state.double(at.RECORDS + record * at.RECORD_BYTES + at.RECORD_CLOSE, Number.NaN);
  }
  return state.bytes;
}

function writeParameters(state: StateWriter, parameters: ResolvedAtcParameters): void {
  state.double(at.CUTOUT, parameters.cutout);
  state.double(at.KEPT, 1 - parameters.decay / 100);
  state.double(at.CUT_LONG, parameters.cut.long);
  state.double(at.CUT_SHORT, parameters.cut.short);
  state.integer(at.SHIFTED, parameters.strategyMode ? 1 : 0);
  state.double(at.KAMA_SLOW, KAMA_SLOWEST);
  state.double(at.KAMA_RANGE, KAMA_FASTEST - KAMA_SLOWEST);
  state.double(at.EMA_FACTOR, 1);
  state.double(at.EMA_FACTOR + 8, 2);
  const table = growthTable(parameters.lambda / 1000);
  for (let k = 0; k < table.length; k++) state.double(at.GROWTH + 8 * k, table[k]);
  for (let lane = 0; lane < LANE_FAMILIES.length; lane++) {
    const weight = familyWeight(parameters, LANE_FAMILIES[lane]);
    state.double(at.FAMILY_EQUITY + 8 * lane, Math.max(weight, EQUITY_FLOOR));
  }
}

function writeLengths(state: StateWriter, lengths: Lengths): void {
  let next = at.LENGTHS;
  let clean = 0;
  for (const family of ATC_FAMILIES) {
    for (const length of lengths[family]) {
      state.integer(next, length);
      next += 4;
      if (family === 'wma' || family === 'lsma') clean = Math.max(clean, length);
      else if (family === 'hma') clean = Math.max(clean, length + rootOf(length) - 1);
      else if (family === 'kama') clean = Math.max(clean, length + 2);
    }
  }
  state.integer(at.CLEAN_NEEDED, clean);
  state.integer(at.SEED_NEEDED, Math.max(...lengths.ema, ...lengths.dema));
}

/** Lane 0 is an ema, whose second recursion stays at 0; lane 1 a dema. */
function writeExponential(state: StateWriter, j: number, lane: 0 | 1, length: number): void {
  const offset = 16 * j + 8 * lane;
  const take = 1 / (1 + (length - 1) / 2);
  state.double(at.EMA_KEEP + offset, 1 - take);
  state.double(at.EMA_TAKE + offset, take);
  state.double(at.EMA_KEEP2 + offset, lane === 0 ? 1 : 1 - take);
  state.double(at.EMA_TAKE2 + offset, lane === 0 ? 0 : take);
  state.double(at.GAP_WEIGHT + offset, 1);
  state.double(at.RECURSIVE + offset, Number.NaN);
  state.double(at.RECURSIVE + at.SECOND + offset, lane === 0 ? 0 : Number.NaN);
}

function writeWeighted(state: StateWriter, j: number, length: number): void {
  state.double(at.FIT_SUM + 16 * j, 2 / (length + 1));
  state.double(at.FIT_RAMP + 16 * j, 1 / triangle(length));
  state.integer(at.FIT_BACK + 8 * j, -length * at.RECORD_BYTES);
}

/** The value of the fitted line at its newest end is a sum of the plain and the ramp-weighted sum of the window. */
function writeLeastSquares(state: StateWriter, j: number, length: number): void {
  const sumX = triangle(length);
  const sumXX = (sumX * (2 * length + 1)) / 3;
  const divisor = length * sumXX - sumX * sumX;
  const ramp = (length * length - sumX) / divisor;
  const plain = (sumXX - length * sumX) / divisor;
  state.double(at.FIT_SUM + 16 * j + 8, length * ramp + plain);
  state.double(at.FIT_RAMP + 16 * j + 8, ramp);
  state.double(at.FIT_OLD + 16 * j + 8, plain);
  state.integer(at.FIT_BACK + 8 * j + 4, -length * at.RECORD_BYTES);
}

/** The sums over x = 1 … n, in the order in which a direct sum has them (scalar/direct.ts). */
function writeLine(state: StateWriter, lane: number, n: number): void {
  const sumX = 0.5 * n * (n + 1);
  const sumXX = (sumX * (2 * n + 1)) / 3;
  state.double(at.LINE_LENGTH + 8 * lane, n);
  state.double(at.LINE_SUM + 8 * lane, sumX);
  state.double(at.LINE_SQUARES + 8 * lane, sumXX);
  state.double(at.LINE_DIVISOR + 8 * lane, n * sumXX - sumX * sumX);
}

function writeHull(state: StateWriter, lane: number, whole: number): void {
  const half = Math.floor(whole / 2);
  const root = rootOf(whole);
  state.double(at.HULL_SUM + 8 * lane, (2 * half) / triangle(half) - whole / triangle(whole));
  state.double(at.HULL_HALF + 8 * lane, 2 / triangle(half));
  state.double(at.HULL_WHOLE + 8 * lane, 1 / triangle(whole));
  state.double(at.HULL_ROOT + 8 * lane, root);
  state.double(at.HULL_SCALE + 8 * lane, 1 / triangle(root));
  state.integer(at.HULL_HALF_BACK + 4 * lane, -half * at.RECORD_BYTES);
  state.integer(at.HULL_WHOLE_BACK + 4 * lane, -whole * at.RECORD_BYTES);
  state.integer(at.HULL_ROW_BACK + 4 * lane, 8 * lane - root * at.ROW_BYTES);
}
