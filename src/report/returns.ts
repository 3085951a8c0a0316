/** Figures of a series of returns. Two passes over what is stored, sums with their rounding errors carried along. */

/** A float64 list that doubles when it is full. */
export class NumberList {
  length = 0;
  #values = new Float64Array(256);

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Float64Array(this.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  /** A view, valid until the next push. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.length);
  }
}

/** Sum after Neumaier (1974): the error does not grow with the number of terms. */
export function sumOf(values: ArrayLike<number>, term: (value: number) => number = (value) => value): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i += 1) {
    const next = term(values[i]);
    const total = sum + next;
    lost += Math.abs(sum) >= Math.abs(next) ? sum - total + next : next - total + sum;
    sum = total;
  }
  return sum + lost;
}

/** NaN of nothing. */
export function meanOf(values: ArrayLike<number>): number {
  return values.length === 0 ? Number.NaN : sumOf(values) / values.length;
}

export interface Moments {
  readonly mean: number;
  /** With n - 1; NaN below two values. */
  readonly deviation: number;
  /** Root of the mean square of what lies below 0, over all values. */
  readonly downside: number;
  /** m3 / m2^1.5; NaN without variation. */
  readonly skewness: number;
  /** m4 / m2² - 3; NaN without variation. */
  readonly kurtosis: number;
}

export function momentsOf(values: ArrayLike<number>): Moments {
  const count = values.length;
  const mean = meanOf(values);
  const squares = sumOf(values, (value) => (value - mean) ** 2);
  const second = squares / count;
  const varies = count > 1 && second > 0 && variesIn(values);
  return {
    mean,
    deviation: count < 2 ? Number.NaN : varies ? Math.sqrt(squares / (count - 1)) : 0,
    downside: Math.sqrt(sumOf(values, (value) => Math.min(value, 0) ** 2) / count),
    skewness: varies ? sumOf(values, (value) => (value - mean) ** 3) / count / second ** 1.5 : Number.NaN,
    kurtosis: varies ? sumOf(values, (value) => (value - mean) ** 4) / count / second ** 2 - 3 : Number.NaN,
  };
}

/** Equal values have a rounded mean that none of them equals: no variation comes of that. */
function variesIn(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i += 1) if (values[i] !== values[0]) return true;
  return false;
}

/** Linear between the two nearest of sorted values (type 7 of Hyndman and Fan 1996); NaN of nothing. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/** Value at risk and its mean excess, 95 %, as losses: positive where something is lost. */
export function tailOf(values: Float64Array): { readonly valueAtRisk: number; readonly expectedShortfall: number } {
  const sorted = values.slice().sort();
  const edge = quantileOf(sorted, 0.05);
  let count = 0;
  while (count < sorted.length && sorted[count] <= edge) count += 1;
  // Subtracted from 0: no -0, which JSON does not have.
  return { valueAtRisk: 0 - edge, expectedShortfall: 0 - meanOf(sorted.subarray(0, count)) };
}

/** How often returns fall between `edges[i]` and `edges[i + 1]`; the last edge belongs to the last bin. */
export interface Histogram {
  /** One more than `counts`, ascending. */
  readonly edges: readonly number[];
  /** Returns in each bin. */
  readonly counts: readonly number[];
}

/** Bins of equal width from the lowest to the highest return. Empty of nothing, one bin where all are equal. */
export function histogramOf(values: Float64Array, bins = 41): Histogram {
  if (values.length === 0) return { edges: [], counts: [] };
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low === high) return { edges: [low, high], counts: [values.length] };
  const width = (high - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(Math.floor((value - low) / width), bins - 1)] += 1;
  return { edges: Array.from({ length: bins + 1 }, (_, k) => (k === bins ? high : low + k * width)), counts };
}
