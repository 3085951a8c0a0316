/** Averages summed directly over the records, oldest to newest, in the order of the reference (assembly/atc/direct.ts). */
import { RECORD_BYTES, RECORD_CLOSE } from '../layout.js';
import type { StateView } from './state-view.js';

/** Of the window that ends with `record`. */
export function weightedAverage(state: StateView, record: number, length: number): number {
  let sum = 0;
  const first = record - length * RECORD_BYTES + RECORD_CLOSE;
  for (let j = 1; j <= length; j++) sum += state.get(first + j * RECORD_BYTES) * j;
  return sum / (0.5 * length * (length + 1));
}

export function hullAverage(state: StateView, record: number, length: number): number {
  const root = Math.floor(Math.sqrt(length));
  const half = Math.floor(length / 2);
  let sum = 0;
  for (let j = 1; j <= root; j++) {
    const at = record - (root - j) * RECORD_BYTES;
    sum += (2 * weightedAverage(state, at, half) - weightedAverage(state, at, length)) * j;
  }
  return sum / (0.5 * root * (root + 1));
}

export function leastSquaresAverage(state: StateView, record: number, length: number): number {
  const sumX = 0.5 * length * (length + 1);
  const sumXX = (sumX * (2 * length + 1)) / 3;
  const divisor = length * sumXX - sumX * sumX;
  let sumY = 0;
  let sumXY = 0;
  const first = record - length * RECORD_BYTES + RECORD_CLOSE;
  for (let j = 1; j <= length; j++) {
    const close = state.get(first + j * RECORD_BYTES);
    sumY += close;
    sumXY += close * j;
  }
  const slope = (length * sumXY - sumX * sumY) / divisor;
  const intercept = (sumY * sumXX - sumX * sumXY) / divisor;
  return slope * length + intercept;
}

/** The sum of |changes| over the last `length` bars. */
export function travel(state: StateView, record: number, length: number): number {
  let sum = 0;
  const first = record - length * RECORD_BYTES + RECORD_CLOSE;
  for (let j = 1; j <= length; j++) {
    sum += Math.abs(state.get(first + j * RECORD_BYTES) - state.get(first + (j - 1) * RECORD_BYTES));
  }
  return sum;
}

/** The mean of the known closes in the window that ends with `record`; NaN if there is none. */
export function seedOf(state: StateView, record: number, length: number): number {
  let sum = 0;
  let known = 0;
  const first = record - length * RECORD_BYTES + RECORD_CLOSE;
  for (let j = 1; j <= length; j++) {
    const close = state.get(first + j * RECORD_BYTES);
    if (Number.isNaN(close)) continue;
    sum += close;
    known++;
  }
  return known > 0 ? sum / known : Number.NaN;
}
