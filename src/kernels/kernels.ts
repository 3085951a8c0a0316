/**
 * The hot loops of the numeric codec. Two implementations work on the same arena layout and produce the same bytes:
 * WASM SIMD (`wasm.ts`) and plain TypeScript (`reference/`), which is the readable definition and runs where WASM SIMD
 * is missing.
 *
 * Readers of streams return the byte offset after the stream, or the negative of the offset where the bytes make no
 * sense. They never write outside the planes they are given: every count is bounded by `n`, and `n` by MAX_ROWS.
 */
import type { Arena } from './arena.js';

/** How an integer column is predicted; ids are on disk. `u` is the column, `a` and `b` are its refs. */
export const PREDICT_NONE = 0;
export const PREDICT_DELTA = 1;
export const PREDICT_LINEAR = 2;
/** u[i] from a[i]. */
export const PREDICT_SAME = 3;
/** u[i] from a[i-1], a[0] for the first row. */
export const PREDICT_PREVIOUS = 4;
export const PREDICT_MAX = 5;
/** u[i] below min(a[i], b[i]): the residual is subtracted. */
export const PREDICT_MIN = 6;
/** u[i] from a[i] + (u[i-1] - a[i-1]): the spread to a stays. */
export const PREDICT_SPREAD = 7;
export const PREDICTOR_COUNT = 8;

/** How an integer becomes a double; ids are on disk. */
export const FORM_INTEGER = 0;
/** v / 10^e: what a correct decimal parser yields. */
export const FORM_DIVIDE = 1;
/** v * 10^-e. */
export const FORM_MULTIPLY = 2;
/** whole part + fraction without trailing zeros * 10^-digits: what JSON parsers in the manner of ujson yield. */
export const FORM_SPLIT = 3;
/** The double nearest to the float32 nearest to v / 10^e: prices that went through single precision. */
export const FORM_SINGLE = 4;
/** The integer is the order-preserving image of the bits. */
export const FORM_BITS = 5;
/** v / divisor: averages of decimals. */
export const FORM_RATIO = 6;
/** Exponential smoothing of decimals: y(i) = y(i-1) + (v(i) / 10^e - y(i-1)) * alpha. */
export const FORM_SMOOTHED = 7;
export const FORM_COUNT = 8;

/** What a predictor starts from. `z` are the coded residuals: zigzag, or plain above `offset`. */
export interface PredictorStart {
  kind: number;
  wide: boolean;
  zigzag: boolean;
  first: bigint;
  firstDelta: bigint;
  offset: bigint;
}

