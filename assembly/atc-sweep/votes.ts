// Votes of families, two bars at a time.

/** The vote of one family at two bars: its equity, with the sign of a signal beyond the cut; 0 between the cuts. */
// @ts-ignore: decorator
@inline
export function vote(signals: i32, equities: i32, at: i32, long: v128, short: v128): v128 {
  const signal = v128.load(signals + at);
  const equity = v128.load(equities + at);
  return f64x2.sub(v128.and(f64x2.gt(signal, long), equity), v128.and(f64x2.lt(signal, short), equity));
}

/** Writes the sides of two bars, a byte each, eight bytes apart. */
// @ts-ignore: decorator
@inline
export function writeSides(out: i32, votes: v128): void {
  const zero = f64x2.splat(0);
  const sides = i64x2.sub(f64x2.lt(votes, zero), f64x2.gt(votes, zero));
  v128.store_lane<i8>(out, sides, 0);
  v128.store_lane<i8>(out, sides, 8, 8);
}
