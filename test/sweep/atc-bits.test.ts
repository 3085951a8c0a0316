/**
 * Trials that share work have the bits of single runs, whatever they have in common. `node bench/sweep.js --bits` runs
 * more.
 */
import { atcStrategy, atcSweep, computeAtcSignals, resolveAtcParameters } from '../../plugins/atc/index.js';
import { planFamilies } from '../../plugins/atc/sweep/family-plan.js';
import { SharedAtcRun } from '../../plugins/atc/sweep/shared-run.js';
import { memoryTable, TradingAccount } from '../../src/index.js';
import { evaluateTrials } from '../../src/sweep/evaluate.js';
import { randomAtcCase } from './atc-cases.js';
import { uniform } from './histories.js';

test.each(Array.from({ length: 60 }, (_, k) => k + 1))('random study %i', async (seed) => {
  const { columns, trials, fixed, fee } = randomAtcCase(seed);
  const table = memoryTable('A', columns);
  const close = columns.close as Float64Array;
  const from = seed % 3 === 0 ? 57 : 0;
  const traded = [{ from, to: close.length, slices: 4 }];
  const [shared] = await evaluateTrials(table, atcSweep(fixed), trials, traded, { costs: { fee } });
  for (const [trial, parameters] of trials.entries()) {
    const all = { ...fixed, ...parameters };
    const figures = Object.fromEntries(
      shared.names.map((name, k) => [name, shared.figures[trial * shared.names.length + k]]),
    );
    if (atcStrategy(all).minimumRows > close.length) {
      expect(figures.sharpe).toBeNaN();
      continue;
    }
    const { averageSignal } = computeAtcSignals(close, all);
    const account = new TradingAccount({ fee });
    account.push(columns.timestamp.subarray(from) as Float64Array, close.subarray(from), averageSignal.subarray(from));
    const { buyAndHold, ...own } = account.statistics();
    expect(figures).toMatchObject({ ...own, signal: averageSignal[close.length - 1] });
    expect(shared.buyAndHold).toEqual(buyAndHold);
  }
});

test.each([1e-7, 1e-9, 1e-11, 1e-13])(
  'sums that only doubles tell apart: moves of %d over a grid of thresholds',
  async (size) => {
    const random = uniform(size * 1e15 + 5);
    for (let k = 0; k < 5; k++) random();
    let price = 100;
    const close = Float64Array.from({ length: 1201 }, () => (price *= 1 + size * (random() - 0.5)));
    const cuts = [0, 0.1, 0.3, 0.6];
    const trials = cuts.flatMap((longThreshold) => cuts.map((cut) => ({ longThreshold, shortThreshold: -cut - 0.01 })));
    const run = new SharedAtcRun(
      'A',
      trials.map((one) => resolveAtcParameters(one)),
    );
    const sides = trials.map(() => new Int8Array(close.length));
    const positions = new Int8Array(2048 * 8);
    run.push(close, {
      positions,
      take(group) {
        for (let lane = 0; lane < 8; lane++)
          for (let bar = 0; bar < close.length; bar++) sides[group * 8 + lane][bar] = positions[bar * 8 + lane];
      },
    });
    for (const [trial, parameters] of trials.entries()) {
      const { averageSignal } = computeAtcSignals(close, parameters);
      expect(sides[trial]).toEqual(Int8Array.from(averageSignal, Math.sign));
    }
  },
);

test.each([3, 7, 11, 14])('without WebAssembly the same bits, study %i', (seed) => {
  const { columns, trials, fixed } = randomAtcCase(seed);
  const close = columns.close as Float64Array;
  const long = trials.map((one) => resolveAtcParameters({ ...fixed, ...one }));
  const runs = (['auto', 'typescript'] as const).map((kernel) => new SharedAtcRun('A', long, kernel));
  for (let at = 0; at < close.length; at += 777) {
    const chunk = close.subarray(at, Math.min(close.length, at + 777));
    const sides = runs.map((run) => {
      const positions = new Int8Array(2048 * 8);
      const taken: string[] = [];
      run.push(chunk, { positions, take: () => taken.push(String(positions.subarray(0, chunk.length * 8))) });
      return taken;
    });
    expect(sides[1]).toEqual(sides[0]);
  }
  expect(runs[1].finish()).toEqual(runs[0].finish());
});

test('k lengths in each of six families cost about k passes of the kernel, thresholds cost none', () => {
  const lengths = [20, 24, 28, 32];
  const trials = lengths.flatMap((emaLength) =>
    lengths.flatMap((hmaLength) =>
      lengths.flatMap((wmaLength) =>
        [-0.1, -0.2].map((shortThreshold) =>
          resolveAtcParameters({ emaLength, hmaLength, wmaLength, kamaLength: 20, lsmaLength: 50, shortThreshold }),
        ),
      ),
    ),
  );
  const { passes, adaptive, sourcesOf } = planFamilies(trials);
  expect(passes.length).toBe(4);
  expect(sourcesOf.flat().every((source) => source < 4 * 6 + 2 * adaptive.length)).toBe(true);
  for (const [trial, parameters] of trials.entries()) {
    for (const [family, length] of [parameters.emaLength, parameters.hmaLength].entries()) {
      const pass = passes[Math.floor(sourcesOf[trial][family] / 6)];
      expect(sourcesOf[trial][family] % 6).toBe(family);
      expect([pass.parameters.emaLength, pass.parameters.hmaLength][family]).toBe(length);
    }
  }
});

test('Kaufman families get a pass for every two lengths and reaches, the other families none for those', () => {
  const trials = [40, 44, 48, 52, 56].flatMap((lsmaLength) =>
    [20, 24, 28].map((kamaLength) => resolveAtcParameters({ lsmaLength, kamaLength })),
  );
  const { passes, adaptive, sourcesOf } = planFamilies(trials);
  expect(passes.length).toBe(5);
  expect(adaptive.length).toBe(7);
  expect(new Set(sourcesOf.map((sources) => sources[5])).size).toBe(15);
});
