/**
 * Linear prediction of full-mantissa columns: coefficients by least squares (covariance method) over the differences of
 * the 64-bit integers. Sums run in one fixed order, so every machine fits the same coefficients.
 */
import { float64Rows } from './row-pool.js';

/** Differences a fit looks at. */
const MOST_DIFFERENCES = 20_000;
/** Ridge, as a share of the diagonal: nearly dependent columns stay solvable. */
const RIDGE = 1e-9;

/** Sum of d(i) * d(i - lag) over rows [from, to), in four interleaved partial sums. */
function lagged(d: Float64Array, lag: number, from: number, to: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let e = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    a += d[i] * d[i - lag];
    b += d[i + 1] * d[i + 1 - lag];
    c += d[i + 2] * d[i + 2 - lag];
    e += d[i + 3] * d[i + 3 - lag];
  }
  for (; i < to; i++) a += d[i] * d[i - lag];
  return a + b + (c + e);
}

/**
 * Products of lagged differences: matrix[j][k] = sum over i in [order, n) of d(i-j) * d(i-k). All entries of one lag k
 * - j share the products of rows [order, n - order); what each has at either end is added, never taken off.
 */
function products(d: Float64Array, n: number, order: number): Float64Array {
  const size = order + 1;
  const matrix = new Float64Array(size * size);
  for (let lag = 0; lag < size; lag++) {
    // d(i-lag) must exist: the shared rows begin where the deepest one does.
    const core = lagged(d, lag, order, n - order);
    for (let j = 0; j + lag < size; j++) {
      let sum = core;
      for (let i = order - j; i < order; i++) sum += d[i] * d[i - lag];
      for (let i = n - order; i < n - j; i++) sum += d[i] * d[i - lag];
      matrix[j * size + j + lag] = sum;
      matrix[(j + lag) * size + j] = sum;
    }
  }
  return matrix;
}

/** Coefficients for the newest difference first, or undefined where the fit has no solution. */
export function fitCoefficients(differences: Float64Array, order: number): Float64Array | undefined {
  const n = Math.min(differences.length, MOST_DIFFERENCES);
  if (n < 4 * order) return undefined;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const size = Math.abs(differences[i]);
    if (size > largest) largest = size;
  }
  if (largest === 0) return undefined;
  const scaled = float64Rows(n);
  for (let i = 0; i < n; i++) scaled[i] = differences[i] / largest;
  return solve(products(scaled, n, order), order + 1);
}

/** Solves the normal equations by LDL' decomposition; row and column 0 hold the right-hand side. */
function solve(matrix: Float64Array, size: number): Float64Array | undefined {
  const order = size - 1;
  const lower = new Float64Array(order * order);
  const diagonal = new Float64Array(order);
  for (let j = 0; j < order; j++) {
    const own = matrix[(j + 1) * size + j + 1];
    let d = own * (1 + RIDGE);
    for (let k = 0; k < j; k++) d -= lower[j * order + k] * lower[j * order + k] * diagonal[k];
    if (!(d > own * 1e-14)) return undefined;
    diagonal[j] = d;
    for (let i = j + 1; i < order; i++) {
      let sum = matrix[(i + 1) * size + j + 1];
      for (let k = 0; k < j; k++) sum -= lower[i * order + k] * lower[j * order + k] * diagonal[k];
      lower[i * order + j] = sum / d;
    }
  }
  const x = new Float64Array(order);
  for (let i = 0; i < order; i++) {
    x[i] = matrix[(i + 1) * size];
    for (let k = 0; k < i; k++) x[i] -= lower[i * order + k] * x[k];
  }
  for (let i = 0; i < order; i++) x[i] /= diagonal[i];
  for (let i = order - 1; i >= 0; i--) {
    for (let k = i + 1; k < order; k++) x[i] -= lower[k * order + i] * x[k];
  }
  return x.every(Number.isFinite) ? x : undefined;
}
