/**
 * The statistics of luck against published worked examples, and against values that numpy computed from the same series
 * with formulas of its own (mean, std with ddof=1, corrcoef, every combination of slices).
 */
import { normalCdf, normalQuantile } from '../../src/report/normal.js';
import {
  deflatedSharpe,
  expectedHighestSharpe,
  momentsOf,
  probabilisticSharpe,
} from '../../src/report/sharpe-tests.js';
import { effectiveTrials, overfittingOf } from '../../src/report/slices.js';

test('the normal distribution agrees with tables to the last digits, also in the tails', () => {
  const known: readonly (readonly [number, number])[] = [
    [0, 0.5],
    [1, 0.8413447460685429],
    [-1.959963984540054, 0.025],
    [3.5, 0.9997673709209645],
    [-6, 9.865876450376946e-10],
    [-8, 6.220960574271786e-16],
    [-20, 2.7536241186062337e-89],
  ];
  for (const [x, p] of known) {
    expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThan(1e-12);
    if (Math.abs(x) < 7) expect(normalQuantile(p)).toBeCloseTo(x, 7);
  }
  expect([normalQuantile(0), normalQuantile(1), normalQuantile(2)]).toEqual([-Infinity, Infinity, Number.NaN]);
});

test('PSR: two years of months with a Sharpe ratio of 1.59 (Bailey and López de Prado 2012)', () => {
  const track = { count: 24, sharpe: 0.458, skewness: -2.448, kurtosis: 10.164 };
  expect(probabilisticSharpe(track, 0)).toBeCloseTo(0.913, 3);
  expect(probabilisticSharpe({ ...track, skewness: 0, kurtosis: 3 }, 0)).toBeCloseTo(0.982, 3);
});

test('DSR: 100 trials, five years of days, a Sharpe ratio of 2.5 (Bailey and López de Prado 2014)', () => {
  const variance = 0.5 / 250;
  const best = { count: 1250, sharpe: 2.5 / Math.sqrt(250), skewness: -3, kurtosis: 10 };
  expect(expectedHighestSharpe(100, variance)).toBeCloseTo(0.1132, 4);
  expect(deflatedSharpe(best, 100, variance)).toBeCloseTo(0.9004, 4);
  expect(deflatedSharpe(best, 46, variance)).toBeCloseTo(0.9505, 4);
  expect(deflatedSharpe(best, 1, variance)).toBe(probabilisticSharpe(best, 0));
});

/** 160 returns of 20 trials, row by row, and their sums over 8 slices. */
function series() {
  let state = 12_345;
  const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const [rows, trials, slices] = [160, 20, 8];
  const returns = Array.from({ length: rows }, () => Array.from({ length: trials }, () => random() - 0.49));
  const sums = new Float64Array(trials * slices * 3);
  for (const [row, values] of returns.entries()) {
    for (const [trial, value] of values.entries()) {
      const at = (trial * slices + Math.floor((row * slices) / rows)) * 3;
      sums[at] += 1;
      sums[at + 1] += value;
      sums[at + 2] += value * value;
    }
  }
  return { returns, sums, slices };
}

test('PBO, effective trials and moments have the values of an independent computation', () => {
  const { returns, sums, slices } = series();
  const { probability, combinations, meanLogit, trials } = overfittingOf(sums, slices);
  expect({ probability, combinations, trials }).toEqual({
    probability: expect.closeTo(36 / 70, 12),
    combinations: 70,
    trials: 20,
  });
  expect(meanLogit).toBeCloseTo(-0.14321136559770276, 10);
  const effective = effectiveTrials(sums, slices);
  expect(effective.correlation).toBeCloseTo(0.05502428817605624, 10);
  expect(effective.trials).toBeCloseTo(18.954538524654932, 8);
  const first = returns.map(([value]) => value);
  const power = (k: number) => first.reduce((sum, value) => sum + value ** k, 0);
  expect(momentsOf(first.length, power(1), power(2), power(3), power(4))).toEqual({
    count: 160,
    sharpe: expect.closeTo(0.046826025761395385, 12),
    skewness: expect.closeTo(0.10835332055745646, 10),
    kurtosis: expect.closeTo(1.8766777940779782, 10),
  });
});

test('trials that are all alike count as one, and one that is always best does not overfit', () => {
  const { sums, slices } = series();
  const width = slices * 3;
  const alike = new Float64Array(5 * width);
  for (let trial = 0; trial < 5; trial++) alike.set(sums.subarray(0, width), trial * width);
  expect(effectiveTrials(alike, slices).trials).toBeCloseTo(1, 9);
  const skilled = sums.slice();
  for (let slice = 0; slice < slices; slice++) skilled.set([20, 10, 6], slice * 3);
  expect(overfittingOf(skilled, slices).probability).toBe(0);
});
