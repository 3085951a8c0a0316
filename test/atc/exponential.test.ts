import { exponential } from '../../plugins/atc/exponential.js';
import { clampGrowth, growthBase, growthTable } from '../../plugins/atc/growth.js';
import { roundToHundredths } from '../../plugins/atc/rounding.js';

test('exp is within two ulps of the engine over the whole range', () => {
  for (let x = -745; x < 709.7; x += 0.0773) {
    const expected = Math.exp(x);
    const ulp = Math.max(expected * 2 ** -52, Number.MIN_VALUE);
    expect(Math.abs(exponential(x) - expected)).toBeLessThanOrEqual(2 * ulp);
  }
});

test('exp at its edges', () => {
  expect(exponential(0)).toBe(1);
  expect(exponential(710)).toBe(Number.MAX_VALUE);
  expect(exponential(Number.POSITIVE_INFINITY)).toBe(Number.MAX_VALUE);
  expect(exponential(-746)).toBe(0);
  expect(exponential(Number.NEGATIVE_INFINITY)).toBe(0);
  expect(exponential(Number.NaN)).toBeNaN();
});

test('growth is exp(L·k) to 1e-15, and never infinite', () => {
  const rate = 0.0005;
  const table = growthTable(rate);
  for (const k of [0, 1, 63, 64, 1000, 99_999]) {
    const factor = growthBase(rate, Math.floor(k / 64)) * table[k % 64];
    expect(Math.abs(factor / Math.exp(rate * k) - 1)).toBeLessThan(1e-14);
  }
  expect(clampGrowth(growthBase(1, 1000) * growthTable(1)[63])).toBe(Number.MAX_VALUE);
});

test('rounding to hundredths breaks ties to even and knows no -0', () => {
  // 12.5, 13.5, -12.5 and 0.5 hundredths are exact doubles.
  expect(roundToHundredths(0.125)).toBe(0.12);
  expect(roundToHundredths(0.135)).toBe(0.14);
  expect(roundToHundredths(-0.125)).toBe(-0.12);
  expect(Object.is(roundToHundredths(-0.001), 0)).toBe(true);
  expect(roundToHundredths(1 / 3)).toBe(0.33);
  expect(roundToHundredths(Number.NaN)).toBeNaN();
});
