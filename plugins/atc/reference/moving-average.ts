/**
 * The reference averages read like their formulas: every value is summed directly over its window, oldest to newest. They are the
 * oracle for the fast kernel, which has to reproduce the order of these sums wherever a price touches an average.
 */
export interface MovingAverage {
  /** Takes the next price (NaN where there is none) and returns the average at that bar, NaN while it is undefined. */
  next(price: number): number;
}
