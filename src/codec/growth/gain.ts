/** One step of a compounded result: the arithmetic that a decoder repeats bit by bit. */
import { decimalValue } from '../../kernels/reference/decimal.js';
import { GAIN_QUOTIENT } from './wire.js';

/** How the integers of a path become prices, and prices gains. */
export interface GainRule {
  /** FORM_INTEGER, FORM_DIVIDE, FORM_MULTIPLY or FORM_SPLIT. */
  readonly form: number;
  readonly exponent: number;
  /** Price = the decimal of tick * p. */
  readonly tick: number;
  readonly gain: number;
}

export function priceOf({ form, exponent, tick }: GainRule, p: number): number {
  return decimalValue(tick * p, form, exponent);
}

/**
 * What `y` becomes while the price goes from `before` to `after`; `side` is 1 for long, -1 for short. Nothing is fused.
 */
export function grown(y: number, before: number, after: number, side: number, gain: number): number {
  const change = gain === GAIN_QUOTIENT ? after / before - 1 : (after - before) / before;
  return y * (1 + side * change);
}
