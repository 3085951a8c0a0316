// Sweeps of ATC beside single runs and, where python3-numba is, beside a numba implementation of the same formulas:
//
//   node bench/sweep.js                 every study below, stored in bench/results/sweep.json with --save
//   node bench/sweep.js --bits 2000     every trial of so many random studies against a single run, bit by bit
//   node bench/sweep.js --memory        peak memory of 1,000 trials over 500 symbols x 100,000 bars, in its own process
//   node bench/sweep.js --only NAME     of the studies those whose name begins so; 'threads': two threads beside two
//                                       processes
//   node bench/sweep.js --small         a tenth of the bars
//
// Processor time of this process with all its threads; wall time says little on a busy machine. "passes" are passes of
// the kernel over the same bars: both the better of two runs.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { TradingAccount, writeDataset } from 'atc-memory';
import { atcSweep, computeAtcSignals, createAtcStream } from 'atc-memory/atc';
import { sweep } from 'atc-memory/sweep';
import { histories, peakMib, uniform } from './kit.js';
import { columnsOf, save } from './result-file.js';
import { threadsBesideProcesses } from './sweep-threads.js';

const { values } = parseArgs({
  options: {
    bits: { type: 'string' },
    small: { type: 'boolean' },
    memory: { type: 'boolean' },
    only: { type: 'string', default: '' },
    'peak-of': { type: 'string' },
  },
});
const shrink = values.small ? 10 : 1;
const FAMILIES = ['ema', 'hma', 'wma', 'dema', 'lsma', 'kama'];

function history(rows, seed = 1) {
  const random = uniform(seed);
  let price = 100;
  const close = Float64Array.from({ length: rows }, () => (price *= 1 + 0.002 * (random() - 0.5)));
  return { timestamp: Float64Array.from({ length: rows }, (_, row) => 1.5e12 + row * 60_000), close };
}

function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A pass of the kernel, ms. */
function passMs({ close }) {
  const stream = createAtcStream();
  const start = cpuMs();
  for (let at = 0; at < close.length; at += 16_384) stream.pushBlock(close.subarray(at, at + 16_384));
  return cpuMs() - start;
}

