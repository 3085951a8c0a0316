// Sweeps of ATC beside single runs and, where python3-numba is, beside a numba implementation of the same formulas:
//
//   node bench/sweep.js                 every study below
//   node bench/sweep.js --bits 2000     every trial of so many random studies against a single run, bit by bit
//   node bench/sweep.js --small         a tenth of the bars
//
// Processor time of this process, one thread unless a line says two. "passes" are passes of the kernel over the same
// bars.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { TradingAccount, writeDataset } from 'atc-memory';
import { atcSweep, computeAtcSignals, createAtcStream } from 'atc-memory/atc';
import { sweep } from 'atc-memory/sweep';
import { uniform } from './kit.js';

const { values } = parseArgs({ options: { bits: { type: 'string' }, small: { type: 'boolean' } } });
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

/** Best of three passes of the kernel, ms. */
function passMs({ close }) {
  const once = () => {
    const stream = createAtcStream();
    const start = cpuMs();
    for (let at = 0; at < close.length; at += 16_384) stream.pushBlock(close.subarray(at, at + 16_384));
    return cpuMs() - start;
  };
  once();
  return Math.min(once(), once(), once());
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

async function measure(name, columns, trials, folder, options) {
  const directory = path.join(folder, name.replaceAll(/\W+/g, '-'));
  (await writeDataset(directory, { symbol: 'A', columns })).close();
  const pass = passMs(columns);
  const peer = numbaSeconds(columns, folder);
  const [start, started] = [cpuMs(), performance.now()];
  const { length } = await sweep({ source: directory, strategy: atcSweep(), objective: 'totalReturn', ...options });
  const [cpu, wall] = [cpuMs() - start, performance.now() - started];
  const parts = [
    `${length} trials x ${columns.close.length} bars`,
    `${(wall / 1000).toFixed(2)} s, cpu ${(cpu / 1000).toFixed(2)} s = ${(cpu / pass).toFixed(2)} passes`,
    `${((length * pass) / cpu).toFixed(1)}x single runs (${((length * pass) / 1000).toFixed(1)} s)`,
    peer === undefined ? 'no numba here' : `${((length * peer * 1000) / cpu).toFixed(1)}x numba trial by trial`,
  ];
  console.log(`${name}: ${parts.join('; ')}`);
  if (length !== trials) throw new Error(`${name}: ${trials} trials expected`);
}

async function studies() {
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-bench-sweep-'));
  try {
    const level = (from, to) => ({ type: 'float', from, to, step: 0.05 });
    const thresholds = { longThreshold: level(0.05, 0.5), shortThreshold: level(-0.5, -0.05) };
    await measure('thresholds', history(500_000 / shrink), 100, folder, { space: thresholds, slices: 0 });
    const eight = { type: 'int', from: 14, to: 28, step: 2 };
    const lengths = Object.fromEntries(FAMILIES.map((family) => [`${family}Length`, eight]));
    await measure('lengths, 2 threads', history(20_000 / shrink), 262_144, folder, { space: lengths, workers: 2 });
    const twenty = { type: 'int', from: 12, to: 50, step: 2 };
    const some = Object.fromEntries(FAMILIES.map((family) => [`${family}Length`, twenty]));
    const random = { sampler: 'random', trials: 1000, slices: 0 };
    await measure('random lengths', history(100_000 / shrink), 1000, folder, { space: some, ...random });
    const all = {
      ...Object.fromEntries(FAMILIES.map((family) => [`${family}Length`, { type: 'int', from: 10, to: 60 }])),
      lambda: { type: 'float', from: 0.005, to: 0.05 },
      decay: { type: 'float', from: 0.01, to: 0.1 },
    };
    await measure('everything random', history(100_000 / shrink), 1000, folder, { space: all, ...random });
    await measure('everything random, 2 threads', history(100_000 / shrink), 1000, folder, {
      space: all,
      ...random,
      workers: 2,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

if (values.bits === undefined) await studies();
else await bits(Number(values.bits));
