// Bars on which the running sums are not enough. Rare on real prices; the cost of a lane is its length.
import {
  ADAPTIVE,
  DISTANCE,
  EMA_FACTOR,
  EMA_KEEP2,
  EMA_TAKE2,
  KAMA_BACK,
  KAMA_RANGE,
  KAMA_SLOW,
  PAIR_BYTES,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_TRAVEL,
  RECURSIVE,
  SECOND,
  SIDE,
  STILL,
  TRAVEL_GUARD,
} from '../../plugins/atc/kernel/layout';
import { signBit } from './averages';
import { hullAverage, leastSquaresAverage, lengthOf, travel, weightedAverage } from './direct';
import { prepareStill } from './still';
import { repairAllLeastSquares } from './straight';

/** Recursions that met their own value keep its bits: equal stays equal. */
export function repairExponential(price: f64, from: i32, to: i32): void {
  const close = f64x2.splat(price);
  const factor = v128.load(EMA_FACTOR);
  for (let at = 0; at < PAIR_BYTES; at += 16) {
    const old1 = v128.load(from + at, RECURSIVE);
    const old2 = v128.load(from + at, RECURSIVE + SECOND);
    const new1 = v128.bitselect(old1, v128.load(to + at, RECURSIVE), f64x2.eq(old1, close));
    const moved = f64x2.add(f64x2.mul(v128.load(at, EMA_KEEP2), old2), f64x2.mul(v128.load(at, EMA_TAKE2), new1));
    const new2 = v128.bitselect(old2, moved, f64x2.eq(old2, new1));
    v128.store(to + at, new1, RECURSIVE);
    v128.store(to + at, new2, RECURSIVE + SECOND);
    v128.store(at, f64x2.sub(close, f64x2.sub(f64x2.mul(factor, new1), new2)), DISTANCE);
  }
}

/**
 * Averages over a window that the price touches are summed again directly, or read from the table where the last
 * `still` bars, at one price, fill the window.
 */
export function repairWeighted(record: i32, close: f64, guard: f64, still: i32): void {
  for (let j = 0; j < 9; j++) {
    const pair = j << 4;
    if (!(abs(load<f64>(pair, DISTANCE + PAIR_BYTES)) < guard)) continue;
    const length = lengthOf(2, j);
    const distance = still < length ? close - weightedAverage(record, length) : stillDistance(close, pair);
    store<f64>(pair, distance, DISTANCE + PAIR_BYTES);
  }
}

export function repairHull(record: i32, close: f64, guard: f64, still: i32): void {
  for (let j = 0; j < 9; j++) {
    const pair = j << 4;
    if (!(abs(load<f64>(pair, DISTANCE + 2 * PAIR_BYTES)) < guard)) continue;
    const length = lengthOf(1, j);
    const needed = length + <i32>Math.sqrt(<f64>length) - 1;
    const distance = still < needed ? close - hullAverage(record, length) : stillDistance(close, pair + PAIR_BYTES);
    store<f64>(pair, distance, DISTANCE + 2 * PAIR_BYTES);
  }
}

/** Touching averages from which one walk over all windows costs less than a walk over each. */
const TOUCHING_TOGETHER = 3;

export function repairLeastSquares(record: i32, close: f64, guard: f64, still: i32): void {
  let touching = 0;
  for (let j = 0; j < 9; j++) {
    const touches = abs(load<f64>(j << 4, DISTANCE + PAIR_BYTES + 8)) < guard && still < lengthOf(4, j);
    touching += touches ? 1 : 0;
  }
  if (touching >= TOUCHING_TOGETHER) {
    repairAllLeastSquares(record, close, guard);
    return;
  }
  for (let j = 0; j < 9; j++) {
    const pair = j << 4;
    if (abs(load<f64>(pair, DISTANCE + PAIR_BYTES + 8)) < guard) {
      const length = lengthOf(4, j);
      const distance = still < length ? close - leastSquaresAverage(record, length) : stillDistance(close, pair + 8);
      store<f64>(pair, distance, DISTANCE + PAIR_BYTES + 8);
    }
  }
}

// @ts-ignore: decorator
@inline
function stillDistance(close: f64, at: i32): f64 {
  prepareStill(close);
  return load<f64>(at, STILL);
}

/** One Kaufman average from `value`, over a clean window. */
export function adaptiveAverage(record: i32, close: f64, value: f64, length: i32): f64 {
  const old = record - length * RECORD_BYTES;
  const travelled = load<f64>(record, RECORD_TRAVEL);
  const change = abs(close - load<f64>(old, RECORD_CLOSE));
  let noise = travelled - load<f64>(old, RECORD_TRAVEL);
  if (noise < travelled * TRAVEL_GUARD && change != 0) noise = travel(record, length);
  const efficiency = change / max(f64.MIN_NORMAL_VALUE, noise);
  const root = efficiency * load<f64>(KAMA_RANGE) + load<f64>(KAMA_SLOW);
  return value + root * root * (close - value);
}

export function repairAdaptive(record: i32, close: f64, from: i32, to: i32): void {
  for (let j = 0; j < 9; j++) {
    const value = adaptiveAverage(record, close, load<f64>(from + (j << 3), RECURSIVE + ADAPTIVE), lengthOf(5, j));
    store<f64>(to + (j << 3), value, RECURSIVE + ADAPTIVE);
    store<f64>(j << 4, close - value, DISTANCE + 2 * PAIR_BYTES + 8);
  }
  // The unused last lane repeats the ninth.
  store<f64>(to, load<f64>(to + 64, RECURSIVE + ADAPTIVE), RECURSIVE + ADAPTIVE + 72);
}

/** Whether the travel over the window of some Kaufman average lost its digits in the running sum. */
export function travelLostDigits(record: i32, price: f64): bool {
  const close = f64x2.splat(price);
  const travelled = v128.load_splat<f64>(record, RECORD_TRAVEL);
  const limit = f64x2.mul(travelled, f64x2.splat(TRAVEL_GUARD));
  let lost = i64x2.splat(0);
  for (let pair = 0; pair < 40; pair += 8) {
    const old0 = v128.load(record + load<i32>(pair, KAMA_BACK), RECORD_CLOSE);
    const old1 = v128.load(record + load<i32>(pair, KAMA_BACK + 4), RECORD_CLOSE);
    const moved = f64x2.ne(close, v128.shuffle<f64>(old0, old1, 0, 2));
    const noise = f64x2.sub(travelled, v128.shuffle<f64>(old0, old1, 1, 3));
    lost = v128.or(lost, v128.and(moved, f64x2.lt(noise, limit)));
  }
  return v128.any_true(lost);
}

/**
 * Once settled, the sign bit of a distance is the side: a price that touches stays on the side it was. Of the pair of
 * families at `from`, 0 to 2 · PAIR_BYTES.
 */
export function keepSidesOfTouching(from: i32): void {
  const zero = f64x2.splat(0);
  const least = f64x2.splat(f64.MIN_NORMAL_VALUE);
  for (let at = from; at < from + PAIR_BYTES; at += 16) {
    const distance = v128.load(at, DISTANCE);
    const touches = f64x2.eq(distance, zero);
    const apart = v128.or(least, v128.and(v128.load(at, SIDE), signBit()));
    v128.store(at, v128.bitselect(apart, distance, touches), DISTANCE);
  }
}
