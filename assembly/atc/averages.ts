// The averages while all is steady: no gap in any window, every recursion seeded. Each function writes price - average
// of its lanes and narrows `nearest`, the smallest such distance: below the guard, the bar needs repair. Loops over
// lanes are written out: the engine leaves them as they are, and a tenth of the time would go into counting.
import {
  ADAPTIVE,
  DISTANCE,
  EMA_FACTOR,
  EMA_KEEP,
  EMA_KEEP2,
  EMA_TAKE,
  EMA_TAKE2,
  FIT_BACK,
  FIT_OLD,
  FIT_RAMP,
  FIT_SUM,
  HULL_DISTANCE,
  HULL_HALF,
  HULL_HALF_BACK,
  HULL_PLAIN,
  HULL_ROOT,
  HULL_ROW_BACK,
  HULL_SCALE,
  HULL_SUM,
  HULL_WEIGHTED,
  HULL_WHOLE,
  HULL_WHOLE_BACK,
  KAMA_BACK,
  KAMA_RANGE,
  KAMA_SLOW,
  PACE,
  PAIR_BYTES,
  RECORD_CLOSE,
  RECORD_PLAIN,
  RECORD_TRAVEL,
  RECURSIVE,
  ROW_BYTES,
  SECOND,
  TRAVEL_GUARD,
} from '../../plugins/atc/kernel/layout';

// @ts-ignore: decorator
@inline
function magnitude(): v128 {
  return i64x2.splat(i64.MAX_VALUE);
}

// @ts-ignore: decorator
@inline
export function signBit(): v128 {
  return i64x2.splat(i64.MIN_VALUE);
}

/** The smaller of `nearest` and the distance's magnitude; what is NaN does not count. */
// @ts-ignore: decorator
@inline
function nearer(nearest: v128, distance: v128): v128 {
  return f64x2.pmin(nearest, v128.and(distance, magnitude()));
}

/** One vector (ema, dema): a recursion that met its own value counts as touching. */
// @ts-ignore: decorator
@inline
function exponential(j: i32, close: v128, factor: v128, from: i32, to: i32, nearest: v128): v128 {
  const old1 = v128.load(from + j, RECURSIVE);
  const old2 = v128.load(from + j, RECURSIVE + SECOND);
  const new1 = f64x2.add(f64x2.mul(v128.load(j, EMA_KEEP), old1), f64x2.mul(v128.load(j, EMA_TAKE), close));
  const new2 = f64x2.add(f64x2.mul(v128.load(j, EMA_KEEP2), old2), f64x2.mul(v128.load(j, EMA_TAKE2), new1));
  const met = v128.or(f64x2.eq(old1, close), f64x2.eq(old2, new1));
  v128.store(to + j, new1, RECURSIVE);
  v128.store(to + j, new2, RECURSIVE + SECOND);
  const distance = f64x2.sub(close, f64x2.sub(f64x2.mul(factor, new1), new2));
  v128.store(j, distance, DISTANCE);
  return nearer(v128.andnot(nearest, met), distance);
}

/** Exponential and double exponential averages: from the copy `from` of the recursions to the copy `to`. */
// @ts-ignore: decorator
@inline
export function exponentialDistances(close: v128, from: i32, to: i32, nearest: v128): v128 {
  const factor = v128.load(EMA_FACTOR);
  for (let j = 0; j < PAIR_BYTES; j += 48) {
    nearest = exponential(j, close, factor, from, to, nearest);
    nearest = exponential(j + 16, close, factor, from, to, nearest);
    nearest = exponential(j + 32, close, factor, from, to, nearest);
  }
  return nearest;
}

