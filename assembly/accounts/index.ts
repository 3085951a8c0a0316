// The kernel of many accounts (src/backtest/accounts-wasm.ts): the loop of loop.ts, compiled twice.
import { tradeBars } from './loop';

/** Addresses in bytes; the parameters are those of loop.ts. */
export function trade(group: i32, rates: i32, positions: i32, last: i32, count: i32, costRate: f64): void {
  tradeBars(false, group, rates, positions, last, count, costRate);
}

/** As `trade`. Every factor must be above 0, no equity may fall to 0, and all counts of returns must be equal. */
export function tradeSteady(group: i32, rates: i32, positions: i32, last: i32, count: i32, costRate: f64): void {
  tradeBars(true, group, rates, positions, last, count, costRate);
}
