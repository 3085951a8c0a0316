// The two layers: sides, equities, family signals, average signal.
import {
  ARMED,
  BEFORE,
  CUT_LONG,
  CUT_SHORT,
  DISTANCE,
  EQUITY,
  FAMILY_EQUITY,
  FAMILY_SIGNAL,
  FAMILY_TOTAL,
  FAMILY_VOTES,
  PAIR_BYTES,
  SIDE,
} from '../../plugins/atc/kernel/layout';
import { signBit } from './averages';

/** 1.5 · 2^52: adding and taking it away rounds to an integer, ties to even, and turns -0 into 0. */
const ROUNDING_SHIFT: f64 = 6755399441055744.0;

// @ts-ignore: decorator
@inline
export function floor(equity: v128): v128 {
  // In this order NaN ends at the floor too.
  return f64x2.pmax(f64x2.splat(0.25), equity);
}

// @ts-ignore: decorator
@inline
export function roundToHundredths(x: v128): v128 {
  const shift = f64x2.splat(ROUNDING_SHIFT);
  const hundred = f64x2.splat(100);
  return f64x2.div(f64x2.sub(f64x2.add(f64x2.mul(x, hundred), shift), shift), hundred);
}

/** One vector of equities at `at`, by the sides of the previous bar. */
// @ts-ignore: decorator
@inline
function settledEquity(at: i32, kept: v128, growth: v128): v128 {
  const gain = f64x2.add(f64x2.splat(1), v128.xor(growth, v128.load(at, SIDE)));
  const equity = floor(f64x2.mul(f64x2.mul(v128.load(at, EQUITY), kept), gain));
  v128.store(at, equity, EQUITY);
  return equity;
}

/** The new sides at `at`. */
// @ts-ignore: decorator
@inline
function settledSide(at: i32): v128 {
  const side = v128.and(v128.load(at, DISTANCE), signBit());
  v128.store(at, side, SIDE);
  return side;
}

/** Layer 1 of one pair of families. */
// @ts-ignore: decorator
@inline
function settledPair(pair: i32, kept: v128, growth: v128): void {
  let votes = f64x2.splat(0);
  let total = votes;
  for (let at = pair * PAIR_BYTES; at < (pair + 1) * PAIR_BYTES; at += 16) {
    const equity = settledEquity(at, kept, growth);
    votes = f64x2.add(votes, v128.xor(equity, settledSide(at)));
    total = f64x2.add(total, equity);
  }
  v128.store(16 * pair, votes, FAMILY_VOTES);
  v128.store(16 * pair, total, FAMILY_TOTAL);
}

/** Layer 1 once settled: the side is the sign bit of the distance. */
// @ts-ignore: decorator
@inline
export function settledLayer(keptShare: f64, weightedReturn: f64): void {
  const kept = f64x2.splat(keptShare);
  const growth = f64x2.splat(weightedReturn);
  settledPair(0, kept, growth);
  settledPair(1, kept, growth);
  settledPair(2, kept, growth);
}

/**
 * Layer 1 in general: sides may be unknown, distances undefined. Returns whether the next steady bar may go the
 * settled way.
 */
export function unsettledLayer(keptShare: f64, weightedReturn: f64): bool {
  const kept = f64x2.splat(keptShare);
  const growth = f64x2.splat(weightedReturn);
  const one = f64x2.splat(1);
  const zero = f64x2.splat(0);
  let settled = i64x2.splat(-1);
  for (let pair = 0; pair < 3; pair++) {
    let votes = zero;
    let total = zero;
    for (let j = pair * PAIR_BYTES; j < (pair + 1) * PAIR_BYTES; j += 16) {
      let armed = v128.load(j, ARMED);
      let side = v128.load(j, SIDE);
      const gain = f64x2.add(one, v128.xor(v128.and(growth, armed), side));
      const equity = floor(f64x2.mul(f64x2.mul(v128.load(j, EQUITY), kept), gain));
      v128.store(j, equity, EQUITY);

      const distance = v128.load(j, DISTANCE);
      const before = v128.load(j, BEFORE);
      const above = f64x2.gt(distance, zero);
      const below = f64x2.lt(distance, zero);
      const up = v128.and(above, f64x2.le(before, zero));
      const crossed = v128.or(up, v128.and(below, f64x2.ge(before, zero)));
      side = v128.bitselect(v128.andnot(signBit(), up), side, crossed);
      armed = v128.or(armed, crossed);
      v128.store(j, distance, BEFORE);
      v128.store(j, side, SIDE);
      v128.store(j, armed, ARMED);
      votes = f64x2.add(votes, v128.and(v128.xor(equity, side), armed));
      total = f64x2.add(total, equity);

      // Settled: known, and on the side the price lies on (a touching price lies on any).
      const minus = i64x2.shr_s(side, 63);
      const agrees = v128.or(
        f64x2.eq(distance, zero),
        v128.or(v128.andnot(above, minus), v128.and(below, minus)),
      );
      settled = v128.and(settled, v128.and(armed, agrees));
    }
    v128.store(16 * pair, votes, FAMILY_VOTES);
    v128.store(16 * pair, total, FAMILY_TOTAL);
  }
  return i64x2.all_true(settled);
}

