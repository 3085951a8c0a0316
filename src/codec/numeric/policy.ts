/** What a level of `auto` tries. Every level tries what the one below it tries and more, and takes the smaller. */
import type { CompressionLevel } from '../codec.js';
import type { StreamPolicy } from './stream.js';

export interface NumericPolicy extends StreamPolicy {
  /** Predict columns from each other. */
  readonly relations: boolean;
  /** Predictors coded in full before one is chosen; the ranking comes from a sample. */
  readonly trials: number;
  /** Two tiers must come below this share of one tier; 0 turns them off (they decode row by row). */
  readonly tiersBelow: number;
  /** Digit groups must come below this share of the plain layout; 0 turns them off. */
  readonly groupsBelow: number;
  /** Look for averages and exponential smoothing of decimals in full-mantissa columns. */
  readonly recipes: boolean;
  /** Orders of linear prediction to try on full-mantissa columns. */
  readonly lpcOrders: readonly number[];
  /**
   * What the encoders of large-encoders.ts make of a column must come below this share of the numeric chunk; 0 turns
   * them off.
   */
  readonly wordsBelow: number;
  /** They are tried where the numeric chunk is above this share of the column. */
  readonly wordsAbove: number;
}

const PACKED = {
  tansBelow: 0,
  mantissas: [],
  tableLog: 0,
  groupsBelow: 0,
  recipes: false,
  lpcOrders: [],
  wordsAbove: 0,
  wordsBelow: 0,
};
const FAST: NumericPolicy = { ...PACKED, relations: true, trials: 1, tiersBelow: 0.85 };
/** tANS decodes some four times slower than packed bits: by default it has to save a sixth of a stream. */
const DEFAULT: NumericPolicy = {
  ...FAST,
  tiersBelow: 0.93,
  tansBelow: 5 / 6,
  mantissas: [3],
  tableLog: 11,
  groupsBelow: 0.98,
  recipes: true,
  lpcOrders: [16],
  wordsBelow: 0.9,
  wordsAbove: 0.25,
};
const SMALL: NumericPolicy = {
  ...DEFAULT,
  trials: 2,
  tiersBelow: 1,
  tansBelow: 1,
  mantissas: [1, 2, 3, 4, 5, 6],
  tableLog: 12,
  groupsBelow: 1,
  lpcOrders: [4, 16],
  wordsBelow: 1,
  wordsAbove: 0,
};
const SMALLEST: NumericPolicy = { ...SMALL, trials: 6, lpcOrders: [2, 4, 8, 16, 32] };

export function policyOf(level: CompressionLevel): NumericPolicy {
  if (level <= 1) return { ...FAST, relations: false, tiersBelow: 0 };
  if (level <= 4) return FAST;
  if (level === 5) return DEFAULT;
  return level <= 8 ? SMALL : SMALLEST;
}
