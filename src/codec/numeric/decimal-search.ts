/**
 * Which decimal a column of doubles is made of: the smallest exponent e and the form for which a sample of values is
 * restored bit for bit from integers (the idea of ALP, A. Afroozeh, L. Kuffo, P. Boncz, SIGMOD 2023).
 */
import { FORM_DIVIDE, FORM_MULTIPLY, FORM_SINGLE, FORM_SPLIT } from '../../kernels/kernels.js';
import { MAX_EXPONENT } from '../../kernels/powers.js';
import { decimalInteger, decimalValue } from '../../kernels/reference/decimal.js';

export interface Decimal {
  readonly form: number;
  readonly exponent: number;
  /**
   * Share of the finite sampled values that are restored exactly, plus 0.9 times the share restored within some ulps.
   */
  readonly score: number;
}

/** A larger exponent or another form has to gain more than this share of the sample. */
const STEP = 0.002;
/** Below this score a column is not taken as decimal. */
export const DECIMAL_SCORE = 0.9;
/** Relative distance that counts as near: some four units in the last place. */
const NEAR = 1e-15;
const WIDE_LIMIT = 0x8_0000_0000_0000;

/** One value in so many is examined first: most exponents are plainly wrong, and a few values show it. */
const GLANCE_STEP = 8;
/** A score of that few values below this stands for one below HOPELESS of them all. */
const GLANCE_SCORE = 0.25;
/** Score below which an exponent is not tried in other forms. */
const HOPELESS = 0.5;

function scoreOf(sample: Float64Array, form: number, exponent: number): number {
  const glance = sample.length > 16 * GLANCE_STEP ? scoreOfEvery(GLANCE_STEP, sample, form, exponent) : 1;
  return glance < GLANCE_SCORE ? glance : scoreOfEvery(1, sample, form, exponent);
}

function scoreOfEvery(step: number, sample: Float64Array, form: number, exponent: number): number {
  let exact = 0;
  let near = 0;
  for (let i = 0; i < sample.length; i += step) {
    const x = sample[i];
    const v = decimalInteger(x, exponent);
    if (!(Math.abs(v) < WIDE_LIMIT)) continue;
    const back = decimalValue(v, form, exponent);
    if (back === x) exact++;
    else if (Math.abs(back - x) <= NEAR * Math.abs(x)) near++;
  }
  return (exact + 0.9 * near) / Math.ceil(sample.length / step);
}

/** `sample`: finite values. Undefined for an empty sample or one that is not decimal. */
export function findDecimal(sample: Float64Array, single: boolean): Decimal | undefined {
  if (sample.length === 0) return undefined;
  let best: Decimal = { form: FORM_DIVIDE, exponent: 0, score: 0 };
  for (let exponent = 0; exponent <= MAX_EXPONENT && best.score < 1; exponent++) {
    const divide = { form: FORM_DIVIDE, exponent, score: scoreOf(sample, FORM_DIVIDE, exponent) };
    if (divide.score > best.score + STEP || divide.score === 1) best = divide;
    if (divide.score < HOPELESS && !single) continue;
    for (const form of single ? [FORM_SINGLE] : [FORM_SPLIT, FORM_MULTIPLY]) {
      if (best.score === 1) break;
      const other = { form, exponent, score: scoreOf(sample, form, exponent) };
      if (other.score > best.score + STEP || other.score === 1) best = other;
    }
  }
  return best.score >= DECIMAL_SCORE ? best : undefined;
}

/** Finite values among `rows`, at most as many as there are rows. */
export function finiteSample(values: ArrayLike<number>, rows: Int32Array): { sample: Float64Array; single: boolean } {
  const sample = new Float64Array(rows.length);
  let count = 0;
  let single = true;
  for (const row of rows) {
    const x = values[row];
    if (!Number.isFinite(x)) continue;
    sample[count++] = x;
    if (Math.fround(x) !== x) single = false;
  }
  return { sample: sample.subarray(0, count), single };
}
