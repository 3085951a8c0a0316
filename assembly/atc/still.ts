// A price that stands still. The average of a window that holds one price alone depends on nothing but that price, and
// touches it up to rounding: it is summed once for every new price, in the order of the direct sums, not on every bar.
import {
  DISTANCE,
  PAIR_BYTES,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORDS,
  STILL,
  STILL_CLOSE,
} from '../../plugins/atc/kernel/layout';
import { lengthOf } from './direct';

/** How many bars before `position` closed at `close`, the last one first; counts no further than `most`. */
export function barsAt(close: f64, position: i32, most: i32): i32 {
  let at = RECORDS + (position - 1) * RECORD_BYTES;
  let bars = 0;
  while (bars < most && load<f64>(at, RECORD_CLOSE) == close) {
    bars++;
    at -= RECORD_BYTES;
  }
  return bars;
}

function weightedAverage(close: f64, length: i32): f64 {
  let sum: f64 = 0;
  for (let j = 1; j <= length; j++) sum += close * <f64>j;
  return sum / (0.5 * <f64>length * <f64>(length + 1));
}

function hullAverage(close: f64, length: i32): f64 {
  const root = <i32>Math.sqrt(<f64>length);
  const inner = 2 * weightedAverage(close, length / 2) - weightedAverage(close, length);
  return weightedAverage(inner, root);
}

function leastSquaresAverage(close: f64, length: i32): f64 {
  const n = <f64>length;
  const sumX = 0.5 * n * (n + 1);
  const sumXX = (sumX * (2 * n + 1)) / 3;
  const divisor = n * sumXX - sumX * sumX;
  let sumY: f64 = 0;
  let sumXY: f64 = 0;
  for (let j = 1; j <= length; j++) {
    sumY += close;
    sumXY += close * <f64>j;
  }
  const slope = (n * sumXY - sumX * sumY) / divisor;
  const intercept = (sumY * sumXX - sumX * sumXY) / divisor;
  return slope * n + intercept;
}

/** Fills the table STILL for a price, unless it holds that price already. */
export function prepareStill(close: f64): void {
  if (load<f64>(STILL_CLOSE) == close) return;
  for (let j = 0; j < 9; j++) {
    const pair = j << 4;
    store<f64>(pair, close - weightedAverage(close, lengthOf(2, j)), STILL);
    store<f64>(pair, close - leastSquaresAverage(close, lengthOf(4, j)), STILL + 8);
    store<f64>(pair, close - hullAverage(close, lengthOf(1, j)), STILL + PAIR_BYTES);
  }
  store<f64>(STILL_CLOSE, close);
}

/** Every window holds one price alone: the averages of a pair that touch it are read from the table. */
export function takeStillFits(close: f64, guard: f64): void {
  prepareStill(close);
  const limit = f64x2.splat(guard);
  const everyLane = i64x2.splat(-1);
  for (let at = 0; at < PAIR_BYTES; at += 16) takeStill(at, limit, everyLane);
}

export function takeStillHulls(close: f64, guard: f64): void {
  prepareStill(close);
  const limit = f64x2.splat(guard);
  const firstLane = i64x2(-1, 0);
  for (let at = PAIR_BYTES; at < 2 * PAIR_BYTES; at += 16) takeStill(at, limit, firstLane);
}

// @ts-ignore: decorator
@inline
function takeStill(at: i32, limit: v128, lanes: v128): void {
  const distance = v128.load(at, DISTANCE + PAIR_BYTES);
  const touches = v128.and(f64x2.lt(f64x2.abs(distance), limit), lanes);
  v128.store(at, v128.bitselect(v128.load(at, STILL), distance, touches), DISTANCE + PAIR_BYTES);
}