/** Layer 2 of two families: their accounts follow their previous signals, then take the new ones. */
// @ts-ignore: decorator
@inline
function familyPair(v: i32, kept: v128, growth: v128): void {
  const share = f64x2.div(v128.load(v, FAMILY_VOTES), v128.load(v, FAMILY_TOTAL));
  const zero = f64x2.splat(0);
  const previous = v128.load(v, FAMILY_SIGNAL);
  const gain = v128.or(
    v128.and(growth, f64x2.gt(previous, zero)),
    v128.and(f64x2.neg(growth), f64x2.lt(previous, zero)),
  );
  const equity = floor(f64x2.mul(f64x2.mul(v128.load(v, FAMILY_EQUITY), kept), f64x2.add(f64x2.splat(1), gain)));
  v128.store(v, equity, FAMILY_EQUITY);
  v128.store(v, roundToHundredths(share), FAMILY_SIGNAL);
}

/** Layer 2. */
// @ts-ignore: decorator
@inline
export function familyLayer(keptShare: f64, weightedReturn: f64): void {
  const kept = f64x2.splat(keptShare);
  const growth = f64x2.splat(weightedReturn);
  familyPair(0, kept, growth);
  familyPair(16, kept, growth);
  familyPair(32, kept, growth);
}

/** +1, -1 or 0 times the equity, beside the equity itself, for the lanes of one pair: lane 0 votes, lane 1 total. */
// @ts-ignore: decorator
@inline
function votesOf(v: i32): v128 {
  const one = f64x2.splat(1);
  const signal = v128.load(v, FAMILY_SIGNAL);
  const vote = v128.or(
    v128.and(f64x2.gt(signal, v128.load_splat<f64>(CUT_LONG)), one),
    v128.and(f64x2.lt(signal, v128.load_splat<f64>(CUT_SHORT)), f64x2.neg(one)),
  );
  return f64x2.mul(vote, v128.load(v, FAMILY_EQUITY));
}

/** The average signal, summed in the order of the families: ema, hma, wma, dema, lsma, kama. */
// @ts-ignore: decorator
@inline
export function averageSignal(): f64 {
  const votes0 = votesOf(0);
  const votes1 = votesOf(16);
  const votes2 = votesOf(32);
  const equity0 = v128.load(FAMILY_EQUITY);
  const equity1 = v128.load(FAMILY_EQUITY + 16);
  const equity2 = v128.load(FAMILY_EQUITY + 32);
  let sum = f64x2.add(f64x2.splat(0), v128.shuffle<f64>(votes0, equity0, 0, 2));
  sum = f64x2.add(sum, v128.shuffle<f64>(votes2, equity2, 0, 2));
  sum = f64x2.add(sum, v128.shuffle<f64>(votes1, equity1, 0, 2));
  sum = f64x2.add(sum, v128.shuffle<f64>(votes0, equity0, 1, 3));
  sum = f64x2.add(sum, v128.shuffle<f64>(votes1, equity1, 1, 3));
  sum = f64x2.add(sum, v128.shuffle<f64>(votes2, equity2, 1, 3));
  const average = f64x2.extract_lane(sum, 0) / f64x2.extract_lane(sum, 1);
  return abs(average) <= f64.MAX_VALUE ? average : 0;
}
