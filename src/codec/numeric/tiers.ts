/**
 * Two tiers: rows whose u is a multiple of 10^k are coded at that coarse grain against the rounded prediction, the rest
 * at full grain. A few percent of long decimals among short ones then cost what they are, not eight digits for every
 * row.
 */
import { PREDICT_MIN } from '../../kernels/kernels.js';
import { TEN_TO } from '../../kernels/powers.js';
import { expectedUnit, isWide, type Mapping, magnitude, type Units } from './predictors.js';
import { type Planes, planesOf } from './residual-planes.js';
import { float64Rows, int32Rows } from './row-pool.js';
import { SAMPLE_ROWS, sampleRows } from './sample.js';

const MAX_TIER = 8;
/** Share of rows that has to be divisible before a tier is looked at: chance alone gives a tenth. */
const FEWEST_COARSE = 0.15;

/** Nearest multiple, halves up; exact for |x| < 2^52. */
export function roundToGrain(x: number, grain: number): number {
  return Math.floor((x + grain / 2) / grain);
}

const values = new Float64Array(SAMPLE_ROWS);
const expectations = new Float64Array(SAMPLE_ROWS);
const costs = new Float64Array(SAMPLE_ROWS);

/** The exponent k that looks cheapest on a sample, 0 for none. */
export function guessTier(kind: number, u: Units, a: Units, b: Units): number {
  const rows = sampleRows(u.length);
  let round = 0;
  for (const i of rows) if (Math.floor(u[i] / 10) * 10 === u[i]) round++;
  if (round < FEWEST_COARSE * rows.length) return 0;
  let best = 0;
  let bestCost = 0;
  // Rows that are coarse at one k are the only ones that can be at the next: what the others cost is known by then.
  let left = rows.length;
  for (let r = 0; r < left; r++) {
    const i = rows[r];
    values[r] = u[i];
    expectations[r] = expectedUnit(kind, u, a, b, i);
    costs[r] = magnitude(values[r] - expectations[r]);
    bestCost += costs[r];
  }
  let fineCost = 0;
  for (let k = 1; k <= MAX_TIER; k++) {
    const grain = TEN_TO[k];
    let coarse = 0;
    let coarseCost = 0;
    for (let r = 0; r < left; r++) {
      const multiple = Math.floor(values[r] / grain);
      if (multiple * grain !== values[r]) {
        fineCost += costs[r];
        continue;
      }
      coarseCost += magnitude(multiple - roundToGrain(expectations[r], grain));
      values[coarse] = values[r];
      expectations[coarse] = expectations[r];
      costs[coarse++] = costs[r];
    }
    left = coarse;
    let cost = fineCost + coarseCost;
    if (coarse < FEWEST_COARSE * rows.length) break;
    // The flags: about 8 eighths a row when both kinds are as common, less when one is rare.
    const rarer = Math.min(coarse, rows.length - coarse);
    cost += Math.min(8 * rows.length, 8 * rarer * (2 + magnitude(rows.length / (rarer + 1)) / 8));
    if (cost < bestCost) {
      best = k;
      bestCost = cost;
    }
  }
  return best;
}

export interface TieredResiduals {
  readonly flags: Planes;
  readonly coarse: Units;
  readonly fine: Units;
}

export function tieredResiduals(kind: number, u: Units, a: Units, b: Units, exponent: number): TieredResiduals {
  const n = u.length;
  const grain = TEN_TO[exponent];
  const sign = kind === PREDICT_MIN ? -1 : 1;
  const flags = planesOf(n, false);
  const make = () => (isWide(u) ? float64Rows(n) : int32Rows(n));
  const coarse = make();
  const fine = make();
  let coarseRows = 0;
  let fineRows = 0;
  for (let i = 0; i < n; i++) {
    const expected = expectedUnit(kind, u, a, b, i);
    const multiple = Math.floor(u[i] / grain);
    if (multiple * grain === u[i]) {
      flags.low[i] = 0;
      coarse[coarseRows++] = sign * (multiple - roundToGrain(expected, grain));
    } else {
      flags.low[i] = 1;
      fine[fineRows++] = sign * (u[i] - expected);
    }
  }
  return { flags, coarse: coarse.subarray(0, coarseRows), fine: fine.subarray(0, fineRows) };
}

/** One mapping for both tiers: the header has one. */
export function commonMapping(coarse: readonly Mapping[], fine: readonly Mapping[]): Mapping | undefined {
  if (coarse.length === 0 || fine.length === 0) return undefined;
  const plain = !coarse[0].zigzag && !fine[0].zigzag;
  return plain ? { zigzag: false, offset: Math.min(coarse[0].offset, fine[0].offset, 0) } : { zigzag: true, offset: 0 };
}
