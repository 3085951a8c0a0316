// For thresholds on a grid: sums of the equities beyond each cut, long and short by themselves, and the sides of trials
// as the sign of a difference of two sums. Sums are compared as floats of 32 bits, four bars in a vector. Where two are
// so near that rounding may decide, the votes are summed in doubles in the order of the families, as assembly/atc does.
import { vote, writeSides } from './votes';

/**
 * Floats are scaled so that all equities of a bar together are from 1 up to 2. Then a float is within 2 ** -24 of its
 * sum, and so is a difference of two; sums of six doubles in different orders differ by far less. Differences of at
 * least 2 ** -22 have the right sign.
 */
const NEAR: f32 = 1.0 / 4194304.0;

/** Exponent bits of a double, and of the largest power of two. */
const EXPONENT: i64 = 0x7ff0000000000000;
const LARGEST: i64 = 0x7fe0000000000000;

/** The equity of one family where its signal is beyond a cut: above it for `isLong`, else below. */
// @ts-ignore: decorator
@inline
function beyond(signal: v128, equity: v128, cut: v128, isLong: bool): v128 {
  return v128.and(isLong ? f64x2.gt(signal, cut) : f64x2.lt(signal, cut), equity);
}

/**
 * Twelve addresses at `columns`: signals and equities of the six families. `longs` and `shorts`: cuts, doubles. Writes a
 * column of floats for each, `stride` bytes apart: the scaled equities of all families above (below) it. Where no family
 * is beyond a cut, -Infinity: then the difference of two sums has the right sign whatever the other one is, and is not a
 * number where neither cut was passed.
 */
export function sumsBeyond(
  columns: i32,
  count: i32,
  longs: i32,
  longCount: i32,
  above: i32,
  shorts: i32,
  shortCount: i32,
  below: i32,
  stride: i32,
): void {
  const zero = f64x2.splat(0);
  const none = f64x2.splat(-Infinity);
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    const signal0 = v128.load(load<i32>(columns) + at);
    const equity0 = v128.load(load<i32>(columns, 4) + at);
    const signal1 = v128.load(load<i32>(columns, 8) + at);
    const equity1 = v128.load(load<i32>(columns, 12) + at);
    const signal2 = v128.load(load<i32>(columns, 16) + at);
    const equity2 = v128.load(load<i32>(columns, 20) + at);
    const signal3 = v128.load(load<i32>(columns, 24) + at);
    const equity3 = v128.load(load<i32>(columns, 28) + at);
    const signal4 = v128.load(load<i32>(columns, 32) + at);
    const equity4 = v128.load(load<i32>(columns, 36) + at);
    const signal5 = v128.load(load<i32>(columns, 40) + at);
    const equity5 = v128.load(load<i32>(columns, 44) + at);
    const total = f64x2.add(
      f64x2.add(f64x2.add(equity0, equity1), f64x2.add(equity2, equity3)),
      f64x2.add(equity4, equity5),
    );
    // A power of two, so that scaling rounds nothing.
    const scale = i64x2.sub(i64x2.splat(LARGEST), v128.and(total, i64x2.splat(EXPONENT)));
    let to = above + (at >> 1);
    for (let k = 0; k < longCount; k++) {
      const cut = v128.load_splat<f64>(longs + (k << 3));
      let sum = f64x2.add(zero, beyond(signal0, equity0, cut, true));
      sum = f64x2.add(sum, beyond(signal1, equity1, cut, true));
      sum = f64x2.add(sum, beyond(signal2, equity2, cut, true));
      sum = f64x2.add(sum, beyond(signal3, equity3, cut, true));
      sum = f64x2.add(sum, beyond(signal4, equity4, cut, true));
      sum = f64x2.add(sum, beyond(signal5, equity5, cut, true));
      sum = v128.bitselect(f64x2.mul(sum, scale), none, f64x2.gt(sum, zero));
      v128.store64_lane(to, f32x4.demote_f64x2_zero(sum), 0);
      to += stride;
    }
    to = below + (at >> 1);
    for (let k = 0; k < shortCount; k++) {
      const cut = v128.load_splat<f64>(shorts + (k << 3));
      let sum = f64x2.add(zero, beyond(signal0, equity0, cut, false));
      sum = f64x2.add(sum, beyond(signal1, equity1, cut, false));
      sum = f64x2.add(sum, beyond(signal2, equity2, cut, false));
      sum = f64x2.add(sum, beyond(signal3, equity3, cut, false));
      sum = f64x2.add(sum, beyond(signal4, equity4, cut, false));
      sum = f64x2.add(sum, beyond(signal5, equity5, cut, false));
      sum = v128.bitselect(f64x2.mul(sum, scale), none, f64x2.gt(sum, zero));
      v128.store64_lane(to, f32x4.demote_f64x2_zero(sum), 0);
      to += stride;
    }
  }
}

