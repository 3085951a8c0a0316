// Eight accounts side by side, bar by bar, with the operations of src/backtest/equity.ts and trading.ts in their order:
// the bits are those of one account alone. Two accounts share a vector; four vectors are advanced together, because the
// mean of the returns is a chain of divisions and one chain alone would leave the processor waiting.
import {
  COUNT,
  DRAWDOWN,
  HELD,
  MEAN,
  PEAK,
  POSITION,
  SCATTER,
  TRADES,
  TURNOVER,
  VALUE,
} from '../../src/backtest/account-layout';

/**
 * Room above the rounding of a quotient: an equity at least this far above the deepest fall so far sets no new one, and
 * its fall need not be divided out.
 */
const ROOM: f64 = 1.0 + 1.0 / 281474976710656.0;

// @ts-ignore: decorator
@inline
function magnitude(x: v128): v128 {
  return f64x2.abs(x);
}

/** The four positions of a vector pair as doubles: `lanes` holds four 32-bit integers. */
// @ts-ignore: decorator
@inline
function lowDoubles(lanes: v128): v128 {
  return f64x2.convert_low_i32x4_s(lanes);
}

// @ts-ignore: decorator
@inline
function highDoubles(lanes: v128): v128 {
  return f64x2.convert_low_i32x4_s(v128.shuffle<i32>(lanes, lanes, 2, 3, 2, 3));
}

/** What one bar makes of an equity: value after over value before, never below 0; 1 for what is lost already. */
// @ts-ignore: decorator
@inline
function factorOf(value: v128, wanted: v128): v128 {
  const zero = f64x2.splat(0);
  return v128.bitselect(f64x2.splat(1), f64x2.max(wanted, zero), f64x2.eq(value, zero));
}

/** Moves the equity of vector `v` on and returns its return. */
// @ts-ignore: decorator
@inline
function grow(at: i32, wanted: v128): v128 {
  const value = v128.load(at, VALUE);
  const factor = factorOf(value, wanted);
  const grown = f64x2.mul(value, factor);
  v128.store(at, grown, VALUE);
  v128.store(at, f64x2.pmax(v128.load(at, PEAK), grown), PEAK);
  return f64x2.sub(factor, f64x2.splat(1));
}

/** The first half of Welford's step: the distance from the old mean; writes the new mean. */
// @ts-ignore: decorator
@inline
function observe(at: i32, rate: v128): void {
  const count = f64x2.add(v128.load(at, COUNT), f64x2.splat(1));
  v128.store(at, count, COUNT);
  const mean = v128.load(at, MEAN);
  const distance = f64x2.sub(rate, mean);
  const moved = f64x2.add(mean, f64x2.div(distance, count));
  v128.store(at, moved, MEAN);
  v128.store(at, f64x2.add(v128.load(at, SCATTER), f64x2.mul(distance, f64x2.sub(rate, moved))), SCATTER);
}

/** All ones where the equity may have fallen deeper than ever. */
// @ts-ignore: decorator
@inline
function fellDeep(at: i32): v128 {
  const kept = f64x2.mul(f64x2.sub(f64x2.splat(1), v128.load(at, DRAWDOWN)), f64x2.splat(ROOM));
  return f64x2.lt(v128.load(at, VALUE), f64x2.mul(v128.load(at, PEAK), kept));
}

function deepen(at: i32): void {
  const fall = f64x2.sub(f64x2.splat(1), f64x2.div(v128.load(at, VALUE), v128.load(at, PEAK)));
  v128.store(at, f64x2.pmax(v128.load(at, DRAWDOWN), fall), DRAWDOWN);
}

/** Bookkeeping of a bar on which some position changed: one vector. */
function change(at: i32, now: v128): v128 {
  const before = v128.load(at, POSITION);
  const traded = magnitude(f64x2.sub(now, before));
  const zero = f64x2.splat(0);
  const opened = v128.and(f64x2.ne(now, zero), f64x2.ne(traded, zero));
  v128.store(at, f64x2.add(v128.load(at, TRADES), v128.and(opened, f64x2.splat(1))), TRADES);
  v128.store(at, f64x2.add(v128.load(at, TURNOVER), traded), TURNOVER);
  v128.store(at, now, POSITION);
  return traded;
}

/** `bars` more bars with the positions as they are. */
function hold(group: i32, bars: f64): void {
  for (let at = group; at < group + 64; at += 16) {
    const held = f64x2.mul(magnitude(v128.load(at, POSITION)), f64x2.splat(bars));
    v128.store(at, f64x2.add(v128.load(at, HELD), held), HELD);
  }
}

/**
 * @param group Address of the group's state.
 * @param rates One return a bar, NaN for a bar without a price.
 * @param positions Eight bytes a bar: -1, 0 or 1 from that bar's close on.
 * @param last The positions as they are now, eight bytes; updated.
 */
export function trade(group: i32, rates: i32, positions: i32, last: i32, count: i32, costRate: f64): void {
  const one = f64x2.splat(1);
  let current = load<i64>(last);
  let unchanged: f64 = 0;
  for (let i = 0; i < count; i++) {
    const rate = load<f64>(rates + (i << 3));
    if (rate != rate) continue;
    const rates2 = f64x2.splat(rate);
    let wanted0 = f64x2.add(one, f64x2.mul(v128.load(group, POSITION), rates2));
    let wanted1 = f64x2.add(one, f64x2.mul(v128.load(group + 16, POSITION), rates2));
    let wanted2 = f64x2.add(one, f64x2.mul(v128.load(group + 32, POSITION), rates2));
    let wanted3 = f64x2.add(one, f64x2.mul(v128.load(group + 48, POSITION), rates2));
    unchanged += 1;
    const next = load<i64>(positions + (i << 3));
    if (next != current) {
      hold(group, unchanged);
      unchanged = 0;
      current = next;
      const words = i16x8.extend_low_i8x16_s(v128.load64_zero(positions + (i << 3)));
      const low = i32x4.extend_low_i16x8_s(words);
      const high = i32x4.extend_high_i16x8_s(words);
      const cost = f64x2.splat(costRate);
      wanted0 = f64x2.mul(wanted0, f64x2.sub(one, f64x2.mul(change(group, lowDoubles(low)), cost)));
      wanted1 = f64x2.mul(wanted1, f64x2.sub(one, f64x2.mul(change(group + 16, highDoubles(low)), cost)));
      wanted2 = f64x2.mul(wanted2, f64x2.sub(one, f64x2.mul(change(group + 32, lowDoubles(high)), cost)));
      wanted3 = f64x2.mul(wanted3, f64x2.sub(one, f64x2.mul(change(group + 48, highDoubles(high)), cost)));
    }
    const rate0 = grow(group, wanted0);
    const rate1 = grow(group + 16, wanted1);
    const rate2 = grow(group + 32, wanted2);
    const rate3 = grow(group + 48, wanted3);
    const deep = v128.or(
      v128.or(fellDeep(group), fellDeep(group + 16)),
      v128.or(fellDeep(group + 32), fellDeep(group + 48)),
    );
    if (v128.any_true(deep)) {
      deepen(group);
      deepen(group + 16);
      deepen(group + 32);
      deepen(group + 48);
    }
    observe(group, rate0);
    observe(group + 16, rate1);
    observe(group + 32, rate2);
    observe(group + 48, rate3);
  }
  hold(group, unchanged);
  store<i64>(last, current);
}
