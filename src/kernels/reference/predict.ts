/**
 * Residuals back to integers. Narrow columns wrap at 32 bits, wide ones at 64: the encoder sees to it that real data
 * never does. A residual is r = unzigzag(z), or r = z + offset. Row 0 of a delta chain is coded like the others: the
 * chain starts at first - r(0) where z(0) = 0.
 */
import { type Arena } from '../arena.js';
import {
  PREDICT_DELTA,
  PREDICT_LINEAR,
  PREDICT_MAX,
  PREDICT_MIN,
  PREDICT_NONE,
  PREDICT_PREVIOUS,
  PREDICT_SAME,
  PREDICT_SPREAD,
  type PredictorStart,
} from '../kernels.js';
import { PLANE_A, PLANE_B, PLANE_BYTES, PLANE_C } from '../offsets.js';

/** The integers of a block by index, whatever their width. */
interface Integers {
  get(slot: number, i: number): bigint;
  set(slot: number, i: number, value: bigint): void;
}

function integersOf({ i32, i64 }: Arena, wide: boolean): Integers {
  return wide
    ? { get: (slot, i) => i64[(slot >> 3) + i], set: (slot, i, value) => void (i64[(slot >> 3) + i] = value) }
    : {
        get: (slot, i) => BigInt(i32[(slot >> 2) + i]),
        set: (slot, i, value) => void (i32[(slot >> 2) + i] = Number(BigInt.asIntN(32, value))),
      };
}

/** Value i of a pair of planes as an unsigned integer. */
function codedAt({ u32 }: Arena, plane: number, i: number, wide: boolean): bigint {
  const low = BigInt(u32[(plane >> 2) + i]);
  return wide ? (BigInt(u32[((plane + PLANE_BYTES) >> 2) + i]) << 32n) | low : low;
}

function residualAt(arena: Arena, plane: number, i: number, start: PredictorStart): bigint {
  const z = codedAt(arena, plane, i, start.wide);
  return start.zigzag ? (z >> 1n) ^ -(z & 1n) : z + start.offset;
}

/** What row i is expected to be; the delta chains see the rows before it in `dst`. */
function expectedAt(u: Integers, dst: number, a: number, b: number, i: number, start: PredictorStart): bigint {
  const previous = i > 0 ? i - 1 : 0;
  switch (start.kind) {
    case PREDICT_NONE:
      return 0n;
    case PREDICT_DELTA:
      return i > 0 ? u.get(dst, i - 1) : start.first;
    case PREDICT_LINEAR:
      if (i === 0) return start.first;
      if (i === 1) return u.get(dst, 0) + start.firstDelta;
      return 2n * u.get(dst, i - 1) - u.get(dst, i - 2);
    case PREDICT_SAME:
      return u.get(a, i);
    case PREDICT_PREVIOUS:
      return u.get(a, previous);
    case PREDICT_MAX:
    case PREDICT_MIN: {
      const x = u.get(a, i);
      const y = u.get(b, i);
      return x > y === (start.kind === PREDICT_MAX) ? x : y;
    }
    case PREDICT_SPREAD:
      return i > 0 ? u.get(a, i) + u.get(dst, i - 1) - u.get(a, i - 1) : u.get(a, 0) + start.first;
    default:
      return 0n;
  }
}

export function predictRows(arena: Arena, dst: number, a: number, b: number, n: number, start: PredictorStart): void {
  const u = integersOf(arena, start.wide);
  const sign = start.kind === PREDICT_MIN ? -1n : 1n;
  for (let i = 0; i < n; i++) {
    u.set(dst, i, BigInt.asIntN(64, expectedAt(u, dst, a, b, i, start) + sign * residualAt(arena, PLANE_A, i, start)));
  }
}

export function countFlagRows({ u32 }: Arena, n: number): number {
  return u32.subarray(PLANE_C >> 2, (PLANE_C >> 2) + n).reduce((count, flag) => count + Number(flag !== 0), 0);
}

export function predictTierRows(
  arena: Arena,
  dst: number,
  a: number,
  b: number,
  n: number,
  start: PredictorStart,
  grain: number,
): void {
  const u = integersOf(arena, start.wide);
  const sign = start.kind === PREDICT_MIN ? -1n : 1n;
  const unit = BigInt(grain);
  let coarse = 0;
  let fine = 0;
  for (let i = 0; i < n; i++) {
    const expected = BigInt.asIntN(64, expectedAt(u, dst, a, b, i, start));
    const isFine = arena.u32[(PLANE_C >> 2) + i] !== 0;
    const residual = sign * residualAt(arena, isFine ? PLANE_B : PLANE_A, isFine ? fine++ : coarse++, start);
    u.set(dst, i, BigInt.asIntN(64, isFine ? expected + residual : (roundToGrain(expected, unit) + residual) * unit));
  }
}

/** expected / unit rounded to the nearest, halves up; `unit` is even or 1. */
function roundToGrain(expected: bigint, unit: bigint): bigint {
  const shifted = expected + unit / 2n;
  const quotient = shifted / unit;
  return shifted < 0n && quotient * unit !== shifted ? quotient - 1n : quotient;
}

export function mergeGroupRows(
  arena: Arena,
  dst: number,
  n: number,
  wide: boolean,
  grains: readonly number[],
  starts: Int32Array,
): void {
  const u = integersOf(arena, wide);
  const next = Int32Array.from(starts);
  for (let i = 0; i < n; i++) {
    const group = arena.u32[(PLANE_C >> 2) + i];
    u.set(dst, i, BigInt.asIntN(64, codedAt(arena, PLANE_A, next[group]++, wide) * BigInt(grains[group])));
  }
}

/**
 * Differences d(i) = u(i) - u(i-1) predicted as round(sum c(k) * d(i-k)); the sum runs from the newest difference to
 * the oldest in plain double arithmetic, so every decoder gets the same bits. Differences before the block count as 0.
 */
export function predictLpcRows(
  arena: Arena,
  dst: number,
  n: number,
  start: PredictorStart,
  coefficients: Float64Array,
): void {
  const { i64 } = arena;
  const order = coefficients.length;
  const history = new Float64Array(order);
  let previous = start.first;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = 0; k < order; k++) sum += coefficients[k] * history[k];
    const expected = roundToInteger(sum);
    const difference = BigInt.asIntN(64, expected + residualAt(arena, PLANE_A, i, start));
    previous = BigInt.asIntN(64, previous + difference);
    i64[(dst >> 3) + i] = previous;
    for (let k = order - 1; k > 0; k--) history[k] = history[k - 1];
    if (order > 0) history[0] = Number(difference);
  }
}

/** floor(x + 0.5), 0 where the prediction ran away. */
export function roundToInteger(x: number): bigint {
  const rounded = Math.floor(x + 0.5);
  return Math.abs(rounded) < 9.2e18 ? BigInt(rounded) : 0n;
}
