/** Base and tick: value = base + tick * u with u as small as it gets, one choice for all columns of a group. */

import type { Kernels } from '../../kernels/kernels.js';
import { OUT, UNITS_U } from '../../kernels/offsets.js';
import type { IntegerColumn } from './integers.js';
import { int32Rows } from './row-pool.js';

export interface Grain {
  readonly base: number;
  readonly tick: number;
  /** Whether u stays in 0..2^31-1. */
  readonly narrow: boolean;
}

const NARROW_LIMIT = 0x8000_0000;
/** A base of this grain preserves divisibility by powers of ten up to 10^8. */
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
function commonDivisor(kernels: Kernels, columns: readonly Float64Array[], base: number): number {
  let divisor = 0;
  for (const values of columns) {
    const step = Math.max(1, Math.floor(values.length / PROBE_ROWS));
    for (let i = 0; i < values.length && divisor !== 1; i += step) divisor = gcd(divisor, Math.abs(values[i] - base));
  }
  if (divisor <= 1) return 1;
  for (const values of columns) {
    const n = values.length;
    kernels.arena.f64.set(values, OUT >> 3);
    for (let i = 0; (i = kernels.indivisible(i, n, base, divisor)) < n; ) {
      divisor = gcd(divisor, Math.abs(values[i] - base));
      if (divisor === 1) return 1;
    }
  }
  return divisor;
}

function extremesOf(kernels: Kernels, { values, extremes }: IntegerColumn): readonly [min: number, max: number] {
  if (extremes !== undefined) return extremes;
  kernels.arena.f64.set(values, OUT >> 3);
  return kernels.extremes(OUT, values.length);
}

export function findGrain(kernels: Kernels, group: readonly IntegerColumn[]): Grain {
  const columns = group.map(({ values }) => values);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const column of group) {
    const [least, most] = extremesOf(kernels, column);
    min = Math.min(min, least);
    max = Math.max(max, most);
  }
  const zeroTick = commonDivisor(kernels, columns, 0);
  if (min >= 0 && max / zeroTick < NARROW_LIMIT) return { base: 0, tick: zeroTick, narrow: true };
  const tick = commonDivisor(kernels, columns, min);
  const round = Math.floor(min / BASE_GRAIN) * BASE_GRAIN;
  if (tick === 1 && max - round < NARROW_LIMIT) return { base: round, tick: 1, narrow: true };
  if ((max - min) / tick < NARROW_LIMIT) return { base: min, tick, narrow: true };
  // Wide: keep u = value where no divisor is gained, so that digits stay decimal digits.
  return zeroTick >= tick ? { base: 0, tick: zeroTick, narrow: false } : { base: min, tick, narrow: false };
}

/** u of a column; Int32Array when narrow. */
export function applyGrain(
  kernels: Kernels,
  values: Float64Array,
  { base, tick, narrow }: Grain,
): Int32Array | Float64Array {
  if (narrow) {
    const { f64, i32 } = kernels.arena;
    f64.set(values, OUT >> 3);
    kernels.narrow(values.length, base, tick);
    const u = int32Rows(values.length);
    u.set(i32.subarray(UNITS_U >> 2, (UNITS_U >> 2) + values.length));
    return u;
  }
  return base === 0 && tick === 1 ? values : values.map((v) => (v - base) / tick);
}