/** Seconds of numba over the same closes, single thread; undefined where there is none. */
function numbaSeconds({ close }, folder) {
  const script = path.resolve('../shared/peers/atc_numba.py');
  if (!existsSync(script)) return undefined;
  try {
    const file = path.join(folder, 'closes.f64');
    writeFileSync(file, Buffer.from(close.buffer));
    const env = { ...process.env, NUMBA_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', NUMBA_CACHE_DIR: folder };
    const text = execFileSync('/usr/bin/python3', [script, file, '3'], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return JSON.parse(text).cpu_s;
  } catch {
    return undefined;
  }
}

const results = [];

async function measure(name, columns, trials, folder, { runs = 2, ...options }) {
  if (!name.startsWith(values.only)) return;
  const directory = path.join(folder, name.replaceAll(/\W+/g, '-'));
  (await writeDataset(directory, { symbol: 'A', columns })).close();
  const peer = numbaSeconds(columns, folder);
  passMs(columns);
  let [pass, cpu, wall] = [Infinity, Infinity, Infinity];
  for (let run = 0; run < runs; run++) {
    pass = Math.min(pass, passMs(columns), passMs(columns));
    const [start, started] = [cpuMs(), performance.now()];
    const { length } = await sweep({ source: directory, strategy: atcSweep(), objective: 'totalReturn', ...options });
    if (length !== trials) throw new Error(`${name}: ${trials} trials expected`);
    cpu = Math.min(cpu, cpuMs() - start);
    wall = Math.min(wall, performance.now() - started);
  }
  const single = (trials * pass) / 1000;
  const parts = [
    `${trials} trials x ${columns.close.length} bars`,
    `${(wall / 1000).toFixed(2)} s, cpu ${(cpu / 1000).toFixed(2)} s = ${(cpu / pass).toFixed(2)} passes`,
    `${((1000 * single) / cpu).toFixed(1)}x single runs (${single.toFixed(1)} s)`,
    peer === undefined ? 'no numba here' : `${((trials * peer * 1000) / cpu).toFixed(1)}x numba trial by trial`,
  ];
  console.log(`${name}: ${parts.join('; ')}`);
  const numba = peer === undefined ? null : (trials * peer * 1000) / cpu;
  results.push([name, trials, columns.close.length, cpu / 1000, cpu / pass, (1000 * single) / cpu, numba]);
}

const level = (from, to) => ({ type: 'float', from, to, step: 0.05 });
const lengthsOf = (distribution) => Object.fromEntries(FAMILIES.map((family) => [`${family}Length`, distribution]));
const EVERYTHING = {
  ...lengthsOf({ type: 'int', from: 10, to: 60 }),
  lambda: { type: 'float', from: 0.005, to: 0.05 },
  decay: { type: 'float', from: 0.01, to: 0.1 },
};

async function besideProcesses(folder, { lengths, random }) {
  const source = path.join(folder, 'both');
  (await writeDataset(source, { symbol: 'A', columns: history(100_000 / shrink) })).close();
  const studies = { 'random lengths': lengths, 'everything random': EVERYTHING };
  return threadsBesideProcesses(
    Object.fromEntries(Object.entries(studies).map(([name, space]) => [name, { source, space, ...random }])),
  );
}

async function studies() {
  const tables = [];
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-bench-sweep-'));
  try {
    const thresholds = { longThreshold: level(0.05, 0.5), shortThreshold: level(-0.5, -0.05) };
    const random = { sampler: 'random', trials: 1000, slices: 0 };
    await measure('thresholds', history(500_000 / shrink), 100, folder, { space: thresholds, slices: 0, runs: 6 });
    const twenty = lengthsOf({ type: 'int', from: 12, to: 50, step: 2 });
    await measure('random lengths', history(100_000 / shrink), 1000, folder, { space: twenty, ...random });
    await measure('everything random', history(100_000 / shrink), 1000, folder, { space: EVERYTHING, ...random });
    const both = { space: EVERYTHING, ...random, workers: 2 };
    await measure('everything random, 2 threads', history(100_000 / shrink), 1000, folder, both);
    const eight = { space: lengthsOf({ type: 'int', from: 14, to: 28, step: 2 }), workers: 2, runs: 1 };
    await measure('lengths, 2 threads', history(20_000 / shrink), 262_144, folder, eight);
    if ('threads'.startsWith(values.only)) tables.push(await besideProcesses(folder, { lengths: twenty, random }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  save('sweep', {
    history: 'A random walk, a mapped dataset of one symbol; processor time of all threads, the better of two runs.',
    rounds: 2,
    tables: [
      ...tables,
      {
        name: 'studies',
        title: 'Sweeps, beside single runs and numba called trial by trial',
        columns: columnsOf({
          study: 'text',
          trials: 'count',
          bars: 'count',
          'processor time': 's',
          'passes of the kernel': 'ratio',
          'times single runs': 'ratio',
          'times numba': 'ratio',
        }),
        rows: results,
      },
    ],
  });
}

/** Peak memory of a sweep over a packed dataset, in a fresh process that does nothing else. */
async function memory() {
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-bench-sweep-'));
  try {
    const dataset = path.join(folder, 'packed');
    const source = histories({ symbols: 500 / shrink, rows: 100_000 / shrink, columns: 'close' });
    (await writeDataset(dataset, source, { layout: 'packed' })).close();
    const child = spawnSync(process.execPath, [import.meta.filename, '--peak-of', dataset], { encoding: 'utf8' });
    console.log(child.stdout.trim() || child.stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function peakOf(dataset) {
  const [start, started] = [cpuMs(), performance.now()];
  const space = lengthsOf({ type: 'int', from: 12, to: 50, step: 2 });
  const { length, report } = await sweep({
    source: dataset,
    strategy: atcSweep(),
    space,
    objective: 'sharpe',
    sampler: 'random',
    trials: 1000,
    directory: `${dataset}-study`,
  });
  const seconds = [cpuMs() - start, performance.now() - started].map((ms) => (ms / 1000).toFixed(0));
  console.log(
    `${length} trials, best ${report.best.number}: peak ${((peakMib() * 1048576) / 1e6).toFixed(0)} MB, cpu ` +
      `${seconds[0]} s, ${seconds[1]} s`,
  );
}

/** Every trial of random studies against a single run. */
async function bits(count) {
  let trials = 0;
  for (let seed = 1; seed <= count; seed++) {
    const random = uniform(seed * 104_729 + 3);
    for (let k = 0; k < 5; k++) random();
    const pick = (list) => list[Math.floor(random() * list.length)];
    const columns = history(150 + Math.floor(random() * 3000), seed);
    if (random() < 0.3) columns.close.set(columns.close.map((close) => Math.max(1, Math.round(close))));
    const lengths = Array.from({ length: 1 + Math.floor(random() * 4) }, () => 9 + Math.floor(random() * 40));
    const space = Object.fromEntries(
      FAMILIES.filter(() => random() < 0.7).map((family) => [
        `${family}Length`,
        { type: 'categorical', values: [...new Set(lengths)] },
      ]),
    );
    space.longThreshold = { type: 'categorical', values: pick([[0.1], [0, 0.1, 0.3]]) };
    space.shortThreshold = { type: 'categorical', values: pick([[-0.1], [-0.01, -0.1, -0.4]]) };
    const fixed = { cutout: pick([0, 0, 40]), lambda: pick([0.02, 0.02, 1, 60]) };
    const source = { symbol: 'A', columns };
    const result = await sweep({
      source,
      strategy: atcSweep(fixed),
      space,
      objective: 'sharpe',
      sampler: 'random',
      trials: 12,
      seed,
    });
    for (let trial = 0; trial < result.length; trial++) {
      const { parameters, figures } = result.trial(trial);
      const { averageSignal } = computeAtcSignals(columns.close, { ...fixed, ...parameters });
      const account = new TradingAccount();
      account.push(columns.timestamp, columns.close, averageSignal);
      for (const [name, value] of Object.entries(account.statistics())) {
        if (name === 'buyAndHold') continue;
        if (!Object.is(figures[name] ?? Number.NaN, Number.isFinite(value) ? value : Number.NaN)) {
          throw new Error(`study ${seed}, trial ${trial}: ${name} is ${figures[name]}, alone ${value}`);
        }
      }
      trials += 1;
    }
  }
  console.log(`${count} random studies, ${trials} trials: every figure has the bits of a single run`);
}

if (values['peak-of'] !== undefined) await peakOf(values['peak-of']);
else if (values.memory) await memory();
else if (values.bits === undefined) await studies();
else await bits(Number(values.bits));
