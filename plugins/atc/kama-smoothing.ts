/**
 * Kaufman's adaptive average moves by a share of the distance to the price between the squares of these two: the slowest when
 * the price goes nowhere, the fastest when it goes straight.
 */
export const KAMA_SLOWEST = 0.064;
export const KAMA_FASTEST = 0.666;
