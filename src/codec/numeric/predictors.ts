/** Residuals of integer columns under each predictor (PREDICT_* in kernels.ts), encoder side. */
import {
  PREDICT_DELTA,
  PREDICT_LINEAR,
  PREDICT_MAX,
  PREDICT_MIN,
  PREDICT_NONE,
  PREDICT_PREVIOUS,
  PREDICT_SAME,
} from '../../kernels/kernels.js';
import { type Planes, planesOf } from './residual-planes.js';
import { float64Rows, int32Rows } from './row-pool.js';

/** u of a column: Int32Array when narrow, whole doubles when wide. */
export type Units = Int32Array | Float64Array;

export function isWide(u: Units): boolean {
  // By size, not by class: arrays of another realm are arrays too.
  return u.BYTES_PER_ELEMENT === 8;
}

export interface Predictor {
  readonly kind: number;
  /** Columns of the block it looks at, in the order of the kernel's a and b. */
  readonly refs: readonly number[];
}

/** What row i is expected to be. */
export function expectedUnit(kind: number, u: Units, a: Units, b: Units, i: number): number {
  switch (kind) {
    case PREDICT_NONE:
      return 0;
    case PREDICT_DELTA:
      return u[i > 0 ? i - 1 : 0];
    case PREDICT_LINEAR:
      return i < 2 ? u[i] : 2 * u[i - 1] - u[i - 2];
    case PREDICT_SAME:
      return a[i];
    case PREDICT_PREVIOUS:
      return a[i > 0 ? i - 1 : 0];
    case PREDICT_MAX:
      return Math.max(a[i], b[i]);
    case PREDICT_MIN:
      return Math.min(a[i], b[i]);
    default:
      return i > 0 ? a[i] + u[i - 1] - a[i - 1] : u[i];
  }
}

/**
 * All residuals; `a` and `b` are `u` itself where the predictor has no refs. Narrow ones wrap at 32 bits, as the
 * decoder does.
 */
export function residualsOf(kind: number, u: Units, a: Units, b: Units): Units {
  const n = u.length;
  const r = isWide(u) ? float64Rows(n) : int32Rows(n);
  switch (kind) {
    case PREDICT_NONE:
      r.set(u);
      break;
    case PREDICT_DELTA:
      for (let i = 1; i < n; i++) r[i] = u[i] - u[i - 1];
      // The chain starts one step before row 0, so that equal steps are equal residuals from the first row on.
      if (n > 0) r[0] = n > 1 ? r[1] : 0;
      break;
    case PREDICT_SAME:
      for (let i = 0; i < n; i++) r[i] = u[i] - a[i];
      break;
    case PREDICT_PREVIOUS:
      if (n > 0) r[0] = u[0] - a[0];
      for (let i = 1; i < n; i++) r[i] = u[i] - a[i - 1];
      break;
    case PREDICT_MAX:
      for (let i = 0; i < n; i++) r[i] = u[i] - Math.max(a[i], b[i]);
      break;
    case PREDICT_MIN:
      for (let i = 0; i < n; i++) r[i] = Math.min(a[i], b[i]) - u[i];
      break;
    default:
      for (let i = 0; i < n; i++) r[i] = u[i] - expectedUnit(kind, u, a, b, i);
  }
  return r;
}

/** How residuals become unsigned. */
export interface Mapping {
  readonly zigzag: boolean;
  /** Taken off first when not zigzag. */
  readonly offset: number;
}

const EXACT_LIMIT = 0x10_0000_0000_0000;

/**
 * Mappings worth coding: plain above the smallest residual where (nearly) all are on one side, zigzag otherwise; [] if
 * too large.
 */
export function mappingsOf(r: Units): Mapping[] {
  let min = 0;
  let max = 0;
  if (r.length > 0) min = max = r[0];
  for (let i = 1; i < r.length; i++) {
    const x = r[i];
    if (x < min) min = x;
    if (x > max) max = x;
  }
  if (isWide(r) && (max >= EXACT_LIMIT || min <= -EXACT_LIMIT)) return [];
  return mappingsBetween(min, max);
}

/** The same from the smallest and largest residual. */
export function mappingsBetween(min: number, max: number): Mapping[] {
  const plain = { zigzag: false, offset: min };
  const zigzag = { zigzag: true, offset: 0 };
  if (min >= 0) return [{ zigzag: false, offset: min * 64 < max ? 0 : min }];
  return -min * 8 < max ? [zigzag, plain] : [zigzag];
}

/** Unsigned residuals of some rows (all, where `rows` is left out). */
export function mapResiduals(r: Units, mapping: Mapping): Planes {
  const n = r.length;
  const wide = isWide(r);
  const planes = planesOf(n, wide);
  const { low, high } = planes;
  const { zigzag, offset } = mapping;
  if (!wide) {
    if (zigzag) for (let i = 0; i < n; i++) low[i] = (r[i] << 1) ^ (r[i] >> 31);
    else for (let i = 0; i < n; i++) low[i] = r[i] - offset;
    return planes;
  }
  for (let i = 0; i < n; i++) {
    const x = r[i];
    const z = zigzag ? (x < 0 ? -2 * x - 1 : 2 * x) : x - offset;
    const top = Math.floor(z / 4294967296);
    high![i] = top;
    low[i] = z - top * 4294967296;
  }
  return planes;
}

/** About 8 * log2(1 + |x|), by integer steps. */
export function magnitude(x: number): number {
  const z = x < 0 ? -x : x;
  if (z < 0x4000_0000) {
    const y = (z + 1) | 0;
    const bits = 31 - Math.clz32(y);
    return bits * 8 + ((((y << 3) >>> 0) >>> bits) & 7);
  }
  const top = Math.floor(z / 0x2000_0000);
  const bits = 31 - Math.clz32(top);
  return (bits + 29) * 8 + (bits >= 3 ? (top >> (bits - 3)) & 7 : 0);
}