/** Bytes of a trial in the list of `sidesOfDifferences`: three addresses of 32 bits, four bytes unused, two cuts. */
const TRIAL_BYTES: i32 = 32;

/** Sums for less sums against, at four bars of trial `k` of the list. */
// @ts-ignore: decorator
@inline
function difference(list: i32, k: i32, at: i32): v128 {
  return f32x4.sub(
    v128.load(load<i32>(list + k * TRIAL_BYTES) + at),
    v128.load(load<i32>(list + k * TRIAL_BYTES, 4) + at),
  );
}

/** Sides of four bars as 32-bit numbers; 0 for what is not a number, and for differences too small to tell. */
// @ts-ignore: decorator
@inline
function sideOf(difference: v128): v128 {
  const near = f32x4.splat(NEAR);
  return i32x4.sub(f32x4.le(difference, f32x4.neg(near)), f32x4.ge(difference, near));
}

/** Sums two bars of a trial in the order of the families and writes their sides. */
function exactPair(list: i32, at: i32, out: i32): void {
  const columns = load<i32>(list, 8);
  const long = v128.load_splat<f64>(list, 16);
  const short = v128.load_splat<f64>(list, 24);
  let votes = f64x2.splat(0);
  for (let family = 0; family < 48; family += 8) {
    votes = f64x2.add(votes, vote(load<i32>(columns + family), load<i32>(columns + family, 4), at, long, short));
  }
  writeSides(out, votes);
}

/** `at`: offset of the four bars in columns of floats. */
function exactFours(list: i32, at: i32, out: i32): void {
  const near = f32x4.splat(NEAR);
  for (let trial = 0; trial < 8; trial++) {
    const isNear = f32x4.lt(f32x4.abs(difference(list, trial, at)), near);
    if (!v128.any_true(isNear)) continue;
    exactPair(list + trial * TRIAL_BYTES, at << 1, out + trial);
    exactPair(list + trial * TRIAL_BYTES, (at << 1) + 16, out + trial + 16);
  }
}

/**
 * Sides of eight trials, eight bytes a bar. `list`: for each trial the addresses of its columns of sums above and below,
 * and of the twelve columns of its families, then its cuts.
 *
 * @param count Bars, a multiple of four.
 */
export function sidesOfDifferences(list: i32, count: i32, out: i32): void {
  const end = count << 2;
  for (let at = 0; at < end; at += 16) {
    const first = i16x8.narrow_i32x4_s(sideOf(difference(list, 0, at)), sideOf(difference(list, 1, at)));
    const second = i16x8.narrow_i32x4_s(sideOf(difference(list, 2, at)), sideOf(difference(list, 3, at)));
    const third = i16x8.narrow_i32x4_s(sideOf(difference(list, 4, at)), sideOf(difference(list, 5, at)));
    const fourth = i16x8.narrow_i32x4_s(sideOf(difference(list, 6, at)), sideOf(difference(list, 7, at)));
    // Four bars of a trial in a row; then the four trials of a bar.
    const low = i8x16.narrow_i16x8_s(first, second);
    const high = i8x16.narrow_i16x8_s(third, fourth);
    const lowBars = v128.shuffle<i8>(low, low, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const highBars = v128.shuffle<i8>(high, high, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const to = out + (at << 1);
    v128.store(to, v128.shuffle<i32>(lowBars, highBars, 0, 4, 1, 5));
    v128.store(to, v128.shuffle<i32>(lowBars, highBars, 2, 6, 3, 7), 16);
    if (!(i8x16.all_true(low) && i8x16.all_true(high))) exactFours(list, at, to);
  }
}
