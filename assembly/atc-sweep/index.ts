// The last step of the strategy for many trials: out of the signals and equities of the families that a trial is made
// of, the side of its average signal at every bar. The sum over the families runs in their order, as in assembly/atc.

/** The vote of one family at two bars: its equity, with the sign of a signal beyond the cut; 0 between the cuts. */
// @ts-ignore: decorator
@inline
function vote(signals: i32, equities: i32, at: i32, long: v128, short: v128): v128 {
  const signal = v128.load(signals + at);
  const equity = v128.load(equities + at);
  return f64x2.sub(v128.and(f64x2.gt(signal, long), equity), v128.and(f64x2.lt(signal, short), equity));
}

/** Writes the sides of two bars, a byte each, eight bytes apart. */
// @ts-ignore: decorator
@inline
function writeSides(out: i32, votes: v128): void {
  const zero = f64x2.splat(0);
  const sides = i64x2.sub(f64x2.lt(votes, zero), f64x2.gt(votes, zero));
  v128.store_lane<i8>(out, sides, 0);
  v128.store_lane<i8>(out, sides, 8, 8);
}

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

/** The votes of one family at one pair of cuts, for `sidesOfVotes`. */
export function votes(signals: i32, equities: i32, count: i32, long: f64, short: f64, out: i32): void {
  const longLanes = f64x2.splat(long);
  const shortLanes = f64x2.splat(short);
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    v128.store(out + at, vote(signals, equities, at, longLanes, shortLanes));
  }
}

/** The equities of one family beyond one cut at two bars: above it for `isLong`, else below. */
// @ts-ignore: decorator
@inline
function beyond(signals: i32, equities: i32, at: i32, cut: v128, isLong: bool): v128 {
  const signal = v128.load(signals + at);
  const side = isLong ? f64x2.gt(signal, cut) : f64x2.lt(signal, cut);
  return v128.and(side, v128.load(equities + at));
}

/**
 * For thresholds on a grid: the equities of all families beyond one cut. Twelve addresses at `columns`, as for `sides`.
 */
export function sumBeyond(columns: i32, count: i32, cut: f64, isLong: bool, out: i32): void {
  const lanes = f64x2.splat(cut);
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    let sum = f64x2.splat(0);
    for (let family = 0; family < 48; family += 8) {
      sum = f64x2.add(sum, beyond(load<i32>(columns + family), load<i32>(columns + family, 4), at, lanes, isLong));
    }
    v128.store(out + at, sum);
  }
}

/** A share of the equities of all families: differences below it may be rounding. */
export function tolerance(columns: i32, count: i32, share: f64, out: i32): void {
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    let sum = f64x2.splat(0);
    for (let family = 0; family < 48; family += 8) sum = f64x2.add(sum, v128.load(load<i32>(columns + family, 4) + at));
    v128.store(out + at, f64x2.mul(sum, f64x2.splat(share)));
  }
}

/**
 * Sides out of the equities for and against. Returns whether some bar is too close to be distinguished from the
 * difference of two sums: then `sides` has to sum in the order of the families.
 */
export function sidesOfSums(longs: i32, shorts: i32, tolerances: i32, count: i32, out: i32): bool {
  const zero = f64x2.splat(0);
  let close = zero;
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    const long = v128.load(longs + at);
    const difference = f64x2.sub(long, v128.load(shorts + at));
    const isClose = f64x2.lt(f64x2.abs(difference), v128.load(tolerances + at));
    close = v128.or(close, v128.and(isClose, f64x2.gt(long, zero)));
    writeSides(out + at, difference);
  }
  return v128.any_true(close);
}

/** As `sides`, out of six columns of votes: addresses of 32 bits at `columns`. */
export function sidesOfVotes(columns: i32, count: i32, out: i32): void {
  const votes0 = load<i32>(columns);
  const votes1 = load<i32>(columns, 4);
  const votes2 = load<i32>(columns, 8);
  const votes3 = load<i32>(columns, 12);
  const votes4 = load<i32>(columns, 16);
  const votes5 = load<i32>(columns, 20);
  const end = count << 3;
  for (let at = 0; at < end; at += 16) {
    let sum = f64x2.add(f64x2.splat(0), v128.load(votes0 + at));
    sum = f64x2.add(sum, v128.load(votes1 + at));
    sum = f64x2.add(sum, v128.load(votes2 + at));
    sum = f64x2.add(sum, v128.load(votes3 + at));
    sum = f64x2.add(sum, v128.load(votes4 + at));
    sum = f64x2.add(sum, v128.load(votes5 + at));
    writeSides(out + at, sum);
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
