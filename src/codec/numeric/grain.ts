/** Base and tick: value = base + tick * u with u as small as it gets, one choice for all columns of a group. */

export interface Grain {
  readonly base: number;
  readonly tick: number;
  /** Whether u stays in 0..2^31-1. */
  readonly narrow: boolean;
}

const NARROW_LIMIT = 0x8000_0000;
/** A base of this grain keeps divisibility by powers of ten up to 10^8. */
const BASE_GRAIN = 100_000_000;
/** Rows looked at before a common divisor is believed to exist. */
const PROBE_ROWS = 64;

function gcd(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}

/** Greatest common divisor of all values minus `base`; 1 for constants. */
function commonDivisor(columns: readonly Float64Array[], base: number): number {
  let divisor = 0;
  for (const values of columns) {
    const step = Math.max(1, Math.floor(values.length / PROBE_ROWS));
    for (let i = 0; i < values.length && divisor !== 1; i += step) divisor = gcd(divisor, Math.abs(values[i] - base));
  }
  if (divisor <= 1) return 1;
  for (const values of columns) {
    for (let i = 0; i < values.length; i++) {
      if ((values[i] - base) % divisor === 0) continue;
      divisor = gcd(divisor, Math.abs(values[i] - base));
      if (divisor === 1) return 1;
    }
  }
  return divisor;
}

export function findGrain(columns: readonly Float64Array[]): Grain {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const values of columns) {
    for (let i = 0; i < values.length; i++) {
      const v = values[i];
      if (v < min) min = v;
      if (v > max) max = v;
    }
  }
  const zeroTick = commonDivisor(columns, 0);
  if (min >= 0 && max / zeroTick < NARROW_LIMIT) return { base: 0, tick: zeroTick, narrow: true };
  const tick = commonDivisor(columns, min);
  const round = Math.floor(min / BASE_GRAIN) * BASE_GRAIN;
  if (tick === 1 && max - round < NARROW_LIMIT) return { base: round, tick: 1, narrow: true };
  if ((max - min) / tick < NARROW_LIMIT) return { base: min, tick, narrow: true };
  // Wide: keep u = value where no divisor is gained, so that digits stay decimal digits.
  return zeroTick >= tick ? { base: 0, tick: zeroTick, narrow: false } : { base: min, tick, narrow: false };
}

/** u of a column; Int32Array when narrow. */
export function applyGrain(values: Float64Array, { base, tick, narrow }: Grain): Int32Array | Float64Array {
  if (!narrow && base === 0 && tick === 1) return values;
  const u = narrow ? new Int32Array(values.length) : new Float64Array(values.length);
  if (tick === 1) for (let i = 0; i < u.length; i++) u[i] = values[i] - base;
  else for (let i = 0; i < u.length; i++) u[i] = (values[i] - base) / tick;
  return u;
}
