/** Sides, equities and both layers of one bar (assembly/atc/layers.ts). Here a side is a number: -1, 0 or 1. */
import { LENGTHS_PER_FAMILY } from '../../families.js';
import { EQUITY_FLOOR } from '../../reference/equity.js';
import { roundToHundredths } from '../../rounding.js';
import * as at from '../layout.js';
import type { StateView } from './state-view.js';

/** Lanes of the families in the order of their sum: ema, hma, wma, dema, lsma, kama. */
const SUM_ORDER = [0, 4, 2, 1, 3, 5];

export function advanceLayers(state: StateView, kept: number, growth: number): void {
  for (let family = 0; family < 6; family++) {
    const first = (family >> 1) * at.PAIR_BYTES + 8 * (family & 1);
    let votes = 0;
    let total = 0;
    for (let j = 0; j < LENGTHS_PER_FAMILY; j++) {
      const lane = first + 16 * j;
      const before = state.get(at.SIDE + lane);
      const equity = advance(state.get(at.EQUITY + lane), before, kept, growth);
      const side = crossed(state, lane, before);
      state.set(at.EQUITY + lane, equity);
      votes += side * equity;
      total += equity;
    }
    const lane = 8 * family;
    const signal = state.get(at.FAMILY_SIGNAL + lane);
    state.set(at.FAMILY_EQUITY + lane, advance(state.get(at.FAMILY_EQUITY + lane), signal, kept, growth));
    state.set(at.FAMILY_SIGNAL + lane, roundToHundredths(votes / total));
  }
}

function advance(equity: number, signal: number, kept: number, growth: number): number {
  const gain = signal > 0 ? growth : signal < 0 ? -growth : 0;
  const value = equity * kept * (1 + gain);
  // NaN, out of absurd returns, ends at the floor too.
  if (!(value >= EQUITY_FLOOR)) return EQUITY_FLOOR;
  return value;
}

function crossed(state: StateView, lane: number, side: number): number {
  const distance = state.get(at.DISTANCE + lane);
  const before = state.get(at.BEFORE + lane);
  let now = side;
  if (distance > 0 && before <= 0) now = 1;
  else if (distance < 0 && before >= 0) now = -1;
  state.set(at.BEFORE + lane, distance);
  state.set(at.SIDE + lane, now);
  return now;
}

export function averageSignal(state: StateView): number {
  const long = state.get(at.CUT_LONG);
  const short = state.get(at.CUT_SHORT);
  let votes = 0;
  let total = 0;
  for (const lane of SUM_ORDER) {
    const signal = state.get(at.FAMILY_SIGNAL + 8 * lane);
    const equity = state.get(at.FAMILY_EQUITY + 8 * lane);
    votes += (signal > long ? 1 : signal < short ? -1 : 0) * equity;
    total += equity;
  }
  const average = votes / total;
  return Number.isFinite(average) ? average : 0;
}
