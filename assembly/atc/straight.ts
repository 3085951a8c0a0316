// Prices that run straight: every least-squares average touches them, on every bar. All nine windows end at the same
// record, so they are summed two by two in a common walk, each in exactly the order of its own direct sum.
import {
  DISTANCE,
  LINE_DIVISOR,
  LINE_LENGTH,
  LINE_SQUARES,
  LINE_SUM,
  PAIR_BYTES,
  RECORD_BYTES,
  RECORD_CLOSE,
} from '../../plugins/atc/kernel/layout';
import { lengthOf } from './direct';

const LSMA = 4;
/** Of the nine lengths: see nineLengths in plugins/atc/families.ts. */
const LONGEST = 4;
const SHORTEST = 8;

/** A close that lies in the windows of lanes whose position is above 0; 0 for the others, which leaves their sums 0. */
// @ts-ignore: decorator
@inline
function within(close: v128, position: v128): v128 {
  return v128.and(close, f64x2.gt(position, f64x2.splat(0)));
}

/** The line's value at its newest end, of the two averages at vector `v` (0 to 64), stored where they touch. */
// @ts-ignore: decorator
@inline
function storeLine(v: i32, price: f64, guard: f64, sumY: v128, sumXY: v128): void {
  const n = v128.load(v, LINE_LENGTH);
  const sumX = v128.load(v, LINE_SUM);
  const divisor = v128.load(v, LINE_DIVISOR);
  const slope = f64x2.div(f64x2.sub(f64x2.mul(n, sumXY), f64x2.mul(sumX, sumY)), divisor);
  const squares = f64x2.mul(sumY, v128.load(v, LINE_SQUARES));
  const intercept = f64x2.div(f64x2.sub(squares, f64x2.mul(sumX, sumXY)), divisor);
  const apart = f64x2.sub(f64x2.splat(price), f64x2.add(f64x2.mul(slope, n), intercept));
  storeTouching(2 * v, f64x2.extract_lane(apart, 0), guard);
  if (v < 64) storeTouching(2 * v + 16, f64x2.extract_lane(apart, 1), guard);
}

// @ts-ignore: decorator
@inline
function storeTouching(at: i32, apart: f64, guard: f64): void {
  if (abs(load<f64>(at, DISTANCE + PAIR_BYTES + 8)) < guard) store<f64>(at, apart, DISTANCE + PAIR_BYTES + 8);
}

/**
 * Sums every least-squares average again directly; those that touch take the result. Two walks, of three vectors and of
 * two: the sums of all five exceed the registers.
 */
export function repairAllLeastSquares(record: i32, price: f64, guard: f64): void {
  const first = record - (lengthOf(LSMA, LONGEST) - 1) * RECORD_BYTES;
  const everyWindow = record - (lengthOf(LSMA, SHORTEST) - 1) * RECORD_BYTES;
  threeVectors(first, everyWindow, record, price, guard);
  twoVectors(first, everyWindow, record, price, guard);
}

/** Positions of the walk in the windows of a vector: 1 at the oldest bar of each. */
// @ts-ignore: decorator
@inline
function positions(v: i32): v128 {
  return f64x2.sub(v128.load(v, LINE_LENGTH), f64x2.splat(<f64>lengthOf(LSMA, LONGEST) - 1));
}

function threeVectors(first: i32, everyWindow: i32, record: i32, price: f64, guard: f64): void {
  const one = f64x2.splat(1);
  let y0 = f64x2.splat(0);
  let y1 = y0;
  let y2 = y0;
  let xy0 = y0;
  let xy1 = y0;
  let xy2 = y0;
  let j0 = positions(0);
  let j1 = positions(16);
  let j2 = positions(32);
  let at = first;
  for (; at < everyWindow; at += RECORD_BYTES) {
    const close = v128.load_splat<f64>(at, RECORD_CLOSE);
    const c0 = within(close, j0);
    const c1 = within(close, j1);
    const c2 = within(close, j2);
    y0 = f64x2.add(y0, c0);
    y1 = f64x2.add(y1, c1);
    y2 = f64x2.add(y2, c2);
    xy0 = f64x2.add(xy0, f64x2.mul(c0, j0));
    xy1 = f64x2.add(xy1, f64x2.mul(c1, j1));
    xy2 = f64x2.add(xy2, f64x2.mul(c2, j2));
    j0 = f64x2.add(j0, one);
    j1 = f64x2.add(j1, one);
    j2 = f64x2.add(j2, one);
  }
  for (; at <= record; at += RECORD_BYTES) {
    const close = v128.load_splat<f64>(at, RECORD_CLOSE);
    y0 = f64x2.add(y0, close);
    y1 = f64x2.add(y1, close);
    y2 = f64x2.add(y2, close);
    xy0 = f64x2.add(xy0, f64x2.mul(close, j0));
    xy1 = f64x2.add(xy1, f64x2.mul(close, j1));
    xy2 = f64x2.add(xy2, f64x2.mul(close, j2));
    j0 = f64x2.add(j0, one);
    j1 = f64x2.add(j1, one);
    j2 = f64x2.add(j2, one);
  }
  storeLine(0, price, guard, y0, xy0);
  storeLine(16, price, guard, y1, xy1);
  storeLine(32, price, guard, y2, xy2);
}

function twoVectors(first: i32, everyWindow: i32, record: i32, price: f64, guard: f64): void {
  const one = f64x2.splat(1);
  let y3 = f64x2.splat(0);
  let y4 = y3;
  let xy3 = y3;
  let xy4 = y3;
  let j3 = positions(48);
  let j4 = positions(64);
  let at = first;
  for (; at < everyWindow; at += RECORD_BYTES) {
    // Of the last vector no window has begun: both lanes are the shortest.
    const close = within(v128.load_splat<f64>(at, RECORD_CLOSE), j3);
    y3 = f64x2.add(y3, close);
    xy3 = f64x2.add(xy3, f64x2.mul(close, j3));
    j3 = f64x2.add(j3, one);
    j4 = f64x2.add(j4, one);
  }
  for (; at <= record; at += RECORD_BYTES) {
    const close = v128.load_splat<f64>(at, RECORD_CLOSE);
    y3 = f64x2.add(y3, close);
    y4 = f64x2.add(y4, close);
    xy3 = f64x2.add(xy3, f64x2.mul(close, j3));
    xy4 = f64x2.add(xy4, f64x2.mul(close, j4));
    j3 = f64x2.add(j3, one);
    j4 = f64x2.add(j4, one);
  }
  storeLine(48, price, guard, y3, xy3);
  storeLine(64, price, guard, y4, xy4);
}
