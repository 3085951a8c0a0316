// What is counted of eight accounts: whole numbers that depend on the positions alone, so they are taken by themselves,
// eight accounts in the 16-bit lanes of one vector. CHUNK bars at most, each of them 2 at most: no lane overflows.
import { HELD, TRADES, TURNOVER } from '../../src/backtest/account-layout';
import { highDoubles, lowDoubles } from './vectors';

/** Parameters as in loop.ts; `last` is read alone. */
export function countBars(group: i32, rates: i32, positions: i32, last: i32, count: i32): void {
  const zero = i16x8.splat(0);
  let before = v128.load8x8_s(last);
  let trades = zero;
  let turnover = zero;
  let held = zero;
  for (let i = 0; i < count; i++) {
    const rate = load<f64>(rates + (i << 3));
    if (rate != rate) continue;
    const now = v128.load8x8_s(positions + (i << 3));
    trades = i16x8.sub(trades, v128.and(i16x8.ne(now, before), i16x8.ne(now, zero)));
    turnover = i16x8.add(turnover, i16x8.abs(i16x8.sub(now, before)));
    held = i16x8.sub(held, i16x8.ne(before, zero));
    before = now;
  }
  add(group + TRADES, trades);
  add(group + TURNOVER, turnover);
  add(group + HELD, held);
}

/** Adds eight whole numbers to the doubles of a field. */
function add(field: i32, lanes: v128): void {
  const low = i32x4.extend_low_i16x8_s(lanes);
  const high = i32x4.extend_high_i16x8_s(lanes);
  v128.store(field, f64x2.add(v128.load(field), lowDoubles(low)));
  v128.store(field, f64x2.add(v128.load(field, 16), highDoubles(low)), 16);
  v128.store(field, f64x2.add(v128.load(field, 32), lowDoubles(high)), 32);
  v128.store(field, f64x2.add(v128.load(field, 48), highDoubles(high)), 48);
}
