// The last step of the strategy for many trials: out of the signals and equities of the families that a trial is made
// of, the side of its average signal at every bar. The sum over the families runs in their order, as in assembly/atc.

import { vote, writeSides } from './votes';

/**
 * @param columns Twelve addresses of 32 bits: signals and equities of the six families, in their order.
 * @param count Bars, even; the arrays are that long.
 * @param out Address of the trial's byte at the first bar.
 */
export function sides(columns: i32, count: i32, long: f64, short: f64, out: i32): void {
  const signal0 = load<i32>(columns);
  const equity0 = load<i32>(columns, 4);
  const signal1 = load<i32>(columns, 8);
  const equity1 = load<i32>(columns, 12);
  const signal2 = load<i32>(columns, 16);
  const equity2 = load<i32>(columns, 20);
  const signal3 = load<i32>(columns, 24);
  const equity3 = load<i32>(columns, 28);
  const signal4 = load<i32>(columns, 32);
  const equity4 = load<i32>(columns, 36);
  const signal5 = load<i32>(columns, 40);
  const equity5 = load<i32>(columns, 44);
  const longLanes = f64x2.splat(long);
  const shortLanes = f64x2.splat(short);
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    let votes = f64x2.add(f64x2.splat(0), vote(signal0, equity0, at, longLanes, shortLanes));
    votes = f64x2.add(votes, vote(signal1, equity1, at, longLanes, shortLanes));
    votes = f64x2.add(votes, vote(signal2, equity2, at, longLanes, shortLanes));
    votes = f64x2.add(votes, vote(signal3, equity3, at, longLanes, shortLanes));
    votes = f64x2.add(votes, vote(signal4, equity4, at, longLanes, shortLanes));
    votes = f64x2.add(votes, vote(signal5, equity5, at, longLanes, shortLanes));
    writeSides(out + at, votes);
  }
}

/** The votes of one family at one pair of cuts, for `sidesOfPairs` and `sidesOfSixes`. */
export function votes(signals: i32, equities: i32, count: i32, long: f64, short: f64, out: i32): void {
  const longLanes = f64x2.splat(long);
  const shortLanes = f64x2.splat(short);
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    v128.store(out + at, vote(signals, equities, at, longLanes, shortLanes));
  }
}

/**
 * The sum of five columns of votes, in their order: what eight trials that differ in the last family have in common.
 */
export function sumOfFive(columns: i32, count: i32, out: i32): void {
  const votes0 = load<i32>(columns);
  const votes1 = load<i32>(columns, 4);
  const votes2 = load<i32>(columns, 8);
  const votes3 = load<i32>(columns, 12);
  const votes4 = load<i32>(columns, 16);
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    let sum = f64x2.add(f64x2.splat(0), v128.load(votes0 + at));
    sum = f64x2.add(sum, v128.load(votes1 + at));
    sum = f64x2.add(sum, v128.load(votes2 + at));
    sum = f64x2.add(sum, v128.load(votes3 + at));
    v128.store(out + at, f64x2.add(sum, v128.load(votes4 + at)));
  }
}

/** Sides of two bars as 64-bit numbers. */
// @ts-ignore: decorator
@inline
function sideOf(votes: v128): v128 {
  const zero = f64x2.splat(0);
  return i64x2.sub(f64x2.lt(votes, zero), f64x2.gt(votes, zero));
}

/** Writes the sides of two bars of eight trials: sixteen bytes, the first bar first. */
// @ts-ignore: decorator
@inline
function writeEight(
  out: i32,
  votes0: v128,
  votes1: v128,
  votes2: v128,
  votes3: v128,
  votes4: v128,
  votes5: v128,
  votes6: v128,
  votes7: v128,
): void {
  const first = v128.shuffle<i32>(sideOf(votes0), sideOf(votes1), 0, 2, 4, 6);
  const second = v128.shuffle<i32>(sideOf(votes2), sideOf(votes3), 0, 2, 4, 6);
  const third = v128.shuffle<i32>(sideOf(votes4), sideOf(votes5), 0, 2, 4, 6);
  const fourth = v128.shuffle<i32>(sideOf(votes6), sideOf(votes7), 0, 2, 4, 6);
  const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(first, second), i16x8.narrow_i32x4_s(third, fourth));
  v128.store(out, v128.shuffle<i8>(bytes, bytes, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));
}