/** One vector (wma, lsma). */
// @ts-ignore: decorator
@inline
function fitted(j: i32, record: i32, offset: v128, ramp: v128, plain: v128, nearest: v128): v128 {
  const weighted = v128.load(record + load<i32>(j >> 1, FIT_BACK));
  const squares = v128.load(record + load<i32>(j >> 1, FIT_BACK + 4));
  const oldRamp = v128.shuffle<f64>(weighted, squares, 0, 2);
  const oldPlain = v128.shuffle<f64>(weighted, squares, 1, 3);
  const average = f64x2.sub(
    f64x2.add(
      f64x2.mul(v128.load(j, FIT_SUM), plain),
      f64x2.mul(v128.load(j, FIT_RAMP), f64x2.sub(oldRamp, ramp)),
    ),
    f64x2.mul(v128.load(j, FIT_OLD), oldPlain),
  );
  const distance = f64x2.sub(offset, average);
  v128.store(j, distance, DISTANCE + PAIR_BYTES);
  return nearer(nearest, distance);
}

/** Weighted and least-squares averages, out of the running sums of the current record. */
// @ts-ignore: decorator
@inline
export function fittedDistances(record: i32, offset: v128, nearest: v128): v128 {
  const ramp = v128.load_splat<f64>(record);
  const plain = v128.load_splat<f64>(record, RECORD_PLAIN);
  for (let j = 0; j < PAIR_BYTES; j += 48) {
    nearest = fitted(j, record, offset, ramp, plain, nearest);
    nearest = fitted(j + 16, record, offset, ramp, plain, nearest);
    nearest = fitted(j + 32, record, offset, ramp, plain, nearest);
  }
  return nearest;
}

/** Two doubles from two addresses. */
// @ts-ignore: decorator
@inline
function gather(first: i32, second: i32): v128 {
  return v128.load_lane<f64>(second, v128.load_zero<f64>(first), 1);
}

/** The inner value of two Hull averages, relative to the anchor. `v` is the vector's offset, 0 to 64. */
// @ts-ignore: decorator
@inline
export function innerHull(record: i32, v: i32, ramp: v128, plain: v128): v128 {
  const pair = v >> 1;
  const half = gather(record + load<i32>(pair, HULL_HALF_BACK), record + load<i32>(pair, HULL_HALF_BACK + 4));
  const whole = gather(record + load<i32>(pair, HULL_WHOLE_BACK), record + load<i32>(pair, HULL_WHOLE_BACK + 4));
  return f64x2.sub(
    f64x2.add(f64x2.mul(v128.load(v, HULL_SUM), plain), f64x2.mul(v128.load(v, HULL_HALF), f64x2.sub(half, ramp))),
    f64x2.mul(v128.load(v, HULL_WHOLE), f64x2.sub(whole, ramp)),
  );
}

/** One vector of Hull averages: price - average. Moves the window of inner values on. */
// @ts-ignore: decorator
@inline
function hullDistance(v: i32, record: i32, row: i32, offset: v128, ramp: v128, plain: v128): v128 {
  const pair = v >> 1;
  const inner = innerHull(record, v, ramp, plain);
  const oldest = gather(row + load<i32>(pair, HULL_ROW_BACK), row + load<i32>(pair, HULL_ROW_BACK + 4));
  const sum = v128.load(v, HULL_PLAIN);
  const weighted = f64x2.sub(
    f64x2.add(v128.load(v, HULL_WEIGHTED), f64x2.mul(v128.load(v, HULL_ROOT), inner)),
    sum,
  );
  v128.store(v, f64x2.sub(f64x2.add(sum, inner), oldest), HULL_PLAIN);
  v128.store(v, weighted, HULL_WEIGHTED);
  v128.store(row + v, inner);
  return f64x2.sub(offset, f64x2.mul(weighted, v128.load(v, HULL_SCALE)));
}

/** Hull averages alone, where the adaptive ones are not steady: writes their lanes of the third pair. */
export function hullDistances(record: i32, row: i32, price: f64): void {
  const offset = f64x2.splat(price);
  const ramp = v128.load_splat<f64>(record);
  const plain = v128.load_splat<f64>(record, RECORD_PLAIN);
  storeHull(0, hullDistance(0, record, row, offset, ramp, plain));
  storeHull(16, hullDistance(16, record, row, offset, ramp, plain));
  storeHull(32, hullDistance(32, record, row, offset, ramp, plain));
  storeHull(48, hullDistance(48, record, row, offset, ramp, plain));
  const last = hullDistance(64, record, row, offset, ramp, plain);
  v128.store_lane<f64>(DISTANCE + 2 * PAIR_BYTES + 128, last, 0);
}

