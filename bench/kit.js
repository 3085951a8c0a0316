// What the benches share: made-up data that is the same on every machine, medians, peak memory, and runs in processes
// of their own. Needs a build, like every bench.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export { randomNumbers as random } from '../dist/esm/src/cli/bench/made-up-candles.js';

/** Numbers in [0, 1): the upper bits of a linear congruential generator. */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** The next close of a walk, in cents: a step of about 0.05 %, never below 10. */
export function nextCents(cents, random) {
  return Math.max(1000, Math.round(cents * (1 + 0.001 * (random() + random() + random() - 1.5))));
}

/** Rows per batch. */
const BATCH_ROWS = 65_536;
const MINUTE_MS = 60_000;

/**
 * Batches { symbol, columns } of `symbols` histories, one symbol after the other: random walks in cents, a minute a
 * bar. A batch at a time, so that they may be larger than memory. `columns`: 'close' or 'candles'.
 */
export function* histories({ symbols, rows, columns = 'close' }) {
  for (let k = 0; k < symbols; k++) {
    const symbol = `S${String(k).padStart(4, '0')}`;
    const random = uniform(20_240_229 + 7919 * k);
    let cents = 100_000 + 10_000 * (k % 300);
    for (let from = 0; from < rows; from += BATCH_ROWS) {
      const length = Math.min(BATCH_ROWS, rows - from);
      const timestamp = new Float64Array(length);
      const close = new Float64Array(length);
      const candles =
        columns === 'close' ? {} : Object.fromEntries(['open', 'high', 'low', 'volume'].map((c) => [c, close.slice()]));
      const { open, high, low, volume } = candles;
      for (let i = 0; i < length; i++) {
        const before = cents;
        cents = nextCents(cents, random);
        timestamp[i] = 1_600_000_000_000 + (from + i) * MINUTE_MS;
        close[i] = cents / 100;
        if (open === undefined) continue;
        open[i] = before / 100;
        high[i] = (Math.max(before, cents) + Math.floor(random() * 40)) / 100;
        low[i] = (Math.min(before, cents) - Math.floor(random() * 40)) / 100;
        volume[i] = Math.floor(random() * random() * 5000);
      }
      const all = open === undefined ? { timestamp, close } : { timestamp, open, high, low, close, volume };
      yield { symbol, columns: all };
    }
  }
}

/** Of an even count the upper of the two in the middle: a figure that was really seen. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** A field of a file of /proc in MiB; NaN where there is none. */
export function procMib(field, file = '/proc/self/status') {
  try {
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Largest resident set of this process, all threads and maps included. */
export const peakMib = () => procMib('VmHWM');

/** Runs `action` and returns { seconds, cpuSeconds } of it, processor time of all threads, and its `value`. */
export async function measured(action) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const value = await action();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6, value };
}

/**
 * Runs a program of Node in a process of its own; returns the JSON of its last line, and `processMs` from start to
 * end.
 */
export function runApart(args, options = {}) {
  const started = performance.now();
  const child = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options });
  const processMs = performance.now() - started;
  if (child.error) throw child.error;
  if (child.status !== 0) {
    throw new Error(
      child.stderr?.split('\n').find((line) => /Error: /.test(line)) ?? child.stderr ?? `exit ${child.status}`,
    );
  }
  return { processMs, ...JSON.parse(child.stdout.trim().split('\n').at(-1)) };
}
