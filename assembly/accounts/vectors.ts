// What both loops over eight accounts do with one vector of them.

/**
 * Room above the rounding of a quotient: an equity at least this far above the deepest fall so far sets no new one, and
 * its fall need not be divided out.
 */
const ROOM: f64 = 1.0 + 1.0 / 281474976710656.0;

// @ts-ignore: decorator
@inline
export function lowDoubles(lanes: v128): v128 {
  return f64x2.convert_low_i32x4_s(lanes);
}

// @ts-ignore: decorator
@inline
export function highDoubles(lanes: v128): v128 {
  return f64x2.convert_low_i32x4_s(v128.shuffle<i32>(lanes, lanes, 2, 3, 2, 3));
}

/** What one bar makes of an equity: value after over value before, never below 0 (`wanted` is never NaN). */
// @ts-ignore: decorator
@inline
export function factorOf(wanted: v128): v128 {
  return f64x2.pmax(f64x2.splat(0), wanted);
}

/** The return of a bar: 0 for an equity that is lost already, whose value stays 0 under any factor. */
// @ts-ignore: decorator
@inline
export function returnOf(factor: v128, before: v128): v128 {
  return v128.and(f64x2.sub(factor, f64x2.splat(1)), f64x2.ne(before, f64x2.splat(0)));
}

/** Share of its peak below which an equity has fallen deeper than ever. */
// @ts-ignore: decorator
@inline
export function limitOf(drawdown: v128): v128 {
  return f64x2.mul(f64x2.sub(f64x2.splat(1), drawdown), f64x2.splat(ROOM));
}

// @ts-ignore: decorator
@inline
export function deeper(drawdown: v128, value: v128, peak: v128): v128 {
  return f64x2.pmax(drawdown, f64x2.sub(f64x2.splat(1), f64x2.div(value, peak)));
}
