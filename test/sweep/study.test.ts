/** Ask and tell. */
import { Study, type StudyOptions } from '../../src/sweep/index.js';

const space = { x: { type: 'float', from: -5, to: 5 }, mode: { type: 'categorical', values: ['a', 'b'] } } as const;
const f = ({ x, mode }: Readonly<Record<string, unknown>>) => (Number(x) - 2) ** 2 + (mode === 'b' ? 0 : 1);

function run(options: StudyOptions, trials: number): Study {
  const study = new Study(options);
  for (let k = 0; k < trials; k++) {
    const trial = study.ask()!;
    study.tell(trial, f(trial.parameters));
  }
  return study;
}

test('tpe by ask and tell finds a lower value than random search, and the same one again', () => {
  const options = (sampler: 'tpe' | 'random', seed: number) =>
    ({ space, sampler, seed, directions: ['minimize'] }) as const;
  const median = (sampler: 'tpe' | 'random') =>
    Array.from({ length: 9 }, (_, seed) => run(options(sampler, seed), 60).best!.values![0]).sort((a, b) => a - b)[4];
  expect(median('tpe')).toBeLessThan(median('random'));
  expect(run(options('tpe', 3), 40).trials).toEqual(run(options('tpe', 3), 40).trials);
});

test('a study continues from its state, carried by JSON, as if it had not stopped', () => {
  const options: StudyOptions = { space, seed: 7, directions: ['minimize'] };
  const whole = run(options, 40);
  const half = run(options, 20);
  expect(() => half.tell(half.ask()!, Number.POSITIVE_INFINITY)).toThrow(/finite/);
  const running = JSON.parse(JSON.stringify(half.state()));
  const resumed = new Study({ ...options, state: running });
  expect(resumed.trials.at(-1)!.state).toBe('running');
  resumed.tell(20, f(resumed.trials[20].parameters));
  for (let k = 21; k < 40; k++) {
    const trial = resumed.ask()!;
    resumed.tell(trial, f(trial.parameters));
  }
  expect(resumed.trials).toEqual(whole.trials);
  expect(() => new Study({ space, directions: ['minimize', 'maximize'], state: half.state() })).toThrow(/trial 0/);
});

test('a grid ends, and several directions have a front', () => {
  const grid = { a: { type: 'int', from: 1, to: 3 }, b: { type: 'int', from: 1, to: 2 } } as const;
  const study = new Study({ space: grid, sampler: 'grid', directions: ['maximize', 'minimize'] });
  for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
    const { a, b } = trial.parameters as { a: number; b: number };
    study.tell(trial.number, [a, a + b]);
  }
  expect(study.trials.length).toBe(6);
  expect(study.front.map(({ parameters }) => parameters)).toEqual([
    { a: 1, b: 1 },
    { a: 2, b: 1 },
    { a: 3, b: 1 },
  ]);
});

test('the median pruner gives up trials below the median of the complete ones at that step', () => {
  const study = new Study({ space, sampler: 'random', pruner: { type: 'median', startupTrials: 3, warmupSteps: 1 } });
  for (const level of [1, 2, 3, 4]) {
    const trial = study.ask()!;
    trial.report(level, 0);
    trial.report(10 * level, 1);
    study.tell(trial, level);
  }
  const bad = study.ask()!;
  expect(bad.shouldPrune()).toBe(false);
  bad.report(0, 0);
  // A step of warm-up.
  expect(bad.shouldPrune()).toBe(false);
  bad.report(24.9, 1);
  expect(bad.shouldPrune()).toBe(true);
  study.tell(bad, 'pruned');
  const good = study.ask()!;
  good.report(25, 1);
  expect(good.shouldPrune()).toBe(false);
  // Nobody has been that far.
  good.report(-100, 2);
  expect(good.shouldPrune()).toBe(false);
  study.tell(good, Number.NaN);
  const nothing = study.ask()!;
  nothing.report(Number.NaN, 1);
  expect(nothing.shouldPrune()).toBe(true);
  expect(study.best!.values).toEqual([4]);
  expect(study.trials.map(({ state }) => state)).toEqual([
    ...Array(4).fill('complete'),
    'pruned',
    'complete',
    'running',
  ]);
});

test.each([
  [(study: Study) => study.tell(5, 1), 'trial'],
  [(study: Study) => study.tell(0, [1, 2]), 'value'],
  [(study: Study) => study.tell(0, 'done' as never), 'value'],
  [(study: Study) => study.ask()!.report('x' as never, 0), 'value'],
  [(study: Study) => study.ask()!.report(1, -1), 'step'],
  [() => new Study({ space, sampler: 'best' as never }), 'sampler'],
  [() => new Study({ space, directions: [] }), 'directions'],
  [() => new Study({ space, pruner: 'mean' as never }), 'pruner'],
  [() => new Study({ space, seed: 0.5 }), 'seed'],
])('calls that cannot be right are refused with the name of the argument, case %#', (call, key) => {
  const study = new Study({ space });
  study.ask();
  expect(() => call(study)).toThrow(expect.objectContaining({ code: 'ARGUMENT', key }));
});

test('a second result of a trial is refused', () => {
  const study = new Study({ space });
  const trial = study.ask()!;
  study.tell(trial, 'failed');
  expect(() => study.tell(trial, 1)).toThrow(/told already: failed/);
});
