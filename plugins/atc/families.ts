/** The six families of moving averages and the nine lengths each of them runs with. */

/** In summation order: every sum over families runs in this order, which fixes the floating-point result. */
export const ATC_FAMILIES = ['ema', 'hma', 'wma', 'dema', 'lsma', 'kama'] as const;

/** The six kinds of moving averages. */
export type AtcFamily = (typeof ATC_FAMILIES)[number];

/** How far the nine lengths lie apart. */
export type AtcRobustness = 'Narrow' | 'Medium' | 'Wide';

/** Bars added to and taken from the base length. */
const LENGTH_OFFSETS: Readonly<Record<AtcRobustness, readonly number[]>> = {
  Narrow: [1, 2, 3, 4],
  Medium: [1, 2, 4, 6],
  Wide: [1, 3, 5, 7],
};

export const ATC_ROBUSTNESS = Object.keys(LENGTH_OFFSETS) as readonly AtcRobustness[];
export const LENGTHS_PER_FAMILY = 9;

/**
 * The base length, then the longer ones outwards, then the shorter ones outwards: the order in which they are summed.
 */
export function nineLengths(base: number, robustness: AtcRobustness): number[] {
  const offsets = LENGTH_OFFSETS[robustness];
  return [base, ...offsets.map((offset) => base + offset), ...offsets.map((offset) => base - offset)];
}

/**
 * The smallest base length of a family, in bars. A Hull average of length 1 would have a half-window of 0, so its
 * shortest length is 2; everything else may go down to 1.
 */
export function minimumBaseLength(family: AtcFamily, robustness: AtcRobustness): number {
  const offsets = LENGTH_OFFSETS[robustness];
  return (family === 'hma' ? 2 : 1) + offsets[offsets.length - 1];
}

/** The longest of the nine lengths, in bars. */
export function longestLength(base: number, robustness: AtcRobustness): number {
  const offsets = LENGTH_OFFSETS[robustness];
  return base + offsets[offsets.length - 1];
}
