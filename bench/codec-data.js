// What the benches of the codec measure: real history where it is there, synthetic closes, indicators of a close.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { random } from './kit.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Milliseconds of each of `reps` calls, after a tenth as many that are not counted. */
export function timesOf(action, reps) {
  for (let rep = 0; rep < reps / 10; rep++) action();
  const times = [];
  for (let rep = 0; rep < reps; rep++) {
    const start = performance.now();
    action();
    times.push(performance.now() - start);
  }
  return times;
}

/** Closes of a random walk with changing volatility, in ticks of 0.01. */
export function syntheticCloses(rows, seed = 42) {
  const next = random(seed);
  const bell = () => next() + next() + next() + next() - 2;
  let ticks = 4_200_000;
  let width = 300;
  return Float64Array.from({ length: rows }, () => {
    width = Math.min(3000, Math.max(40, width * (1 + 0.05 * bell())));
    ticks = Math.max(100_000, ticks + Math.round(width * bell()));
    return ticks / 100;
  });
}

function readCsv(file) {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const lines = text.trim().split(/\r?\n/);
  const names = lines[0].split(',');
  const columns = Object.fromEntries(names.map((name) => [name, new Float64Array(lines.length - 1)]));
  for (let i = 1; i < lines.length; i++) {
    lines[i].split(',').forEach((text, j) => {
      columns[names[j]][i - 1] = Number(text);
    });
  }
  return columns;
}

/** `files`: gzipped or plain CSV files of numbers under a line of names; default those of ../shared/data. */
export function datasets(files) {
  if (files !== undefined) {
    return files.map((file) => ({ name: path.basename(file).replace(/\.csv(\.gz)?$/, ''), columns: readCsv(file) }));
  }
  const directory = path.resolve(root, '../shared/data');
  if (!existsSync(directory)) {
    console.warn('skipped: ../shared/data is not there, only synthetic columns are measured');
    return [];
  }
  const names = readdirSync(directory).filter((name) => name.endsWith('.csv.gz'));
  return names.map((name) => ({ name: name.slice(0, -7), columns: readCsv(path.join(directory, name)) }));
}

/** Arrays a strategy derives from closes: full mantissas, the hard case for everyone. */
export function indicators(close) {
  const n = close.length;
  const weighted = (source, length) =>
    source.map((_, i) => {
      let sum = 0;
      let weights = 0;
      for (let k = 0; k < length && i - k >= 0; k++) {
        sum += source[i - k] * (length - k);
        weights += length - k;
      }
      return sum / weights;
    });
  const ema = new Float64Array(n);
  const sma = new Float64Array(n);
  const kama = new Float64Array(n);
  const rsi = new Float64Array(n);
  const equity = new Float64Array(n);
  let sum = 0;
  let gain = 0;
  let loss = 0;
  for (let i = 0; i < n; i++) {
    const step = i > 0 ? close[i] - close[i - 1] : 0;
    ema[i] = i > 0 ? ema[i - 1] + (close[i] - ema[i - 1]) * (2 / 29) : close[0];
    sum += close[i] - (i >= 28 ? close[i - 28] : 0);
    sma[i] = sum / Math.min(i + 1, 28);
    let path = 0;
    for (let k = Math.max(1, i - 27); k <= i; k++) path += Math.abs(close[k] - close[k - 1]);
    const ratio = path === 0 ? 0 : Math.abs(close[i] - close[Math.max(0, i - 28)]) / path;
    const speed = (ratio * (2 / 3 - 2 / 31) + 2 / 31) ** 2;
    kama[i] = i > 0 ? kama[i - 1] + speed * (close[i] - kama[i - 1]) : close[0];
    gain += (Math.max(step, 0) - gain) / 14;
    loss += (Math.max(-step, 0) - loss) / 14;
    rsi[i] = gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
    const position = i > 1 && close[i - 1] > ema[i - 1] ? 1 : -1;
    equity[i] = i > 0 ? equity[i - 1] * (1 + (position * step) / close[i - 1]) : 1;
  }
  const half = weighted(close, 14);
  const full = weighted(close, 28);
  const hma = weighted(
    half.map((x, i) => 2 * x - full[i]),
    5,
  );
  return { ema, sma, hma, kama, rsi, equity };
}
