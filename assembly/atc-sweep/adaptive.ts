// Two Kaufman families in one pass: averages, sides, equities and both layers, with the bits that assembly/atc gives
// them. The last bits of a Kaufman average depend on how far the running sum of |changes| reaches back, and so on the
// longest length of all six families of a trial: a sweep needs each of them at many such reaches, and the other
// families at none.
import { TRAVEL_GUARD } from '../../plugins/atc/kernel/layout';
import { signBit } from '../atc/averages';
import { floor, roundToHundredths } from '../atc/layers';
import {
  ARMED,
  BAR,
  BEFORE,
  CLEAN_NEEDED,
  CLEAN_RUN,
  CUTOUT,
  EQUITY,
  FAMILY_EQUITY,
  FAMILY_SIGNAL,
  HISTORY,
  KEPT,
  LANES_BYTES,
  LENGTHS,
  POSITION,
  PREVIOUS_CLOSE,
  RANGE,
  RECORD_BYTES,
  RECORDS,
  SETTLED,
  SIDE,
  SIGNALS,
  SLOW,
  SPAN,
  TRAVEL,
  VALUE,
} from '../../plugins/atc/sweep/adaptive-layout';

/** The last HISTORY records move to the front, and the running sum starts again at zero. */
function rebuild(state: i32): void {
  const moved = load<i32>(state, SPAN) * RECORD_BYTES;
  const end = state + RECORDS + load<i32>(state, HISTORY) * RECORD_BYTES;
  let travelled: f64 = 0;
  let before: f64 = NaN;
  for (let at = state + RECORDS; at < end; at += RECORD_BYTES) {
    const close = load<f64>(at + moved);
    if (close == close && before == before) travelled += abs(close - before);
    before = close;
    store<f64>(at, close);
    store<f64>(at, travelled, TRAVEL);
  }
}

/** The sum of |changes| over the last `length` bars. */
function travel(record: i32, length: i32): f64 {
  let sum: f64 = 0;
  let at = record - (length - 1) * RECORD_BYTES;
  for (let j = 0; j < length; j++) {
    sum += abs(load<f64>(at) - load<f64>(at - RECORD_BYTES));
    at += RECORD_BYTES;
  }
  return sum;
}

/** One average from `value`, over a clean window. */
function average(state: i32, record: i32, close: f64, value: f64, length: i32): f64 {
  const old = record - length * RECORD_BYTES;
  const travelled = load<f64>(record, TRAVEL);
  const change = abs(close - load<f64>(old));
  let noise = travelled - load<f64>(old, TRAVEL);
  if (noise < travelled * TRAVEL_GUARD && change != 0) noise = travel(record, length);
  const efficiency = change / max(f64.MIN_NORMAL_VALUE, noise);
  const root = efficiency * load<f64>(state, RANGE) + load<f64>(state, SLOW);
  return value + root * root * (close - value);
}

/** Averages one by one, while windows have gaps or are not full. */
function startAverages(state: i32, record: i32, bar: i32, cleanRun: i32, close: f64): void {
  for (let lane = 0; lane < 18; lane++) {
    const at = state + (lane << 3);
    const length = load<i32>(state + (lane << 2), LENGTHS);
    let value = load<f64>(at, VALUE);
    if (bar == 0) value = close;
    else if (bar >= length) {
      if (cleanRun <= length) value = NaN;
      else if (value != value) value = close;
      else value = average(state, record, close, value, length);
    }
    store<f64>(at, value, VALUE);
  }
}

/** Two averages whose running sum has lost its digits in one of them. */
function repairPair(state: i32, j: i32, record: i32, close: f64, before: v128): void {
  const at = state + j;
  const lengths = state + (j >> 1);
  const first = average(state, record, close, f64x2.extract_lane(before, 0), load<i32>(lengths, LENGTHS));
  const second = average(state, record, close, f64x2.extract_lane(before, 1), load<i32>(lengths, LENGTHS + 4));
  store<f64>(at, first, VALUE);
  store<f64>(at, second, VALUE + 8);
}

