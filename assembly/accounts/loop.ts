// Eight accounts side by side, bar by bar, with the operations of src/backtest/equity.ts and trading.ts in their order:
// the bits are those of one account alone. Two accounts share a vector; four vectors are advanced together, because the
// mean of the returns is a chain of divisions and one chain alone would leave the processor waiting.
import {
  COUNT,
  DRAWDOWN,
  MEAN,
  PEAK,
  POSITION,
  SCATTER,
  VALUE,
} from '../../src/backtest/account-layout';
import { countBars } from './counts';
import { deeper, factorOf, highDoubles, limitOf, lowDoubles, returnOf } from './vectors';

/**
 * Inlined into each export of index.ts: `isSteady` is a constant there, and what depends on it is decided by the
 * compiler.
 *
 * @param isSteady Nothing unusual can happen: every factor is above 0, no equity falls to 0 in these bars, and all
 *   eight accounts have had the same number of returns. The operations that matter are the same, in the same order.
 * @param group Address of the group's state.
 * @param rates One return a bar, NaN for a bar without a price.
 * @param positions Eight bytes a bar: -1, 0 or 1 from that bar's close on.
 * @param last The positions as they are now, eight bytes; updated.
 */
// @ts-ignore: decorator
@inline
export function tradeBars(
  isSteady: bool,
  group: i32,
  rates: i32,
  positions: i32,
  last: i32,
  count: i32,
  costRate: f64,
): void {
  const one = f64x2.splat(1);
  const cost = f64x2.splat(costRate);
  let current = load<i64>(last);
  countBars(group, rates, positions, last, count);
  let held0 = v128.load(group, POSITION);
  let value0 = v128.load(group, VALUE);
  let peak0 = v128.load(group, PEAK);
  let drawdown0 = v128.load(group, DRAWDOWN);
  let samples0 = v128.load(group, COUNT);
  let mean0 = v128.load(group, MEAN);
  let scatter0 = v128.load(group, SCATTER);
  let limit0 = limitOf(drawdown0);
  let held1 = v128.load(group + 16, POSITION);
  let value1 = v128.load(group + 16, VALUE);
  let peak1 = v128.load(group + 16, PEAK);
  let drawdown1 = v128.load(group + 16, DRAWDOWN);
  let samples1 = v128.load(group + 16, COUNT);
  let mean1 = v128.load(group + 16, MEAN);
  let scatter1 = v128.load(group + 16, SCATTER);
  let limit1 = limitOf(drawdown1);
  let held2 = v128.load(group + 32, POSITION);
  let value2 = v128.load(group + 32, VALUE);
  let peak2 = v128.load(group + 32, PEAK);
  let drawdown2 = v128.load(group + 32, DRAWDOWN);
  let samples2 = v128.load(group + 32, COUNT);
  let mean2 = v128.load(group + 32, MEAN);
  let scatter2 = v128.load(group + 32, SCATTER);
  let limit2 = limitOf(drawdown2);
  let held3 = v128.load(group + 48, POSITION);
  let value3 = v128.load(group + 48, VALUE);
  let peak3 = v128.load(group + 48, PEAK);
  let drawdown3 = v128.load(group + 48, DRAWDOWN);
  let samples3 = v128.load(group + 48, COUNT);
  let mean3 = v128.load(group + 48, MEAN);
  let scatter3 = v128.load(group + 48, SCATTER);
  let limit3 = limitOf(drawdown3);
  for (let i = 0; i < count; i++) {
    const rate = load<f64>(rates + (i << 3));
    if (rate != rate) continue;
    const move = f64x2.splat(rate);
    let wanted0 = f64x2.add(one, f64x2.mul(held0, move));
    let wanted1 = f64x2.add(one, f64x2.mul(held1, move));
    let wanted2 = f64x2.add(one, f64x2.mul(held2, move));
    let wanted3 = f64x2.add(one, f64x2.mul(held3, move));
    const next = load<i64>(positions + (i << 3));
    if (next != current) {
      current = next;
      const words = i16x8.extend_low_i8x16_s(v128.load64_zero(positions + (i << 3)));
      const low = i32x4.extend_low_i16x8_s(words);
      const high = i32x4.extend_high_i16x8_s(words);
      const now0 = lowDoubles(low);
      wanted0 = f64x2.mul(wanted0, f64x2.sub(one, f64x2.mul(f64x2.abs(f64x2.sub(now0, held0)), cost)));
      held0 = now0;
      const now1 = highDoubles(low);
      wanted1 = f64x2.mul(wanted1, f64x2.sub(one, f64x2.mul(f64x2.abs(f64x2.sub(now1, held1)), cost)));
      held1 = now1;
      const now2 = lowDoubles(high);
      wanted2 = f64x2.mul(wanted2, f64x2.sub(one, f64x2.mul(f64x2.abs(f64x2.sub(now2, held2)), cost)));
      held2 = now2;
      const now3 = highDoubles(high);
      wanted3 = f64x2.mul(wanted3, f64x2.sub(one, f64x2.mul(f64x2.abs(f64x2.sub(now3, held3)), cost)));
      held3 = now3;
    }
    const factor0 = isSteady ? wanted0 : factorOf(wanted0);
    const rate0 = isSteady ? f64x2.sub(factor0, one) : returnOf(factor0, value0);
    value0 = f64x2.mul(value0, factor0);
    peak0 = f64x2.pmax(peak0, value0);
    const factor1 = isSteady ? wanted1 : factorOf(wanted1);
    const rate1 = isSteady ? f64x2.sub(factor1, one) : returnOf(factor1, value1);
    value1 = f64x2.mul(value1, factor1);
    peak1 = f64x2.pmax(peak1, value1);
    const factor2 = isSteady ? wanted2 : factorOf(wanted2);
    const rate2 = isSteady ? f64x2.sub(factor2, one) : returnOf(factor2, value2);
    value2 = f64x2.mul(value2, factor2);
    peak2 = f64x2.pmax(peak2, value2);
    const factor3 = isSteady ? wanted3 : factorOf(wanted3);
    const rate3 = isSteady ? f64x2.sub(factor3, one) : returnOf(factor3, value3);
    value3 = f64x2.mul(value3, factor3);
    peak3 = f64x2.pmax(peak3, value3);
    const deep = v128.or(
      v128.or(f64x2.lt(value0, f64x2.mul(peak0, limit0)), f64x2.lt(value1, f64x2.mul(peak1, limit1))),
      v128.or(f64x2.lt(value2, f64x2.mul(peak2, limit2)), f64x2.lt(value3, f64x2.mul(peak3, limit3))),
    );
    if (v128.any_true(deep)) {
      drawdown0 = deeper(drawdown0, value0, peak0);
      limit0 = limitOf(drawdown0);
      drawdown1 = deeper(drawdown1, value1, peak1);
      limit1 = limitOf(drawdown1);
      drawdown2 = deeper(drawdown2, value2, peak2);
      limit2 = limitOf(drawdown2);
      drawdown3 = deeper(drawdown3, value3, peak3);
      limit3 = limitOf(drawdown3);
    }
    samples0 = f64x2.add(samples0, one);
    const distance0 = f64x2.sub(rate0, mean0);
    mean0 = f64x2.add(mean0, f64x2.div(distance0, samples0));
    scatter0 = f64x2.add(scatter0, f64x2.mul(distance0, f64x2.sub(rate0, mean0)));
    samples1 = isSteady ? samples0 : f64x2.add(samples1, one);
    const distance1 = f64x2.sub(rate1, mean1);
    mean1 = f64x2.add(mean1, f64x2.div(distance1, samples1));
    scatter1 = f64x2.add(scatter1, f64x2.mul(distance1, f64x2.sub(rate1, mean1)));
    samples2 = isSteady ? samples0 : f64x2.add(samples2, one);
    const distance2 = f64x2.sub(rate2, mean2);
    mean2 = f64x2.add(mean2, f64x2.div(distance2, samples2));
    scatter2 = f64x2.add(scatter2, f64x2.mul(distance2, f64x2.sub(rate2, mean2)));
    samples3 = isSteady ? samples0 : f64x2.add(samples3, one);
    const distance3 = f64x2.sub(rate3, mean3);
    mean3 = f64x2.add(mean3, f64x2.div(distance3, samples3));
    scatter3 = f64x2.add(scatter3, f64x2.mul(distance3, f64x2.sub(rate3, mean3)));
  }
  v128.store(group, held0, POSITION);
  v128.store(group + 16, held1, POSITION);
  v128.store(group + 32, held2, POSITION);
  v128.store(group + 48, held3, POSITION);
  store<i64>(last, current);
  v128.store(group, value0, VALUE);
  v128.store(group, peak0, PEAK);
  v128.store(group, drawdown0, DRAWDOWN);
  v128.store(group, samples0, COUNT);
  v128.store(group, mean0, MEAN);
  v128.store(group, scatter0, SCATTER);
  v128.store(group + 16, value1, VALUE);
  v128.store(group + 16, peak1, PEAK);
  v128.store(group + 16, drawdown1, DRAWDOWN);
  v128.store(group + 16, samples1, COUNT);
  v128.store(group + 16, mean1, MEAN);
  v128.store(group + 16, scatter1, SCATTER);
  v128.store(group + 32, value2, VALUE);
  v128.store(group + 32, peak2, PEAK);
  v128.store(group + 32, drawdown2, DRAWDOWN);
  v128.store(group + 32, samples2, COUNT);
  v128.store(group + 32, mean2, MEAN);
  v128.store(group + 32, scatter2, SCATTER);
  v128.store(group + 48, value3, VALUE);
  v128.store(group + 48, peak3, PEAK);
  v128.store(group + 48, drawdown3, DRAWDOWN);
  v128.store(group + 48, samples3, COUNT);
  v128.store(group + 48, mean3, MEAN);
  v128.store(group + 48, scatter3, SCATTER);
}
