// The averages bar by bar and lane by lane, as the reference has them: while recursions wait for their seed, and around
// gaps.
import {
  ADAPTIVE,
  DISTANCE,
  EMA_FACTOR,
  EMA_KEEP,
  EMA_TAKE,
  GAP_WEIGHT,
  PAIR_BYTES,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECURSIVE,
  SECOND,
} from '../../plugins/atc/kernel/layout';
import { lengthOf } from './direct';
import { adaptiveAverage } from './repair';

/** The mean of the known closes in the window that ends with `record`; NaN if there is none. */
function seedOf(record: i32, length: i32): f64 {
  let sum: f64 = 0;
  let known: f64 = 0;
  let at = record - (length - 1) * RECORD_BYTES;
  for (let j = 0; j < length; j++) {
    const close = load<f64>(at, RECORD_CLOSE);
    if (close == close) {
      sum += close;
      known += 1;
    }
    at += RECORD_BYTES;
  }
  return known > 0 ? sum / known : NaN;
}

/** `bar` counts from 0 and may be clamped once it exceeds every length. */
export function startExponential(record: i32, bar: i32, close: f64, from: i32, to: i32): void {
  for (let at = 0; at < PAIR_BYTES; at += 8) {
    const isDouble = (at & 8) != 0;
    const length = lengthOf(isDouble ? 3 : 0, at >> 4);
    let first = load<f64>(from + at, RECURSIVE);
    let second = load<f64>(from + at, RECURSIVE + SECOND);
    const keep = load<f64>(at, EMA_KEEP);
    const take = load<f64>(at, EMA_TAKE);
    if (bar < length - 1) first = NaN;
    else if (bar == length - 1) first = seedOf(record, length);
    else if (first != first) first = close;
    else {
      const weight = load<f64>(at, GAP_WEIGHT) * keep;
      if (close == close) {
        if (first != close) first = (weight * first + take * close) / (weight + take);
        store<f64>(at, 1, GAP_WEIGHT);
      } else store<f64>(at, weight, GAP_WEIGHT);
    }
    if (isDouble) {
      if (second != second) second = first;
      else if (second != first) second = (keep * second + take * first) / (keep + take);
    }
    store<f64>(to + at, first, RECURSIVE);
    store<f64>(to + at, second, RECURSIVE + SECOND);
    store<f64>(at, close - (load<f64>(at & 8, EMA_FACTOR) * first - second), DISTANCE);
  }
}

/**
 * The same around gaps, two averages at a time, once every average has had its seed. A seed of no price at all waits
 * for the first close.
 */
export function bridgeExponential(price: f64, from: i32, to: i32): void {
  const close = f64x2.splat(price);
  const one = f64x2.splat(1);
  const known = price == price;
  const doubleLane = i64x2(0, -1);
  const factor = v128.load(EMA_FACTOR);
  for (let at = 0; at < PAIR_BYTES; at += 16) {
    const keep = v128.load(at, EMA_KEEP);
    const take = v128.load(at, EMA_TAKE);
    const old1 = v128.load(from + at, RECURSIVE);
    const old2 = v128.load(from + at, RECURSIVE + SECOND);
    const weight = f64x2.mul(v128.load(at, GAP_WEIGHT), keep);
    const waiting = f64x2.ne(old1, old1);
    let new1 = old1;
    let gap = weight;
    if (known) {
      const moved = f64x2.div(f64x2.add(f64x2.mul(weight, old1), f64x2.mul(take, close)), f64x2.add(weight, take));
      new1 = v128.bitselect(old1, moved, f64x2.eq(old1, close));
      gap = one;
    }
    new1 = v128.bitselect(close, new1, waiting);
    v128.store(at, v128.bitselect(v128.load(at, GAP_WEIGHT), gap, waiting), GAP_WEIGHT);

    const smoothed = f64x2.div(f64x2.add(f64x2.mul(keep, old2), f64x2.mul(take, new1)), f64x2.add(keep, take));
    let new2 = v128.bitselect(old2, smoothed, f64x2.eq(old2, new1));
    new2 = v128.bitselect(new1, new2, f64x2.ne(old2, old2));
    new2 = v128.bitselect(new2, old2, doubleLane);
    v128.store(to + at, new1, RECURSIVE);
    v128.store(to + at, new2, RECURSIVE + SECOND);
    v128.store(at, f64x2.sub(close, f64x2.sub(f64x2.mul(factor, new1), new2)), DISTANCE);
  }
}

export function startAdaptive(record: i32, bar: i32, cleanRun: i32, close: f64, from: i32, to: i32): void {
  for (let j = 0; j < 9; j++) {
    const length = lengthOf(5, j);
    let value = load<f64>(from + (j << 3), RECURSIVE + ADAPTIVE);
    if (bar == 0) value = close;
    else if (bar >= length) {
      if (cleanRun <= length) value = NaN;
      else if (value != value) value = close;
      else value = adaptiveAverage(record, close, value, length);
    }
    store<f64>(to + (j << 3), value, RECURSIVE + ADAPTIVE);
    store<f64>(j << 4, close - value, DISTANCE + 2 * PAIR_BYTES + 8);
  }
  store<f64>(to, load<f64>(to + 64, RECURSIVE + ADAPTIVE), RECURSIVE + ADAPTIVE + 72);
}

/** Averages whose window is not full of prices are undefined. */
export function undefineWindows(cleanRun: i32): void {
  for (let j = 0; j < 9; j++) {
    const pair = j << 4;
    if (cleanRun < lengthOf(2, j)) store<f64>(pair, NaN, DISTANCE + PAIR_BYTES);
    if (cleanRun < lengthOf(4, j)) store<f64>(pair, NaN, DISTANCE + PAIR_BYTES + 8);
    const hull = lengthOf(1, j);
    if (cleanRun < hull + <i32>Math.sqrt(<f64>hull) - 1) store<f64>(pair, NaN, DISTANCE + 2 * PAIR_BYTES);
  }
}
