/** Sides, equities and both layers of one bar (assembly/atc/layers.ts). Here a side is a number: -1, 0 or 1. */
import { LENGTHS_PER_FAMILY } from '../../families.js';
import { EQUITY_FLOOR } from '../../reference/equity.js';
import { roundToHundredths } from '../../rounding.js';
import { CUT_LONG, CUT_SHORT } from '../layout.js';
import type { Lanes } from './lanes.js';

const NINE = LENGTHS_PER_FAMILY;
const FLOOR = EQUITY_FLOOR;

/** Lanes of the families in the order of their sum: ema, hma, wma, dema, lsma, kama. */
const SUM_ORDER = [0, 4, 2, 1, 3, 5];

export function advanceLayers(lanes: Lanes, kept: number, growth: number): void {
  const { distance, before, side, equity, familyEquity, familySignal } = lanes;
  for (let family = 0; family < 6; family++) {
    let lane = (family >> 1) * 2 * NINE + (family & 1);
    let votes = 0;
    let total = 0;
    for (let j = 0; j < NINE; j++) {
      // Written out and not called: a call that is not inlined boxes its numbers.
      let now = side[lane];
      const gain = now > 0 ? growth : now < 0 ? -growth : 0;
      let value = equity[lane] * kept * (1 + gain);
      // NaN, out of absurd returns, ends at the floor too.
      if (!(value >= FLOOR)) value = FLOOR;
      equity[lane] = value;
      const apart = distance[lane];
      const earlier = before[lane];
      if (apart > 0) {
        if (earlier <= 0) now = 1;
      } else if (apart < 0 && earlier >= 0) now = -1;
      before[lane] = apart;
      side[lane] = now;
      votes += now * value;
      total += value;
      lane += 2;
    }
    const signal = familySignal[family];
    const gain = signal > 0 ? growth : signal < 0 ? -growth : 0;
    const value = familyEquity[family] * kept * (1 + gain);
    // biome-ignore lint/complexity/useMathMinMax: Math.max would keep the NaN that absurd returns can make
    familyEquity[family] = value >= FLOOR ? value : FLOOR;
    familySignal[family] = roundToHundredths(votes / total);
  }
}

export function averageSignal(lanes: Lanes): number {
  const { familyEquity, familySignal } = lanes;
  const long = lanes.get(CUT_LONG);
  const short = lanes.get(CUT_SHORT);
  let votes = 0;
  let total = 0;
  for (const family of SUM_ORDER) {
    const signal = familySignal[family];
    const equity = familyEquity[family];
    votes += (signal > long ? 1 : signal < short ? -1 : 0) * equity;
    total += equity;
  }
  const average = votes / total;
  return Number.isFinite(average) ? average : 0;
}
