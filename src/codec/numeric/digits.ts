/**
 * Digit groups, for volumes: every row is a mantissa times a power of ten, rows of the same power are coded together.
 * Round lots then cost their few digits, and each precision has its own table.
 */
import { TEN_TO } from '../../kernels/powers.js';
import { isWide, type Units } from './predictors.js';
import { type Planes, planesOf } from './residual-planes.js';

const MAX_ZEROS = 15;

export interface DigitGroups {
  /** Power of ten of each group. */
  readonly exponents: readonly number[];
  readonly symbols: Planes;
  /** Mantissas, group after group. */
  readonly mantissas: readonly Planes[];
}

function trailingZeros(x: number): number {
  if (x === 0) return MAX_ZEROS;
  let zeros = 0;
  let rest = x;
  while (zeros < MAX_ZEROS) {
    const tenth = Math.floor(rest / 10);
    if (tenth * 10 !== rest) break;
    rest = tenth;
    zeros++;
  }
  return zeros;
}

/** Powers that enough rows have to deserve a group; the rest joins the next lower one. Power 0 is always there. */
function choosePowers(counts: Int32Array, fewest: number): number[] {
  const powers: number[] = [];
  let waiting = 0;
  for (let zeros = MAX_ZEROS; zeros > 0; zeros--) {
    waiting += counts[zeros];
    if (waiting < fewest) continue;
    powers.unshift(zeros);
    waiting = 0;
  }
  powers.unshift(0);
  return powers;
}

/** Groups of a column of numbers >= 0, or undefined where there is only one. `fewest` rows make a group. */
export function digitGroups(u: Units, fewest: number): DigitGroups | undefined {
  const n = u.length;
  const zeros = new Uint8Array(n);
  const counts = new Int32Array(MAX_ZEROS + 1);
  for (let i = 0; i < n; i++) {
    if (u[i] < 0) return undefined;
    zeros[i] = trailingZeros(u[i]);
    counts[zeros[i]]++;
  }
  const exponents = choosePowers(counts, fewest);
  if (exponents.length < 2) return undefined;
  const groupOf = new Uint8Array(MAX_ZEROS + 1);
  for (let zero = 0, group = 0; zero <= MAX_ZEROS; zero++) {
    if (group + 1 < exponents.length && exponents[group + 1] <= zero) group++;
    groupOf[zero] = group;
  }
  const sizes = new Int32Array(exponents.length);
  const symbols = planesOf(n, false);
  for (let i = 0; i < n; i++) {
    symbols.low[i] = groupOf[zeros[i]];
    sizes[symbols.low[i]]++;
  }
  const mantissas = exponents.map((_, group) => planesOf(sizes[group], isWide(u)));
  const next = new Int32Array(exponents.length);
  for (let i = 0; i < n; i++) {
    const group = symbols.low[i];
    const mantissa = u[i] / TEN_TO[exponents[group]];
    const k = next[group]++;
    const top = Math.floor(mantissa / 4294967296);
    mantissas[group].low[k] = mantissa - top * 4294967296;
    if (mantissas[group].high !== undefined) mantissas[group].high[k] = top;
  }
  return { exponents, symbols, mantissas };
}
