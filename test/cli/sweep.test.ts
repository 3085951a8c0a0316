/** `atc sweep` and `atc walk-forward` as a user calls them, killed and stopped ones included. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { useWorkspace } from '../io/workspace.js';
import { runAtc } from './run-atc.js';

const workspace = useWorkspace();
const atc = (...args: readonly string[]) => runAtc(args, { cwd: workspace.at('.') });
const CLI = path.resolve('dist/esm/cli.js');
/** Processes that are killed; a campaign by hand sets more. */
const KILLS = Number(process.env.SWEEP_KILLS ?? 4);

function historyFile(rows: number): string {
  const file = workspace.at(`history-${rows}.csv`);
  const lines = Array.from({ length: rows }, (_, row) => {
    const close = 100 + 9 * Math.sin(row / 17) + 5 * Math.cos(row / 5.3) + (row % 7) / 4;
    return `${1.6e12 + row * 3_600_000},${close}`;
  });
  writeFileSync(file, `timestamp,close\n${lines.join('\n')}\n`);
  return file;
}

const SEARCH = ['--param', 'emaLength=10..30:5', '--param', 'kamaLength=10..22:3', '--param', 'robustness=Narrow,Wide'];

const bytesIn = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name)).toString('base64')]),
  );

test('a study is run, shown, written as CSV and JSON', async () => {
  const history = historyFile(600);
  const out = workspace.at('study');
  const run = await atc('sweep', history, ...SEARCH, '--out', out, '--top', '2', '--holdout', '0.2');
  expect([run.code, run.stderr]).toEqual([0, `${history}: read as CSV, ms, UTC, 600 rows\n`]);
  expect(run.stdout).toContain('50 trials over 1 symbol, highest sharpe first');
  expect(run.stdout).toMatch(/kamaLength down, robustness across/);
  expect(run.stdout).toMatch(/deflated sharpe {6}\d\.\d{3}/);
  expect(run.stdout.split('\n').filter(({ length }) => length > 80)).toEqual([]);
  expect(run.stdout).toMatch(/holdout {14}last 20\.00 %/);
  const csv = workspace.at('trials.csv');
  const shown = await atc('sweep', '--show', out, '--json', '--report', csv);
  const { finished, report, top } = JSON.parse(shown.stdout);
  expect([finished, report.trials, top.length, top[0].number]).toEqual([true, 50, 10, report.best.number]);
  const [header, ...rows] = readFileSync(csv, 'utf8').trimEnd().split('\n');
  expect(header).toMatch(/^trial,id,emaLength,kamaLength,robustness,totalReturn,cagr,maxDrawdown,sharpe,/);
  expect(rows.length).toBe(50);
});

test.each([
  [['sweep', 'x.csv'], 2, /nothing is searched/],
  [['sweep', '--param', 'emaLength=10..20'], 2, /name the history/],
  [['sweep', 'x.csv', '--param', 'emaLenght=10..20'], 2, /did you mean "emaLength"/],
  [['sweep', 'x.csv', '--param', 'emaLength=20..10'], 2, /runs upwards/],
  [['sweep', 'x.csv', '--param', 'lambda=0.1..0.2', '--sampler', 'grid'], 2, /has no step/],
  [['sweep', 'x.csv', '--param', 'emaLength=10..20', '--shard', '3/2'], 2, /such as 2\/4/],
  [['sweep', 'x.csv', '--param', 'emaLength=10..20', '--shard', '0/3'], 2, /i from 1 to n/],
  [['sweep', 'x.csv', '--param', 'emaLength=10..20', '--trials', '0'], 2, /from 1 is allowed/],
  [['sweep', 'x.csv', '--param', 'emaLength=10..20', '--param', 'emaLength=5'], 2, /emaLength is given twice/],
  [['sweep', 'x.csv', '--param', 'decay=0.1', '--param', 'decay=0.1..0.2:0.1'], 2, /decay is given twice/],
  [['sweep', 'x.csv', '--param', 'emaLength=10..20', '--objective', 'sharp'], 2, /"sharp".*did you mean "sharpe"/],
  [
    ['sweep', 'x.csv', '--param', 'emaLength=10..20', '--objective', 'sharpe,alpha'],
    2,
    /"alpha".*no trial has.*"trend"/,
  ],
  [['walk-forward', 'x.csv', '--param', 'emaLength=10..20', '--objective', 'alpha'], 2, /"alpha".*no trial has/],
  [
    ['sweep', 'x.csv', '--param', 'lambda=0.1..0.2', '--trials', '5', '--constraint', 'lambda > 1'],
    2,
    /none of 10000 draws/,
  ],
  [['sweep', 'x.csv', '--param', 'emaLength=1..2', '--constraint', 'emaLength > 2'], 2, /no combination of the grid/],
  [['sweep', '--show', '/nowhere'], 1, /holds no study/],
  [['walk-forward', 'x.csv', '--param', 'emaLength=10..20', '--sampler', 'tpe'], 2, /same trials in every window/],
])('%j ends with code %i and one message', async (args, status, message) => {
  const run = await atc(...args);
  expect([run.code, run.stdout]).toEqual([status, '']);
  expect(run.stderr).toMatch(message);
});

