/** Which trials samplers choose. */
import { constraintOf } from '../../src/sweep/constraints.js';
import { createSampler, type SamplerName } from '../../src/sweep/samplers.js';
import { sobolPoints } from '../../src/sweep/sobol.js';
import { levelsOf, type SearchSpace, shareOf, valueAt } from '../../src/sweep/space.js';
import type { ScoredTrial } from '../../src/sweep/tpe.js';

const SPACE: SearchSpace = {
  length: { type: 'int', from: 3, to: 9, step: 3 },
  rate: { type: 'float', from: 0.1, to: 0.3, step: 0.1 },
  mode: { type: 'categorical', values: ['a', 'b'] },
  extra: { type: 'int', from: 1, to: 2, when: { mode: ['b'] } },
};

const proposals = (name: SamplerName, space: SearchSpace, count: number, seed = 0, rules: string[] = []) => {
  const sampler = createSampler(
    name,
    space,
    rules.map((rule) => constraintOf(rule, space)),
    seed,
  );
  return Array.from({ length: Math.min(count, sampler.size) }, (_, trial) => sampler.propose(trial, []));
};

test('a grid has every combination once, conditional parameters only where they apply', () => {
  const all = proposals('grid', SPACE, 1000);
  expect(all.length).toBe(3 * 3 * (1 + 2));
  expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(all.length);
  expect(all.slice(0, 4)).toEqual([
    { length: 3, rate: 0.1, mode: 'a' },
    { length: 3, rate: 0.1, mode: 'b', extra: 1 },
    { length: 3, rate: 0.1, mode: 'b', extra: 2 },
    { length: 3, rate: 0.2, mode: 'a' },
  ]);
  expect(all.at(-1)).toEqual({ length: 9, rate: 0.3, mode: 'b', extra: 2 });
});

test.each(['grid', 'random', 'sobol', 'tpe'] as const)(
  '%s: constraints hold, and a trial depends on its number alone',
  (name) => {
    const rules = ['rate * 10 < length / 3 + 1', 'extra != 2'];
    const all = proposals(name, SPACE, 30, 4, rules);
    for (const one of all) {
      expect((one.rate as number) * 10).toBeLessThan((one.length as number) / 3 + 1);
      expect(one.extra).not.toBe(2);
      expect('extra' in one).toBe(one.mode === 'b');
    }
    const sampler = createSampler(
      name,
      SPACE,
      rules.map((rule) => constraintOf(rule, SPACE)),
      4,
    );
    expect(sampler.propose(all.length - 1, [])).toEqual(all.at(-1));
    if (name !== 'grid') expect(proposals(name, SPACE, 30, 5, rules)).not.toEqual(all);
  },
);

test('constraints that are no comparison, or name an unknown parameter, are refused', () => {
  const read = (text: string) => () => constraintOf(text, SPACE);
  expect(read('length')).toThrow(/a comparison .* is missing/);
  expect(read('lenght < 3')).toThrow(/"lenght" is not a parameter of the space; did you mean "length"/);
  expect(read('length < (3')).toThrow(/"\)" is missing/);
  expect(read('length < 3 4')).toThrow(/"4" is too much/);
  expect(read('length < @')).toThrow(/no meaning in "@"/);
  expect(() => proposals('random', SPACE, 1, 0, ['length > 100'])).toThrow(/none of 10000 draws meets/);
});