// @ts-ignore: decorator
@inline
function storeHull(v: i32, distances: v128): void {
  v128.store_lane<f64>(DISTANCE + 2 * PAIR_BYTES + 2 * v, distances, 0);
  v128.store_lane<f64>(DISTANCE + 2 * PAIR_BYTES + 2 * v + 16, distances, 1);
}

/** One vector of what Kaufman averages take as their pace: the change over the window by the way travelled, 0 to 1. */
// @ts-ignore: decorator
@inline
function paceOf(v: i32, record: i32, close: v128, travelled: v128, nearest: v128): v128 {
  const pair = v >> 1;
  const old0 = v128.load(record + load<i32>(pair, KAMA_BACK), RECORD_CLOSE);
  const old1 = v128.load(record + load<i32>(pair, KAMA_BACK + 4), RECORD_CLOSE);
  const change = v128.and(f64x2.sub(close, v128.shuffle<f64>(old0, old1, 0, 2)), magnitude());
  const noise = f64x2.sub(travelled, v128.shuffle<f64>(old0, old1, 1, 3));
  v128.store(v, f64x2.div(change, f64x2.pmax(f64x2.splat(f64.MIN_NORMAL_VALUE), noise)), PACE);
  // Digits were lost: counts as touching.
  return v128.andnot(nearest, f64x2.lt(noise, f64x2.mul(travelled, f64x2.splat(TRAVEL_GUARD))));
}

/** One vector of Kaufman averages: price - average. */
// @ts-ignore: decorator
@inline
function adaptiveDistance(v: i32, from: i32, to: i32, close: v128, slow: v128, range: v128): v128 {
  const root = f64x2.add(f64x2.mul(v128.load(v, PACE), range), slow);
  const value = v128.load(from + v, RECURSIVE + ADAPTIVE);
  const moved = f64x2.add(value, f64x2.mul(f64x2.mul(root, root), f64x2.sub(close, value)));
  v128.store(to + v, moved, RECURSIVE + ADAPTIVE);
  return f64x2.sub(close, moved);
}

/**
 * Hull and Kaufman averages, two lengths at a time, interleaved into the third pair. In two loops: as one, the chain
 * from the gathered records over the division to the distance is longer than what the processor looks ahead.
 */
// @ts-ignore: decorator
@inline
export function hullAndAdaptiveDistances(
  record: i32,
  row: i32,
  close: v128,
  offset: v128,
  from: i32,
  to: i32,
  nearest: v128,
): v128 {
  const ramp = v128.load_splat<f64>(record);
  const plain = v128.load_splat<f64>(record, RECORD_PLAIN);
  const travelled = v128.load_splat<f64>(record, RECORD_TRAVEL);
  for (let v = 0; v < ROW_BYTES; v += 16) {
    nearest = paceOf(v, record, close, travelled, nearest);
    v128.store(v, hullDistance(v, record, row, offset, ramp, plain), HULL_DISTANCE);
  }
  const slow = v128.load_splat<f64>(KAMA_SLOW);
  const range = v128.load_splat<f64>(KAMA_RANGE);
  for (let v = 0; v < ROW_BYTES; v += 16) {
    const hull = v128.load(v, HULL_DISTANCE);
    const adaptive = adaptiveDistance(v, from, to, close, slow, range);
    const even = v128.shuffle<f64>(hull, adaptive, 0, 2);
    const odd = v128.shuffle<f64>(hull, adaptive, 1, 3);
    v128.store(2 * v, even, DISTANCE + 2 * PAIR_BYTES);
    v128.store(2 * v, odd, DISTANCE + 2 * PAIR_BYTES + 16);
    nearest = nearer(nearer(nearest, even), odd);
  }
  return nearest;
}