export interface Kernels {
  readonly name: 'wasm' | 'reference';
  readonly arena: Arena;
  /** Patched bit-packing: n values into the plane pair at `dst` (high words only if `wide`). */
  unpack(src: number, end: number, dst: number, n: number, wide: boolean): number;
  /**
   * tANS. `isPart`: n, a multiple of 4, is fewer than the stream holds; where it ends is not known then, and what is
   * returned is no less than 0 all the same.
   */
  untans(src: number, end: number, dst: number, n: number, wide: boolean, isPart?: boolean): number;
  /** Residuals in plane A to integers in `dst`; `a`, `b` are slots of refs of the same width. */
  predict(dst: number, a: number, b: number, n: number, start: PredictorStart): void;
  /** How many of the n flags in plane C are not 0. */
  countFlags(n: number): number;
  /**
   * Two tiers: plane C flags the rows coded at full grain (residuals in plane B, in order), the others are multiples of
   * `grain` (residuals in plane A, in order).
   */
  predictTiers(dst: number, a: number, b: number, n: number, start: PredictorStart, grain: number): void;
  /**
   * Digit groups: row i is grains[plane C[i]] times the next value of its group; the groups lie one after the other in
   * A.
   */
  mergeGroups(dst: number, n: number, wide: boolean, grains: readonly number[], starts: Int32Array): void;
  /** Linear prediction of 64-bit integers from their `coefficients.length` previous differences. */
  predictLpc(dst: number, n: number, start: PredictorStart, coefficients: Float64Array): void;
  /** (base + tick * u) in the given form as doubles to OUT. */
  emitDoubles(src: number, n: number, wide: boolean, form: number, exponent: number, base: number, tick: number): void;
  /**
   * What predict and emitDoubles do for the commonest column, in one pass: narrow, PREDICT_DELTA, FORM_INTEGER,
   * FORM_DIVIDE or FORM_MULTIPLY. `dst` is 0 where only the doubles are wanted.
   */
  deltaDoubles(
    dst: number,
    n: number,
    start: PredictorStart,
    form: number,
    exponent: number,
    base: number,
    tick: number,
  ): void;
  /** The same behind unpack: reads a packed stream of residuals, returns what unpack returns. */
  packedDeltaDoubles(
    src: number,
    end: number,
    dst: number,
    n: number,
    start: PredictorStart,
    form: number,
    exponent: number,
    base: number,
    tick: number,
  ): number;
  /**
   * CRC-32C of `length` bytes at INPUT that follow bytes whose CRC is `seed`; undefined where it is no faster than in
   * TypeScript.
   */
  readonly crc32c?: (length: number, seed: number) => number;
  /** (base + tick * u) / divisor to OUT. */
  emitRatios(src: number, n: number, wide: boolean, base: number, tick: number, divisor: number): void;
  /** FORM_SMOOTHED to OUT, row 0 being `seed`; the ulp corrections of the rows, zigzag, stand in plane A. */
  emitSmoothed(
    src: number,
    n: number,
    wide: boolean,
    exponent: number,
    base: number,
    tick: number,
    alpha: number,
    seed: number,
  ): void;
  /** (base + tick * u) as 64-bit integers to OUT, wrapping. */
  emitIntegers(src: number, n: number, wide: boolean, base: bigint, tick: bigint): void;
  /** Order-preserving 64-bit integers back to the bits of doubles, to OUT. */
  emitBits(src: number, n: number): void;
  /**
   * Doubles in OUT to integers in `dst` by `form`, as whole doubles below 2^51 in magnitude. Returns how many rows do
   * not decode bit for bit; those rows are listed in plane C and set to 0.
   */
  toDecimal(dst: number, n: number, form: number, exponent: number): number;
  /**
   * Zigzag residuals of the 64-bit integers at `src` to plane A, from a chain of kind NONE, DELTA or LINEAR that starts
   * at the first value (and its first difference).
   */
  residuals(src: number, n: number, kind: number): void;
  /** Zigzag residuals of linear prediction, the counterpart of predictLpc. */
  residualsLpc(src: number, n: number, coefficients: Float64Array): void;
  /**
   * Residuals of the narrow column at UNITS_U (refs at UNITS_A, UNITS_B) as i32 to plane B; returns the smallest and
   * largest.
   */
  residuals32(kind: number, n: number): [min: number, max: number];
  /** Smallest and largest of n 32-bit integers at `src`; two zeros for none. */
  extremes32(src: number, n: number): [min: number, max: number];
  /** Residuals at `src` to unsigned values in plane A: zigzag, or `offset` taken off. */
  mapResiduals32(src: number, n: number, zigzag: boolean, offset: number): void;
  /** Patched bit-packing of n values in the plane pair at `src` to `dst`; returns the offset after it. */
  pack(src: number, n: number, wide: boolean, dst: number): number;
  /**
   * tANS coding of n values in plane A (high words if `wide`) to `dst` by the tables described in reference/tans.ts.
   */
  tans(n: number, wide: boolean, mantissaBits: number, tableLog: number, dst: number): number;
  /** Smallest and largest of the n doubles at `src`. */
  extremes(src: number, n: number): [min: number, max: number];
  /**
   * The first row from `from` on whose double in OUT, less `base`, is no multiple of `divisor`; n where there is none.
   */
  indivisible(from: number, n: number, base: number, divisor: number): number;
  /**
   * Values of plane A per magnitude class at `mantissaBits`, as a view of counts by class that is valid until the next
   * kernel runs.
   */
  histogram(n: number, wide: boolean, mantissaBits: number): Uint32Array;
  /**
   * Residuals in two tiers of the narrow column at UNITS_U (refs at UNITS_A, UNITS_B): flags to plane C, coarse
   * residuals to the low words of plane B, fine ones to its high words; returns how many rows are coarse.
   */
  tiers32(kind: number, n: number, grain: number): number;
  /** (x - base) / tick of the n doubles in OUT as i32 to UNITS_U. */
  narrow(n: number, base: number, tick: number): void;
  /** Whether `bytes` bytes at OUT and at `other` are the same. */
  equal(other: number, bytes: number): boolean;
}