test.each([
  ['prices that never change', 300, () => 100, 1, 'no trial has a number for sharpe in any window'],
  ['too few rows for any trial', 4, (row: number) => 100 + row, 2, 'has 4 rows; the ATC parameters need'],
])(
  '%s: the study is stored and shown, and the run ends with 1 and the reason',
  async (_, rows, close, walked, reason) => {
    const history = workspace.at(`still-${rows}.csv`);
    const lines = Array.from({ length: rows }, (_, row) => `${1.6e12 + row * 3_600_000},${close(row)}`);
    writeFileSync(history, `timestamp,close\n${lines.join('\n')}\n`);
    const out = workspace.at(`still-${rows}`);
    const search = ['--param', 'emaLength=10..12', '--param', 'cutout=5,6'];
    const run = await atc('sweep', history, ...search, '--objective', 'sharpe,totalReturn', '--out', out);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^atc: no trial has a number for sharpe: the history is too short/m);
    expect(run.stdout).toContain('6 trials over 1 symbol');
    expect(run.stdout).not.toMatch(/Infinity|overfitting/);
    const shown = await atc('sweep', '--show', out);
    expect([shown.code, shown.stdout, shown.stderr]).toEqual([0, run.stdout, '']);
    const walk = await atc('walk-forward', history, ...search, '--windows', '2');
    expect(walk.code).toBe(walked);
    expect(walk.stderr).toContain(reason);
  },
);

test('walk-forward prints a line for every window and the joined result', async () => {
  const run = await atc('walk-forward', historyFile(600), ...SEARCH, '--windows', '3', '--json');
  const { windows, symbols } = JSON.parse(run.stdout);
  expect([run.code, windows.length, symbols.length]).toEqual([0, 3, 1]);
});

const start = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [CLI, ...args, '--json'], { stdio: 'ignore' });

test.each([1, 3])(
  'a study killed again and again has the bytes of one that was not, %i processes',
  async (processes) => {
    const history = historyFile(6000);
    const search = [
      '--param',
      'emaLength=10..30',
      '--param',
      'lambda=0.01..0.3',
      '--sampler',
      'random',
      '--trials',
      '2048',
    ];
    const [whole, killed] = [workspace.at(`whole-${processes}`), workspace.at(`killed-${processes}`)];
    const started = performance.now();
    const alone = await atc('sweep', history, ...search, '--out', whole, '--json');
    const seconds = (performance.now() - started) / 1000;
    expect([alone.code, alone.stderr]).toEqual([0, '']);
    let seed = 77 + processes;
    const random = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    for (let kill = 0; kill < KILLS; kill++) {
      const children = Array.from({ length: processes }, () => start(['sweep', history, ...search, '--out', killed]));
      await sleep(200 + random() * 1000 * seconds);
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null) return;
          child.kill('SIGKILL');
          await once(child, 'exit');
        }),
      );
    }
    const last = Array.from({ length: processes }, () => start(['sweep', history, ...search, '--out', killed]));
    const codes = await Promise.all(last.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual(codes.map(() => 0));
    expect(bytesIn(killed)).toEqual(bytesIn(whole));
  },
  // A kill comes within the time that a whole study takes, on a busy machine too.
  180_000 + KILLS * 30_000,
);

test.each([1, 2])(
  'a study that Ctrl-C interrupts (%i times) ends, and goes on from its finished units',
  async (signals) => {
    const history = historyFile(6000);
    const search = ['--param', 'emaLength=10..30', '--param', 'lambda=0.01..0.3', '--sampler', 'random'];
    const out = workspace.at(`interrupted-${signals}`);
    const child = spawn(process.execPath, [CLI, 'sweep', history, ...search, '--trials', '8192', '--out', out], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk) => (text += chunk));
    for (let waits = 0; waits < 600 && readdirIfThere(path.join(out, 'units')) < 1; waits++) await sleep(100);
    for (let signal = 0; signal < signals; signal++) child.kill('SIGINT');
    const [code, signal] = await once(child, 'exit');
    // Two that arrive together may be one to the process.
    if (signals === 1 || signal === null)
      expect([code, text]).toEqual([130, expect.stringContaining(`stored in ${out}`)]);
    expect(readdirIfThere(path.join(out, 'units'))).toBeGreaterThan(0);
    const shown = await atc('sweep', '--show', out);
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('not finished')]);
    // The trials of the first unit, and no more: there is nothing left to run.
    const fewer = [...search, '--trials', '1024', '--json'];
    const resumed = await atc('sweep', history, ...fewer, '--out', out);
    const whole = workspace.at('never-interrupted');
    expect((await atc('sweep', history, ...fewer, '--out', whole)).stdout).toBe(resumed.stdout);
    expect(bytesIn(out)).toEqual(bytesIn(whole));
  },
);

function readdirIfThere(directory: string): number {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.unit')).length;
  } catch {
    return 0;
  }
}
