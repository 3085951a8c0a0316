/** Encoder's side of the predictors: residuals of the 64-bit chains, and of narrow columns. */
import { type Arena } from '../arena.js';
import {
  PREDICT_DELTA,
  PREDICT_LINEAR,
  PREDICT_MAX,
  PREDICT_MIN,
  PREDICT_NONE,
  PREDICT_PREVIOUS,
  PREDICT_SAME,
} from '../kernels.js';
import { PLANE_A, PLANE_B, PLANE_BYTES, PLANE_C, UNITS_A, UNITS_B, UNITS_U } from '../offsets.js';
import { roundToInteger } from './predict.js';

function putZigzag({ u32 }: Arena, i: number, residual: bigint): void {
  const r = BigInt.asIntN(64, residual);
  const z = BigInt.asUintN(64, (r << 1n) ^ (r >> 63n));
  u32[(PLANE_A >> 2) + i] = Number(z & 0xffffffffn);
  u32[((PLANE_A + PLANE_BYTES) >> 2) + i] = Number(z >> 32n);
}

export function residualRows(arena: Arena, src: number, n: number, kind: number): void {
  const u = arena.i64.subarray(src >> 3, (src >> 3) + n);
  for (let i = 0; i < n; i++) {
    let expected = 0n;
    if (kind === PREDICT_DELTA) expected = u[i > 0 ? i - 1 : 0];
    else if (kind === PREDICT_LINEAR) expected = i < 2 ? u[i] : 2n * u[i - 1] - u[i - 2];
    putZigzag(arena, i, u[i] - expected);
  }
}

export function residualLpcRows(arena: Arena, src: number, n: number, coefficients: Float64Array): void {
  const u = arena.i64.subarray(src >> 3, (src >> 3) + n);
  const order = coefficients.length;
  const history = new Float64Array(order);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = 0; k < order; k++) sum += coefficients[k] * history[k];
    const difference = i > 0 ? BigInt.asIntN(64, u[i] - u[i - 1]) : 0n;
    putZigzag(arena, i, difference - roundToInteger(sum));
    for (let k = order - 1; k > 0; k--) history[k] = history[k - 1];
    if (order > 0) history[0] = Number(difference);
  }
}

/** Residual of row i of the narrow column at UNITS_U, wrapping. */
function narrowResidual({ i32 }: Arena, kind: number, i: number): number {
  const u = (UNITS_U >> 2) + i;
  const a = (UNITS_A >> 2) + i;
  const b = (UNITS_B >> 2) + i;
  switch (kind) {
    case PREDICT_NONE:
      return i32[u];
    case PREDICT_DELTA:
      return i32[u] - i32[u - 1];
    case PREDICT_LINEAR:
      return i < 2 ? 0 : i32[u] - 2 * i32[u - 1] + i32[u - 2];
    case PREDICT_SAME:
      return i32[u] - i32[a];
    case PREDICT_PREVIOUS:
      return i32[u] - i32[i > 0 ? a - 1 : a];
    case PREDICT_MAX:
      return i32[u] - Math.max(i32[a], i32[b]);
    case PREDICT_MIN:
      return Math.min(i32[a], i32[b]) - i32[u];
    default:
      return i > 0 ? i32[u] - i32[a] - i32[u - 1] + i32[a - 1] : 0;
  }
}

export function narrowResidualRows(arena: Arena, kind: number, n: number): [min: number, max: number] {
  const r = arena.i32.subarray(PLANE_B >> 2, (PLANE_B >> 2) + n);
  for (let i = 0; i < n; i++) r[i] = narrowResidual(arena, kind, i);
  // The chain starts one step before row 0, so that equal steps are equal residuals from the first row on.
  if (kind === PREDICT_DELTA) r[0] = n > 1 ? r[1] : 0;
  return narrowExtremes(arena, PLANE_B, n);
}

/** Smallest and largest of n 32-bit integers at `src`; two zeros for none. */
export function narrowExtremes({ i32 }: Arena, src: number, n: number): [min: number, max: number] {
  let min = n > 0 ? i32[src >> 2] : 0;
  let max = min;
  for (let i = 1; i < n; i++) {
    const x = i32[(src >> 2) + i];
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return [min, max];
}

/** What row i of the narrow column at UNITS_U is expected to be, not wrapped. */
function narrowExpected({ i32 }: Arena, kind: number, i: number): number {
  const u = (UNITS_U >> 2) + i;
  const a = (UNITS_A >> 2) + i;
  const b = (UNITS_B >> 2) + i;
  switch (kind) {
    case PREDICT_NONE:
      return 0;
    case PREDICT_DELTA:
      return i32[i > 0 ? u - 1 : u];
    case PREDICT_LINEAR:
      return i < 2 ? i32[u] : 2 * i32[u - 1] - i32[u - 2];
    case PREDICT_SAME:
      return i32[a];
    case PREDICT_PREVIOUS:
      return i32[i > 0 ? a - 1 : a];
    case PREDICT_MAX:
      return Math.max(i32[a], i32[b]);
    case PREDICT_MIN:
      return Math.min(i32[a], i32[b]);
    default:
      return i > 0 ? i32[a] + i32[u - 1] - i32[a - 1] : i32[u];
  }
}

export function narrowTierRows(arena: Arena, kind: number, n: number, grain: number): number {
  const { i32 } = arena;
  const sign = kind === PREDICT_MIN ? -1 : 1;
  let coarse = PLANE_B >> 2;
  let fine = (PLANE_B + PLANE_BYTES) >> 2;
  for (let i = 0; i < n; i++) {
    const u = i32[(UNITS_U >> 2) + i];
    const expected = narrowExpected(arena, kind, i);
    const multiple = Math.floor(u / grain);
    const isCoarse = multiple * grain === u;
    i32[(PLANE_C >> 2) + i] = isCoarse ? 0 : 1;
    if (isCoarse) i32[coarse++] = sign * (multiple - Math.floor((expected + grain / 2) / grain));
    else i32[fine++] = sign * (u - expected);
  }
  return coarse - (PLANE_B >> 2);
}

export function mapNarrowRows({ i32 }: Arena, src: number, n: number, zigzag: boolean, offset: number): void {
  for (let i = 0; i < n; i++) {
    const r = i32[(src >> 2) + i];
    i32[(PLANE_A >> 2) + i] = zigzag ? (r << 1) ^ (r >> 31) : r - offset;
  }
}
