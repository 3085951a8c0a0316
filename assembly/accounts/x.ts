
import { COUNT, DRAWDOWN, MEAN, PEAK, POSITION, SCATTER, VALUE } from '../../src/backtest/account-layout';
import { countBars } from './counts';
import { deeper, highDoubles, limitOf, lowDoubles } from './vectors';
const BLOCK: i32 = 64;
export function steady2(group: i32, rates: i32, positions: i32, last: i32, count: i32, costRate: f64): void {
  const scratch = memory.data(64 * 64 + 64, 16);
  countBars(group, rates, positions, last, count);
  let used = 0;
  for (let from = 0; from < count; from += BLOCK) {
    const bars = min(BLOCK, count - from);
    used = factors(scratch, rates + (from << 3), positions + (from << 3), last, bars, costRate);
    values(group, scratch, used); welford(group, scratch, used);
  }
}
function factors(out: i32, rates: i32, positions: i32, last: i32, bars: i32, costRate: f64): i32 {
  const start = out;
  const one = f64x2.splat(1);
  const cost = f64x2.splat(costRate);
  let current = load<i64>(last);
  const words0 = v128.load8x8_s(last);
  const l0 = i32x4.extend_low_i16x8_s(words0);
  const h0 = i32x4.extend_high_i16x8_s(words0);
  let held0 = lowDoubles(l0); let held1 = highDoubles(l0); let held2 = lowDoubles(h0); let held3 = highDoubles(h0);
  for (let i = 0; i < bars; i++) {
    const rate = load<f64>(rates + (i << 3));
    if (rate != rate) continue;
    const next = load<i64>(positions + (i << 3));
    const move = f64x2.splat(rate);
    let wanted0 = f64x2.add(one, f64x2.mul(held0, move));
let wanted1 = f64x2.add(one, f64x2.mul(held1, move));
let wanted2 = f64x2.add(one, f64x2.mul(held2, move));
let wanted3 = f64x2.add(one, f64x2.mul(held3, move));
    if (next != current) {
      current = next;
      const words = v128.load8x8_s(positions + (i << 3));
      const low = i32x4.extend_low_i16x8_s(words);
      const high = i32x4.extend_high_i16x8_s(words);
      const now0 = lowDoubles(low); const now1 = highDoubles(low); const now2 = lowDoubles(high); const now3 = highDoubles(high);
      wanted0 = f64x2.mul(wanted0, f64x2.sub(one, f64x2.mul(f64x2.abs(f64x2.sub(now0, held0)), cost))); held0 = now0;
wanted1 = f64x2.mul(wanted1, f64x2.sub(one, f64x2.mul(f64x2.abs(f64x2.sub(now1, held1)), cost))); held1 = now1;
wanted2 = f64x2.mul(wanted2, f64x2.sub(one, f64x2.mul(f64x2.abs(f64x2.sub(now2, held2)), cost))); held2 = now2;
wanted3 = f64x2.mul(wanted3, f64x2.sub(one, f64x2.mul(f64x2.abs(f64x2.sub(now3, held3)), cost))); held3 = now3;
    }
    v128.store(out, wanted0, 0);
v128.store(out, wanted1, 16);
v128.store(out, wanted2, 32);
v128.store(out, wanted3, 48);
    out += 64;
  }
  store<i64>(last, current);
  return (out - start) >> 6;
}
function values(group: i32, factors: i32, bars: i32): void {
  let value0 = v128.load(group + 0, VALUE); let peak0 = v128.load(group + 0, PEAK); let drawdown0 = v128.load(group + 0, DRAWDOWN); let limit0 = limitOf(drawdown0);
let value1 = v128.load(group + 16, VALUE); let peak1 = v128.load(group + 16, PEAK); let drawdown1 = v128.load(group + 16, DRAWDOWN); let limit1 = limitOf(drawdown1);
let value2 = v128.load(group + 32, VALUE); let peak2 = v128.load(group + 32, PEAK); let drawdown2 = v128.load(group + 32, DRAWDOWN); let limit2 = limitOf(drawdown2);
let value3 = v128.load(group + 48, VALUE); let peak3 = v128.load(group + 48, PEAK); let drawdown3 = v128.load(group + 48, DRAWDOWN); let limit3 = limitOf(drawdown3);
  for (let i = 0; i < bars; i++) {
    value0 = f64x2.mul(value0, v128.load(factors, 0)); peak0 = f64x2.pmax(peak0, value0);
value1 = f64x2.mul(value1, v128.load(factors, 16)); peak1 = f64x2.pmax(peak1, value1);
value2 = f64x2.mul(value2, v128.load(factors, 32)); peak2 = f64x2.pmax(peak2, value2);
value3 = f64x2.mul(value3, v128.load(factors, 48)); peak3 = f64x2.pmax(peak3, value3);
    const deep = v128.or(
      v128.or(f64x2.lt(value0, f64x2.mul(peak0, limit0)), f64x2.lt(value1, f64x2.mul(peak1, limit1))),
      v128.or(f64x2.lt(value2, f64x2.mul(peak2, limit2)), f64x2.lt(value3, f64x2.mul(peak3, limit3))),
    );
    if (v128.any_true(deep)) {
      drawdown0 = deeper(drawdown0, value0, peak0); limit0 = limitOf(drawdown0);
drawdown1 = deeper(drawdown1, value1, peak1); limit1 = limitOf(drawdown1);
drawdown2 = deeper(drawdown2, value2, peak2); limit2 = limitOf(drawdown2);
drawdown3 = deeper(drawdown3, value3, peak3); limit3 = limitOf(drawdown3);
    }
    factors += 64;
  }
  v128.store(group + 0, value0, VALUE); v128.store(group + 0, peak0, PEAK); v128.store(group + 0, drawdown0, DRAWDOWN);
v128.store(group + 16, value1, VALUE); v128.store(group + 16, peak1, PEAK); v128.store(group + 16, drawdown1, DRAWDOWN);
v128.store(group + 32, value2, VALUE); v128.store(group + 32, peak2, PEAK); v128.store(group + 32, drawdown2, DRAWDOWN);
v128.store(group + 48, value3, VALUE); v128.store(group + 48, peak3, PEAK); v128.store(group + 48, drawdown3, DRAWDOWN);
}
function welford(group: i32, factors: i32, bars: i32): void {
  const one = f64x2.splat(1);
  let samples = v128.load(group, COUNT);
  let mean0 = v128.load(group + 0, MEAN); let scatter0 = v128.load(group + 0, SCATTER);
let mean1 = v128.load(group + 16, MEAN); let scatter1 = v128.load(group + 16, SCATTER);
let mean2 = v128.load(group + 32, MEAN); let scatter2 = v128.load(group + 32, SCATTER);
let mean3 = v128.load(group + 48, MEAN); let scatter3 = v128.load(group + 48, SCATTER);
  for (let i = 0; i < bars; i++) {
    samples = f64x2.add(samples, one);
    const rate0 = f64x2.sub(v128.load(factors, 0), one); const distance0 = f64x2.sub(rate0, mean0); mean0 = f64x2.add(mean0, f64x2.div(distance0, samples)); scatter0 = f64x2.add(scatter0, f64x2.mul(distance0, f64x2.sub(rate0, mean0)));
const rate1 = f64x2.sub(v128.load(factors, 16), one); const distance1 = f64x2.sub(rate1, mean1); mean1 = f64x2.add(mean1, f64x2.div(distance1, samples)); scatter1 = f64x2.add(scatter1, f64x2.mul(distance1, f64x2.sub(rate1, mean1)));
const rate2 = f64x2.sub(v128.load(factors, 32), one); const distance2 = f64x2.sub(rate2, mean2); mean2 = f64x2.add(mean2, f64x2.div(distance2, samples)); scatter2 = f64x2.add(scatter2, f64x2.mul(distance2, f64x2.sub(rate2, mean2)));
const rate3 = f64x2.sub(v128.load(factors, 48), one); const distance3 = f64x2.sub(rate3, mean3); mean3 = f64x2.add(mean3, f64x2.div(distance3, samples)); scatter3 = f64x2.add(scatter3, f64x2.mul(distance3, f64x2.sub(rate3, mean3)));
    factors += 64;
  }
  v128.store(group + 0, samples, COUNT); v128.store(group + 0, mean0, MEAN); v128.store(group + 0, scatter0, SCATTER);
v128.store(group + 16, samples, COUNT); v128.store(group + 16, mean1, MEAN); v128.store(group + 16, scatter1, SCATTER);
v128.store(group + 32, samples, COUNT); v128.store(group + 32, mean2, MEAN); v128.store(group + 32, scatter2, SCATTER);
v128.store(group + 48, samples, COUNT); v128.store(group + 48, mean3, MEAN); v128.store(group + 48, scatter3, SCATTER);
}
function advance(group: i32, factors: i32, bars: i32): void {
  const one = f64x2.splat(1);
  let samples = v128.load(group, COUNT);
  let mean0 = v128.load(group + 0, MEAN); let scatter0 = v128.load(group + 0, SCATTER);
let mean1 = v128.load(group + 16, MEAN); let scatter1 = v128.load(group + 16, SCATTER);
let mean2 = v128.load(group + 32, MEAN); let scatter2 = v128.load(group + 32, SCATTER);
let mean3 = v128.load(group + 48, MEAN); let scatter3 = v128.load(group + 48, SCATTER);
  let value0 = v128.load(group + 0, VALUE); let peak0 = v128.load(group + 0, PEAK); let drawdown0 = v128.load(group + 0, DRAWDOWN); let limit0 = limitOf(drawdown0);
let value1 = v128.load(group + 16, VALUE); let peak1 = v128.load(group + 16, PEAK); let drawdown1 = v128.load(group + 16, DRAWDOWN); let limit1 = limitOf(drawdown1);
let value2 = v128.load(group + 32, VALUE); let peak2 = v128.load(group + 32, PEAK); let drawdown2 = v128.load(group + 32, DRAWDOWN); let limit2 = limitOf(drawdown2);
let value3 = v128.load(group + 48, VALUE); let peak3 = v128.load(group + 48, PEAK); let drawdown3 = v128.load(group + 48, DRAWDOWN); let limit3 = limitOf(drawdown3);
  for (let i = 0; i < bars; i++) {
    samples = f64x2.add(samples, one);
    const f0 = v128.load(factors, 0); const rate0 = f64x2.sub(f0, one); const distance0 = f64x2.sub(rate0, mean0); mean0 = f64x2.add(mean0, f64x2.div(distance0, samples)); scatter0 = f64x2.add(scatter0, f64x2.mul(distance0, f64x2.sub(rate0, mean0)));
const f1 = v128.load(factors, 16); const rate1 = f64x2.sub(f1, one); const distance1 = f64x2.sub(rate1, mean1); mean1 = f64x2.add(mean1, f64x2.div(distance1, samples)); scatter1 = f64x2.add(scatter1, f64x2.mul(distance1, f64x2.sub(rate1, mean1)));
const f2 = v128.load(factors, 32); const rate2 = f64x2.sub(f2, one); const distance2 = f64x2.sub(rate2, mean2); mean2 = f64x2.add(mean2, f64x2.div(distance2, samples)); scatter2 = f64x2.add(scatter2, f64x2.mul(distance2, f64x2.sub(rate2, mean2)));
const f3 = v128.load(factors, 48); const rate3 = f64x2.sub(f3, one); const distance3 = f64x2.sub(rate3, mean3); mean3 = f64x2.add(mean3, f64x2.div(distance3, samples)); scatter3 = f64x2.add(scatter3, f64x2.mul(distance3, f64x2.sub(rate3, mean3)));
    value0 = f64x2.mul(value0, f0); peak0 = f64x2.pmax(peak0, value0);
value1 = f64x2.mul(value1, f1); peak1 = f64x2.pmax(peak1, value1);
value2 = f64x2.mul(value2, f2); peak2 = f64x2.pmax(peak2, value2);
value3 = f64x2.mul(value3, f3); peak3 = f64x2.pmax(peak3, value3);
    const deep = v128.or(
      v128.or(f64x2.lt(value0, f64x2.mul(peak0, limit0)), f64x2.lt(value1, f64x2.mul(peak1, limit1))),
      v128.or(f64x2.lt(value2, f64x2.mul(peak2, limit2)), f64x2.lt(value3, f64x2.mul(peak3, limit3))),
    );
    if (v128.any_true(deep)) {
      drawdown0 = deeper(drawdown0, value0, peak0); limit0 = limitOf(drawdown0);
drawdown1 = deeper(drawdown1, value1, peak1); limit1 = limitOf(drawdown1);
drawdown2 = deeper(drawdown2, value2, peak2); limit2 = limitOf(drawdown2);
drawdown3 = deeper(drawdown3, value3, peak3); limit3 = limitOf(drawdown3);
    }
    factors += 64;
  }
  v128.store(group + 0, samples, COUNT); v128.store(group + 0, mean0, MEAN); v128.store(group + 0, scatter0, SCATTER);
v128.store(group + 16, samples, COUNT); v128.store(group + 16, mean1, MEAN); v128.store(group + 16, scatter1, SCATTER);
v128.store(group + 32, samples, COUNT); v128.store(group + 32, mean2, MEAN); v128.store(group + 32, scatter2, SCATTER);
v128.store(group + 48, samples, COUNT); v128.store(group + 48, mean3, MEAN); v128.store(group + 48, scatter3, SCATTER);
  v128.store(group + 0, value0, VALUE); v128.store(group + 0, peak0, PEAK); v128.store(group + 0, drawdown0, DRAWDOWN);
v128.store(group + 16, value1, VALUE); v128.store(group + 16, peak1, PEAK); v128.store(group + 16, drawdown1, DRAWDOWN);
v128.store(group + 32, value2, VALUE); v128.store(group + 32, peak2, PEAK); v128.store(group + 32, drawdown2, DRAWDOWN);
v128.store(group + 48, value3, VALUE); v128.store(group + 48, peak3, PEAK); v128.store(group + 48, drawdown3, DRAWDOWN);
}
export function onlyFactors(group: i32, rates: i32, positions: i32, last: i32, count: i32, costRate: f64): void {
  const scratch = memory.data(64 * 64 + 64, 16);
  for (let from = 0; from < count; from += BLOCK) factors(scratch, rates + (from << 3), positions + (from << 3), last, min(BLOCK, count - from), costRate);
}
export function onlyValues(group: i32, rates: i32, positions: i32, last: i32, count: i32, costRate: f64): void {
  const scratch = memory.data(64 * 64 + 64, 16);
  for (let from = 0; from < count; from += BLOCK) values(group, scratch, min(BLOCK, count - from));
}
export function onlyWelford(group: i32, rates: i32, positions: i32, last: i32, count: i32, costRate: f64): void {
  const scratch = memory.data(64 * 64 + 64, 16);
  for (let from = 0; from < count; from += BLOCK) welford(group, scratch, min(BLOCK, count - from));
}
export function onlyCounts(group: i32, rates: i32, positions: i32, last: i32, count: i32, costRate: f64): void {
  countBars(group, rates, positions, last, count);
}
export { trade, tradeSteady } from './index';