/** Sides of eight trials, each the sum of two columns. `list`: two addresses of 32 bits a trial. */
export function sidesOfPairs(list: i32, count: i32, out: i32): void {
  const common0 = load<i32>(list);
  const own0 = load<i32>(list, 4);
  const common1 = load<i32>(list, 8);
  const own1 = load<i32>(list, 12);
  const common2 = load<i32>(list, 16);
  const own2 = load<i32>(list, 20);
  const common3 = load<i32>(list, 24);
  const own3 = load<i32>(list, 28);
  const common4 = load<i32>(list, 32);
  const own4 = load<i32>(list, 36);
  const common5 = load<i32>(list, 40);
  const own5 = load<i32>(list, 44);
  const common6 = load<i32>(list, 48);
  const own6 = load<i32>(list, 52);
  const common7 = load<i32>(list, 56);
  const own7 = load<i32>(list, 60);
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    writeEight(
      out + at,
      f64x2.add(v128.load(common0 + at), v128.load(own0 + at)),
      f64x2.add(v128.load(common1 + at), v128.load(own1 + at)),
      f64x2.add(v128.load(common2 + at), v128.load(own2 + at)),
      f64x2.add(v128.load(common3 + at), v128.load(own3 + at)),
      f64x2.add(v128.load(common4 + at), v128.load(own4 + at)),
      f64x2.add(v128.load(common5 + at), v128.load(own5 + at)),
      f64x2.add(v128.load(common6 + at), v128.load(own6 + at)),
      f64x2.add(v128.load(common7 + at), v128.load(own7 + at)),
    );
  }
}

/** The sum of six columns of votes at two bars. `list`: six addresses. */
// @ts-ignore: decorator
@inline
function sumOfSix(list: i32, at: i32): v128 {
  let sum = f64x2.add(v128.load(load<i32>(list) + at), v128.load(load<i32>(list, 4) + at));
  sum = f64x2.add(sum, v128.load(load<i32>(list, 8) + at));
  sum = f64x2.add(sum, v128.load(load<i32>(list, 12) + at));
  sum = f64x2.add(sum, v128.load(load<i32>(list, 16) + at));
  return f64x2.add(sum, v128.load(load<i32>(list, 20) + at));
}

/** Sides of eight trials, each the sum of six columns of votes. `list`: six addresses of 32 bits a trial. */
export function sidesOfSixes(list: i32, count: i32, out: i32): void {
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    writeEight(
      out + at,
      sumOfSix(list, at),
      sumOfSix(list + 24, at),
      sumOfSix(list + 48, at),
      sumOfSix(list + 72, at),
      sumOfSix(list + 96, at),
      sumOfSix(list + 120, at),
      sumOfSix(list + 144, at),
      sumOfSix(list + 168, at),
    );
  }
}

/** The vote of one family, as the kernel multiplies it: an equity that overflowed makes it NaN between the cuts. */
// @ts-ignore: decorator
@inline
function exactVote(signals: i32, equities: i32, at: i32, long: v128, short: v128): v128 {
  const one = f64x2.splat(1);
  const signal = v128.load(signals + at);
  const sign = v128.or(v128.and(f64x2.gt(signal, long), one), v128.and(f64x2.lt(signal, short), f64x2.neg(one)));
  return f64x2.mul(sign, v128.load(equities + at));
}

/** As `sides`, where equities are so large that their sum or the average may overflow or vanish. */
export function exactSides(columns: i32, count: i32, long: f64, short: f64, out: i32): void {
  const longLanes = f64x2.splat(long);
  const shortLanes = f64x2.splat(short);
  const most = f64x2.splat(f64.MAX_VALUE);
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    let votes = f64x2.splat(0);
    let total = f64x2.splat(0);
    for (let family = 0; family < 48; family += 8) {
      const signals = load<i32>(columns + family);
      const equities = load<i32>(columns + family, 4);
      votes = f64x2.add(votes, exactVote(signals, equities, at, longLanes, shortLanes));
      total = f64x2.add(total, v128.load(equities + at));
    }
    const average = f64x2.div(votes, total);
    writeSides(out + at, v128.and(average, f64x2.le(f64x2.abs(average), most)));
  }
}

/** Whether an equity is above `limit`, or not a number past the cutout. */
export function isLarge(equities: i32, count: i32, limit: f64): bool {
  const limits = f64x2.splat(limit);
  let large = f64x2.splat(0);
  const end = count << 3;
  for (let at = 0; at < end; at += 16) large = v128.or(large, f64x2.gt(v128.load(equities + at), limits));
  return v128.any_true(large);
}

export { adaptive } from './adaptive';
export { sidesOfDifferences, sumsBeyond } from './sums';
