// Averages summed directly, oldest to newest, in exactly the order of the reference: what decides when a price touches
// an average.
import { LENGTHS, RECORD_BYTES, RECORD_CLOSE } from '../../plugins/atc/kernel/layout';

/** The length of member `j` of the family at `family` (its index in ATC_FAMILIES). */
// @ts-ignore: decorator
@inline
export function lengthOf(family: i32, j: i32): i32 {
  return load<i32>((family * 9 + j) << 2, LENGTHS);
}

/** Of the window that ends with `record`. */
export function weightedAverage(record: i32, length: i32): f64 {
  let sum: f64 = 0;
  let at = record - (length - 1) * RECORD_BYTES;
  for (let j = 1; j <= length; j++) {
    sum += load<f64>(at, RECORD_CLOSE) * <f64>j;
    at += RECORD_BYTES;
  }
  return sum / (0.5 * <f64>length * <f64>(length + 1));
}

export function hullAverage(record: i32, length: i32): f64 {
  const root = <i32>Math.sqrt(<f64>length);
  let sum: f64 = 0;
  for (let j = 1; j <= root; j++) {
    const at = record - (root - j) * RECORD_BYTES;
    sum += (2 * weightedAverage(at, length / 2) - weightedAverage(at, length)) * <f64>j;
  }
  return sum / (0.5 * <f64>root * <f64>(root + 1));
}

export function leastSquaresAverage(record: i32, length: i32): f64 {
  const n = <f64>length;
  const sumX = 0.5 * n * (n + 1);
  const sumXX = (sumX * (2 * n + 1)) / 3;
  const divisor = n * sumXX - sumX * sumX;
  let sumY: f64 = 0;
  let sumXY: f64 = 0;
  let at = record - (length - 1) * RECORD_BYTES;
  for (let j = 1; j <= length; j++) {
    const close = load<f64>(at, RECORD_CLOSE);
    sumY += close;
    sumXY += close * <f64>j;
    at += RECORD_BYTES;
  }
  const slope = (n * sumXY - sumX * sumY) / divisor;
  const intercept = (sumY * sumXX - sumX * sumXY) / divisor;
  return slope * n + intercept;
}

/** The sum of |changes| over the last `length` bars. */
export function travel(record: i32, length: i32): f64 {
  let sum: f64 = 0;
  let at = record - (length - 1) * RECORD_BYTES;
  for (let j = 0; j < length; j++) {
    sum += abs(load<f64>(at, RECORD_CLOSE) - load<f64>(at - RECORD_BYTES, RECORD_CLOSE));
    at += RECORD_BYTES;
  }
  return sum;
}
