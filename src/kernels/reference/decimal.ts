/** Integers to doubles and back, by form (see FORM_* in kernels.ts). All in doubles: |v| stays below 2^53. */
import { type Arena } from '../arena.js';
import { FORM_DIVIDE, FORM_MULTIPLY, FORM_SINGLE, FORM_SPLIT } from '../kernels.js';
import { OUT, PLANE_A, PLANE_C } from '../offsets.js';
import { TEN_TO, TEN_TO_MINUS } from '../powers.js';

/** The double that integer `v` stands for. */
export function decimalValue(v: number, form: number, exponent: number): number {
  switch (form) {
    case FORM_DIVIDE:
      return v / TEN_TO[exponent];
    case FORM_MULTIPLY:
      return v * TEN_TO_MINUS[exponent];
    case FORM_SPLIT:
      return splitValue(v, exponent);
    case FORM_SINGLE:
      return Math.fround(v / TEN_TO[exponent]);
    default:
      return v;
  }
}

function splitValue(v: number, exponent: number): number {
  const magnitude = Math.abs(v);
  const unit = TEN_TO[exponent];
  const whole = Math.floor(magnitude / unit);
  let fraction = magnitude - whole * unit;
  let digits = exponent;
  if (fraction !== 0) {
    while (digits > 0) {
      const tenth = Math.floor(fraction / 10);
      if (tenth * 10 !== fraction) break;
      fraction = tenth;
      digits--;
    }
  }
  const value = whole + fraction * TEN_TO_MINUS[digits];
  return v < 0 ? -value : value;
}

/** The integer a double would be coded as, whether or not that restores it. */
export function decimalInteger(x: number, exponent: number): number {
  return Math.floor(x * TEN_TO[exponent] + 0.5);
}

export function emitDoubleRows(
  { f64, i32, i64 }: Arena,
  src: number,
  n: number,
  wide: boolean,
  form: number,
  exponent: number,
  base: number,
  tick: number,
): void {
  const out = OUT >> 3;
  for (let i = 0; i < n; i++) {
    const u = wide ? Number(i64[(src >> 3) + i]) : i32[(src >> 2) + i];
    f64[out + i] = decimalValue(base + tick * u, form, exponent);
  }
}

export function emitRatioRows(
  { f64, i32, i64 }: Arena,
  src: number,
  n: number,
  wide: boolean,
  base: number,
  tick: number,
  divisor: number,
): void {
  for (let i = 0; i < n; i++) {
    const u = wide ? Number(i64[(src >> 3) + i]) : i32[(src >> 2) + i];
    f64[(OUT >> 3) + i] = (base + tick * u) / divisor;
  }
}

/** One step of exponential smoothing; product and sum are rounded one after the other. */
export function smoothed(previous: number, decimal: number, alpha: number): number {
  return previous + (decimal - previous) * alpha;
}

export function emitSmoothedRows(
  { f64, i32, i64, u32 }: Arena,
  src: number,
  n: number,
  wide: boolean,
  exponent: number,
  base: number,
  tick: number,
  alpha: number,
  seed: number,
): void {
  const out = OUT >> 3;
  for (let i = 0; i < n; i++) {
    const u = wide ? Number(i64[(src >> 3) + i]) : i32[(src >> 2) + i];
    f64[out + i] = i === 0 ? seed : smoothed(f64[out + i - 1], (base + tick * u) / TEN_TO[exponent], alpha);
    const z = u32[(PLANE_A >> 2) + i];
    if (z !== 0) i64[out + i] += BigInt((z >>> 1) ^ -(z & 1));
  }
}

/** (base + tick * u) as 64-bit integers to OUT, wrapping. */
export function emitIntegerRows(
  { i32, i64 }: Arena,
  src: number,
  n: number,
  wide: boolean,
  base: bigint,
  tick: bigint,
): void {
  for (let i = 0; i < n; i++) {
    const u = wide ? i64[(src >> 3) + i] : BigInt(i32[(src >> 2) + i]);
    i64[(OUT >> 3) + i] = BigInt.asIntN(64, base + tick * u);
  }
}

/** Bits of a double so ordered that a greater number has a greater integer: negatives count down from -1. */
export function emitBitRows({ i64 }: Arena, src: number, n: number): void {
  for (let i = 0; i < n; i++) {
    const ordered = i64[(src >> 3) + i];
    i64[(OUT >> 3) + i] = ordered < 0n ? ordered ^ 0x7fff_ffff_ffff_ffffn : ordered;
  }
}

/** Wide integers stay below this in magnitude, so that their differences are exact doubles and zigzag fits 53 bits. */
const WIDE_LIMIT = 0x8_0000_0000_0000;

export function toDecimalRows({ f64, u32 }: Arena, dst: number, n: number, form: number, exponent: number): number {
  let failed = 0;
  for (let i = 0; i < n; i++) {
    const x = f64[(OUT >> 3) + i];
    const v = decimalInteger(x, exponent);
    const isExact = Math.abs(v) < WIDE_LIMIT && Object.is(decimalValue(v, form, exponent), x);
    f64[(dst >> 3) + i] = isExact ? v : 0;
    if (!isExact) u32[(PLANE_C >> 2) + failed++] = i;
  }
  return failed;
}
