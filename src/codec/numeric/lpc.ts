/**
 * Linear prediction of full-mantissa columns: coefficients by least squares (covariance method) over the differences of the
 * 64-bit integers. Sums run in one fixed order, so every machine fits the same coefficients.
 */

/** Differences a fit looks at. */
const MOST_DIFFERENCES = 20_000;
/** Ridge, as a share of the diagonal: keeps nearly dependent columns solvable. */
const RIDGE = 1e-9;

/** Coefficients for the newest difference first, or undefined where the fit has no solution. */
export function fitCoefficients(differences: Float64Array, order: number): Float64Array | undefined {
  const n = Math.min(differences.length, MOST_DIFFERENCES);
  if (n < 4 * order) return undefined;
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(differences[i]));
  if (largest === 0) return undefined;
  const scaled = new Float64Array(n);
  for (let i = 0; i < n; i++) scaled[i] = differences[i] / largest;
  const size = order + 1;
  // Products of lagged differences: matrix[j][k] = sum of d(i-j) * d(i-k).
  const matrix = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    for (let k = j; k < size; k++) {
      let sum = 0;
      for (let i = order; i < n; i++) sum += scaled[i - j] * scaled[i - k];
      matrix[j * size + k] = sum;
      matrix[k * size + j] = sum;
    }
  }
  return solve(matrix, size);
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