/** Two averages with full windows. `j` is the vector's offset, 0 to 128. */
// @ts-ignore: decorator
@inline
function moveAverages(state: i32, j: i32, record: i32, close: f64, travelled: f64): void {
  const lengths = state + (j >> 1);
  const old0 = v128.load(record - load<i32>(lengths, LENGTHS) * RECORD_BYTES);
  const old1 = v128.load(record - load<i32>(lengths, LENGTHS + 4) * RECORD_BYTES);
  const closes = f64x2.splat(close);
  const travels = f64x2.splat(travelled);
  const change = f64x2.abs(f64x2.sub(closes, v128.shuffle<f64>(old0, old1, 0, 2)));
  const noise = f64x2.sub(travels, v128.shuffle<f64>(old0, old1, 1, 3));
  const pace = f64x2.div(change, f64x2.pmax(f64x2.splat(f64.MIN_NORMAL_VALUE), noise));
  const root = f64x2.add(
    f64x2.mul(pace, v128.load_splat<f64>(state, RANGE)),
    v128.load_splat<f64>(state, SLOW),
  );
  const value = v128.load(state + j, VALUE);
  v128.store(state + j, f64x2.add(value, f64x2.mul(f64x2.mul(root, root), f64x2.sub(closes, value))), VALUE);
  const lost = f64x2.lt(noise, f64x2.mul(travels, f64x2.splat(TRAVEL_GUARD)));
  if (v128.any_true(lost)) repairPair(state, j, record, close, value);
}

/** Layer 2 of both families, written to their columns. */
// @ts-ignore: decorator
@inline
function familyLayer(
  state: i32,
  votes: v128,
  total: v128,
  kept: v128,
  growth: v128,
  offset: i32,
  stride: i32,
  open: bool,
): void {
  const zero = f64x2.splat(0);
  const previous = v128.load(state, FAMILY_SIGNAL);
  const gain = v128.or(
    v128.and(growth, f64x2.gt(previous, zero)),
    v128.and(f64x2.neg(growth), f64x2.lt(previous, zero)),
  );
  const equity = floor(
    f64x2.mul(f64x2.mul(v128.load(state, FAMILY_EQUITY), kept), f64x2.add(f64x2.splat(1), gain)),
  );
  const signal = roundToHundredths(f64x2.div(votes, total));
  v128.store(state, equity, FAMILY_EQUITY);
  v128.store(state, signal, FAMILY_SIGNAL);
  const first = load<i32>(state, SIGNALS) + offset;
  const second = load<i32>(state, SIGNALS + 4) + offset;
  const missing = f64x2.splat(NaN);
  const shown = open ? v128.bitselect(signal, missing, f64x2.eq(signal, signal)) : missing;
  const weights = open ? equity : missing;
  v128.store_lane<f64>(first, shown, 0);
  v128.store_lane<f64>(first + stride, weights, 0);
  v128.store_lane<f64>(second, shown, 1);
  v128.store_lane<f64>(second + stride, weights, 1);
}

/**
 * Consumes `count` bars. `weights`: the return of each bar times the growth of its age, 0 up to the cutout. The results
 * go to the columns that the state names, `stride` bytes from signals to equities.
 */
