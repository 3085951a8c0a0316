/**
 * ln and exp with the same bits on every machine and in every engine, for the few figures of a report that need a
 * power. Math.log, Math.exp and `**` may differ between versions by a last bit. Plain series after an exact reduction;
 * error a few ulp, which a report does not show.
 */

/** x > 0 and finite; NaN otherwise. ln x = k ln 2 + 2 artanh((m - 1) / (m + 1)), m in [1/√2, √2). */
export function naturalLog(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return Number.NaN;
  let mantissa = x;
  let exponent = 0;
  while (mantissa >= Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent -= 1;
  }
  const t = (mantissa - 1) / (mantissa + 1);
  const square = t * t;
  let sum = 0;
  // |t| < 0.172: the terms fall below 2^-60 before the twelfth.
  for (let k = 23; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return exponent * Math.LN2 + 2 * t * sum;
}

/** exp(x) for |x| up to about 700; beyond that Infinity or 0. */
export function exponential(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > 709) return Number.POSITIVE_INFINITY;
  if (x < -700) return 0;
  const k = Math.round(x / Math.LN2);
  const r = x - k * Math.LN2;
  let sum = 1;
  for (let n = 18; n >= 1; n -= 1) sum = 1 + (r * sum) / n;
  let power = 1;
  for (let n = Math.abs(k); n > 0; n -= 1) power *= 2;
  return k < 0 ? sum / power : sum * power;
}

/** base^exponent for base > 0. */
export function power(base: number, exponent: number): number {
  return exponential(exponent * naturalLog(base));
}