test('Sobol points are those of an independent implementation, in all 21 dimensions', () => {
  const expected: number[][] = [
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    [
      0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25, 0.75, 0.75, 0.75, 0.75, 0.75, 0.25, 0.25, 0.75, 0.25, 0.75, 0.25, 0.75,
      0.25, 0.25,
    ],
    [
      0.25, 0.75, 0.75, 0.75, 0.25, 0.25, 0.75, 0.25, 0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25, 0.75, 0.25, 0.75, 0.25,
      0.75, 0.75,
    ],
    [
      0.125, 0.625, 0.375, 0.125, 0.125, 0.375, 0.625, 0.625, 0.625, 0.875, 0.625, 0.125, 0.625, 0.375, 0.125, 0.125,
      0.125, 0.125, 0.625, 0.875, 0.875,
    ],
    [
      0.921875, 0.640625, 0.578125, 0.921875, 0.765625, 0.296875, 0.171875, 0.796875, 0.609375, 0.171875, 0.015625,
      0.078125, 0.578125, 0.859375, 0.109375, 0.484375, 0.796875, 0.421875, 0.046875, 0.140625, 0.953125,
    ],
    [
      0.015625, 0.796875, 0.359375, 0.453125, 0.859375, 0.140625, 0.578125, 0.140625, 0.828125, 0.578125, 0.421875,
      0.671875, 0.546875, 0.765625, 0.328125, 0.765625, 0.078125, 0.390625, 0.953125, 0.234375, 0.234375,
    ],
  ];
  const point = sobolPoints(21, undefined);
  for (const [k, index] of [1, 2, 3, 7, 37, 63].entries()) expect(point(index)).toEqual(expected[k]);
  expect(() => sobolPoints(22, 0)).toThrow(/21 dimensions, the space 22/);
});

test('values lie where they should, and back', () => {
  const log = { type: 'float', from: 1, to: 100, log: true } as const;
  expect(valueAt(log, 0.5)).toBeCloseTo(10, 9);
  expect(shareOf(log, 10)).toBeCloseTo(0.5, 9);
  const steps = { type: 'int', from: 10, to: 40, step: 7 } as const;
  expect(levelsOf(steps)).toBe(5);
  for (const value of [10, 17, 24, 31, 38]) expect(valueAt(steps, shareOf(steps, value))).toBe(value);
  const logs = { type: 'int', from: 1, to: 50, log: true } as const;
  for (let value = 1; value <= 50; value++) expect(valueAt(logs, shareOf(logs, value))).toBe(value);
});

/** Lower is better. */
const FUNCTIONS: Readonly<Record<string, readonly [number, (x: readonly number[]) => number]>> = {
  sphere: [5, (x) => x.reduce((sum, v) => sum + v * v, 0)],
  rosenbrock: [2, (x) => x.slice(1).reduce((sum, v, k) => sum + 100 * (v - x[k] ** 2) ** 2 + (1 - x[k]) ** 2, 0)],
  rastrigin: [5, (x) => x.reduce((sum, v) => sum + v * v - 10 * Math.cos(2 * Math.PI * v) + 10, 0)],
  ackley: [
    32,
    (x) =>
      -20 * Math.exp(-0.2 * Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length)) -
      Math.exp(x.reduce((s, v) => s + Math.cos(2 * Math.PI * v), 0) / x.length) +
      20 +
      Math.E,
  ],
  styblinskiTang: [5, (x) => x.reduce((sum, v) => sum + v ** 4 - 16 * v * v + 5 * v, 0) / 2],
};

test.each(Object.entries(FUNCTIONS))(
  'tpe finds lower values of %s than random search, median of 20 seeds',
  (_, [bound, f]) => {
    const space: SearchSpace = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [name, { type: 'float', from: -bound * 0.8, to: bound } as const]),
    );
    const best = (name: SamplerName, seed: number) => {
      const sampler = createSampler(name, space, [], seed);
      const finished: ScoredTrial[] = [];
      for (let trial = 0; trial < 60; trial++) {
        const parameters = sampler.propose(trial, finished);
        finished.push({ parameters, loss: f(Object.values(parameters) as number[]) });
      }
      return Math.min(...finished.map(({ loss }) => loss));
    };
    const median = (name: SamplerName) => {
      const values = Array.from({ length: 20 }, (__, seed) => best(name, seed)).sort((a, b) => a - b);
      return (values[9] + values[10]) / 2;
    };
    expect(median('tpe')).toBeLessThan(median('random'));
  },
);