export function adaptive(state: i32, count: i32, closes: i32, weights: i32, stride: i32): void {
  const history = load<i32>(state, HISTORY);
  const full = history + load<i32>(state, SPAN);
  const cleanNeeded = load<i32>(state, CLEAN_NEEDED);
  const cutout = load<f64>(state, CUTOUT);
  const keptAfterCutout = load<f64>(state, KEPT);
  const one = f64x2.splat(1);
  const zero = f64x2.splat(0);
  let bar = load<i32>(state, BAR);
  let cleanRun = load<i32>(state, CLEAN_RUN);
  let position = load<i32>(state, POSITION);
  let previousClose = load<f64>(state, PREVIOUS_CLOSE);
  let settled = load<i32>(state, SETTLED) != 0;
  for (let i = 0; i < count; i++) {
    const close = load<f64>(closes + (i << 3));
    if (position == full) {
      rebuild(state);
      position = history;
    }
    const record = state + RECORDS + position * RECORD_BYTES;
    position++;
    let travelled = load<f64>(record - RECORD_BYTES, TRAVEL);
    if (close == close) {
      if (cleanRun != 0) travelled += abs(close - previousClose);
      cleanRun = min(cleanRun + 1, 1 << 30);
    } else cleanRun = 0;
    store<f64>(record, close);
    store<f64>(record, travelled, TRAVEL);
    previousClose = close;

    const kept = f64x2.splat(<f64>bar > cutout ? keptAfterCutout : 1);
    const growth = v128.load_splat<f64>(weights + (i << 3));
    const closeLanes = f64x2.splat(close);
    const isSteady = cleanRun >= cleanNeeded;
    let votes = zero;
    let total = zero;
    if (isSteady && settled) {
      for (let j = 0; j < LANES_BYTES; j += 16) {
        moveAverages(state, j, record, close, travelled);
        const at = state + j;
        const distance = f64x2.sub(closeLanes, v128.load(at, VALUE));
        const before = v128.load(at, SIDE);
        const gain = f64x2.add(one, v128.xor(growth, before));
        const equity = floor(f64x2.mul(f64x2.mul(v128.load(at, EQUITY), kept), gain));
        // A price that touches stays on the side it was.
        const side = v128.bitselect(before, v128.and(distance, signBit()), f64x2.eq(distance, zero));
        v128.store(at, equity, EQUITY);
        v128.store(at, side, SIDE);
        votes = f64x2.add(votes, v128.xor(equity, side));
        total = f64x2.add(total, equity);
      }
    } else {
      if (isSteady) {
        for (let j = 0; j < LANES_BYTES; j += 16) moveAverages(state, j, record, close, travelled);
      } else startAverages(state, record, bar, cleanRun, close);
      let all = i64x2.splat(-1);
      for (let at = state; at < state + LANES_BYTES; at += 16) {
        let armed = v128.load(at, ARMED);
        let side = v128.load(at, SIDE);
        const gain = f64x2.add(one, v128.xor(v128.and(growth, armed), side));
        const equity = floor(f64x2.mul(f64x2.mul(v128.load(at, EQUITY), kept), gain));
        v128.store(at, equity, EQUITY);
        const distance = f64x2.sub(closeLanes, v128.load(at, VALUE));
        const before = v128.load(at, BEFORE);
        const above = f64x2.gt(distance, zero);
        const below = f64x2.lt(distance, zero);
        const up = v128.and(above, f64x2.le(before, zero));
        const crossed = v128.or(up, v128.and(below, f64x2.ge(before, zero)));
        side = v128.bitselect(v128.andnot(signBit(), up), side, crossed);
        armed = v128.or(armed, crossed);
        v128.store(at, distance, BEFORE);
        v128.store(at, side, SIDE);
        v128.store(at, armed, ARMED);
        votes = f64x2.add(votes, v128.and(v128.xor(equity, side), armed));
        total = f64x2.add(total, equity);
        const minus = i64x2.shr_s(side, 63);
        const agrees = v128.or(
          f64x2.eq(distance, zero),
          v128.or(v128.andnot(above, minus), v128.and(below, minus)),
        );
        all = v128.and(all, v128.and(armed, agrees));
      }
      settled = isSteady && i64x2.all_true(all);
    }
    familyLayer(state, votes, total, kept, growth, i << 3, stride, <f64>bar >= cutout);
    bar = min(bar + 1, 1 << 30);
  }
  store<i32>(state, bar, BAR);
  store<i32>(state, cleanRun, CLEAN_RUN);
  store<i32>(state, position, POSITION);
  store<f64>(state, previousClose, PREVIOUS_CLOSE);
  store<i32>(state, settled ? 1 : 0, SETTLED);
}
