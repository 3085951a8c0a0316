// Bars on which the running sums are not enough. Rare on real prices; the cost of a lane is its length.
import {
  ADAPTIVE,
  DISTANCE,
  EMA_FACTOR,
  EMA_KEEP2,
  EMA_TAKE2,
  KAMA_RANGE,
  KAMA_SLOW,
  PAIR_BYTES,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_TRAVEL,
  RECURSIVE,
  SECOND,
  SIDE,
  TRAVEL_GUARD,
} from '../../plugins/atc/kernel/layout';
import { hullAverage, leastSquaresAverage, lengthOf, travel, weightedAverage } from './direct';

/** Recursions that met their own value keep its bits: equal stays equal. */
export function repairExponential(close: f64, from: i32, to: i32): void {
  for (let at = 0; at < PAIR_BYTES; at += 8) {
    const lane = at & 8;
    const old1 = load<f64>(from + at, RECURSIVE);
    const old2 = load<f64>(from + at, RECURSIVE + SECOND);
    let new1 = load<f64>(to + at, RECURSIVE);
    if (old1 == close) new1 = old1;
    let new2 = load<f64>(at, EMA_KEEP2) * old2 + load<f64>(at, EMA_TAKE2) * new1;
    if (old2 == new1) new2 = old2;
    store<f64>(to + at, new1, RECURSIVE);
    store<f64>(to + at, new2, RECURSIVE + SECOND);
    store<f64>(at, close - (load<f64>(lane, EMA_FACTOR) * new1 - new2), DISTANCE);
  }
}

/** Averages over a window that the price touches are summed again directly. */
export function repairWindows(record: i32, close: f64, guard: f64): void {
  for (let j = 0; j < 9; j++) {
    const pair = j << 4;
    if (abs(load<f64>(pair, DISTANCE + PAIR_BYTES)) < guard) {
      store<f64>(pair, close - weightedAverage(record, lengthOf(2, j)), DISTANCE + PAIR_BYTES);
    }
    if (abs(load<f64>(pair, DISTANCE + PAIR_BYTES + 8)) < guard) {
      store<f64>(pair, close - leastSquaresAverage(record, lengthOf(4, j)), DISTANCE + PAIR_BYTES + 8);
    }
    if (abs(load<f64>(pair, DISTANCE + 2 * PAIR_BYTES)) < guard) {
      store<f64>(pair, close - hullAverage(record, lengthOf(1, j)), DISTANCE + 2 * PAIR_BYTES);
    }
  }
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

/** Once settled, the sign bit of a distance is the side: a price that touches stays on the side it was. */
export function keepSidesOfTouching(): void {
  for (let at = 0; at < 3 * PAIR_BYTES; at += 8) {
    if (load<f64>(at, DISTANCE) == 0) {
      store<f64>(at, load<i64>(at, SIDE) < 0 ? -f64.MIN_NORMAL_VALUE : f64.MIN_NORMAL_VALUE, DISTANCE);
    }
  }
}
