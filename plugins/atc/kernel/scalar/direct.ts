/**
 * Averages summed directly over the records, oldest to newest, in the order of the reference (assembly/atc/direct.ts).
 * `record` is the index of the window's last record.
 */
import { type Lanes, RECORD } from './lanes.js';

/** Where the close is in a record. */
const CLOSE = 2;

export function weightedAverage({ doubles }: Lanes, record: number, length: number): number {
  let sum = 0;
  const first = record - length * RECORD + CLOSE;
  for (let j = 1; j <= length; j++) sum += doubles[first + j * RECORD] * j;
  return sum / (0.5 * length * (length + 1));
}

export function hullAverage(lanes: Lanes, record: number, length: number): number {
  const root = Math.floor(Math.sqrt(length));
  const half = Math.floor(length / 2);
  let sum = 0;
  for (let j = 1; j <= root; j++) {
    const at = record - (root - j) * RECORD;
    sum += (2 * weightedAverage(lanes, at, half) - weightedAverage(lanes, at, length)) * j;
  }
  return sum / (0.5 * root * (root + 1));
}

export function leastSquaresAverage({ doubles }: Lanes, record: number, length: number): number {
  const sumX = 0.5 * length * (length + 1);
  const sumXX = (sumX * (2 * length + 1)) / 3;
  const divisor = length * sumXX - sumX * sumX;
  let sumY = 0;
  let sumXY = 0;
  const first = record - length * RECORD + CLOSE;
  for (let j = 1; j <= length; j++) {
    const close = doubles[first + j * RECORD];
    sumY += close;
    sumXY += close * j;
  }
  const slope = (length * sumXY - sumX * sumY) / divisor;
  const intercept = (sumY * sumXX - sumX * sumXY) / divisor;
  return slope * length + intercept;
}

/** The sum of |changes| over the last `length` bars. */
export function travel({ doubles }: Lanes, record: number, length: number): number {
  let sum = 0;
  const first = record - length * RECORD + CLOSE;
  for (let j = 1; j <= length; j++) sum += Math.abs(doubles[first + j * RECORD] - doubles[first + (j - 1) * RECORD]);
  return sum;
}

/** The mean of the known closes in the window; NaN if there is none. */
export function seedOf({ doubles }: Lanes, record: number, length: number): number {
  let sum = 0;
  let known = 0;
  const first = record - length * RECORD + CLOSE;
  for (let j = 1; j <= length; j++) {
    const close = doubles[first + j * RECORD];
    if (Number.isNaN(close)) continue;
    sum += close;
    known++;
  }
  return known > 0 ? sum / known : Number.NaN;
}
