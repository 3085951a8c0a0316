// What caches of trading systems hold, for bench/cache.js: candles as objects, arrays that a strategy derives from
// closes, statistics.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { computeAtcSignals } from 'atc-memory/atc';
import { random } from './kit.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** Rows of a series that are used: what a backtest of a few months of bars holds. */
const MAX_ROWS = 20_000;
const SERIES = 10;

/** Minute candles with prices and volumes of two decimals, as an exchange's client hands them over. */
export function candleObjects(rows, seed = 42) {
  const next = random(seed);
  let cents = 4_200_000;
  return Array.from({ length: rows }, (_, i) => {
    const open = cents;
    cents += Math.round((next() + next() - 1) * 3000);
    const high = Math.max(open, cents) + Math.floor(next() * 1000);
    const low = Math.min(open, cents) - Math.floor(next() * 1000);
    const volume = Math.round(next() * next() * 100_000) / 100;
    return {
      timestamp: 1.7e12 + i * 60_000,
      open: open / 100,
      high: high / 100,
      low: low / 100,
      close: cents / 100,
      volume,
    };
  });
}

export function ema(values, length) {
  const out = new Float64Array(values.length);
  const weight = 2 / (length + 1);
  out[0] = values[0];
  for (let i = 1; i < values.length; i++) out[i] = out[i - 1] + (values[i] - out[i - 1]) * weight;
  return out;
}

function sma(values, length) {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= length ? values[i - length] : 0);
    return sum / Math.min(i + 1, length);
  });
}

function wma(values, length) {
  return values.map((_, i) => {
    let sum = 0;
    let weights = 0;
    for (let k = 0; k < length && k <= i; k++) {
      sum += values[i - k] * (length - k);
      weights += length - k;
    }
    return sum / weights;
  });
}

function hma(values, length) {
  const full = wma(values, length);
  const twice = wma(values, length / 2).map((half, i) => 2 * half - full[i]);
  return wma(twice, Math.round(Math.sqrt(length)));
}

function kama(values, length) {
  const out = new Float64Array(values.length);
  out[0] = values[0];
  for (let i = 1; i < values.length; i++) {
    let way = 0;
    for (let k = Math.max(1, i - length + 1); k <= i; k++) way += Math.abs(values[k] - values[k - 1]);
    const ratio = way === 0 ? 0 : Math.abs(values[i] - values[Math.max(0, i - length)]) / way;
    const speed = (ratio * (2 / 3 - 2 / 31) + 2 / 31) ** 2;
    out[i] = out[i - 1] + speed * (values[i] - out[i - 1]);
  }
  return out;
}

const AVERAGES = { ema, sma, wma, hma, kama, dema: (values, length) => ema(ema(values, length), length) };

export function readCsv(text, name = 'close') {
  const lines = text.trim().split('\n');
  const header = lines[0].split(',').map((cell) => cell.toLowerCase());
  const at = header.includes(name) ? header.indexOf(name) : 1;
  return Float64Array.from(lines.slice(1, 1 + MAX_ROWS), (line) => Number(line.split(',')[at]));
}

/** Closes of real history where there is some, filled up with the example's and with random walks. */
function closesOf() {
  const directory = path.resolve(root, '../shared/data');
  const files = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.csv.gz')) : [];
  const found = files.slice(0, SERIES).map((name) => {
    return { name: name.slice(0, -7), close: readCsv(gunzipSync(readFileSync(path.join(directory, name))).toString()) };
  });
  if (found.length === 0) {
    console.warn('skipped: ../shared/data is not there; one real series of the examples, the others are generated');
    found.push({
      name: 'sp500',
      close: readCsv(readFileSync(path.join(root, 'examples/data/sp500-2000.csv'), 'utf8')),
    });
  }
  for (let i = found.length; i < SERIES; i++) {
    found.push({ name: `made-${i}`, close: Float64Array.from(candleObjects(5000, i + 1), (candle) => candle.close) });
  }
  return found;
}

/** Trades the signal from the bar after it: the equity, and its report. */
function trade(close, signal) {
  const equity = new Float64Array(close.length).fill(1);
  let trades = 0;
  let worst = 0;
  let peak = 1;
  let square = 0;
  for (let i = 1; i < close.length; i++) {
    const gain = Math.sign(signal[i - 1]) * (close[i] / close[i - 1] - 1);
    equity[i] = equity[i - 1] * (1 + gain);
    square += gain * gain;
    peak = Math.max(peak, equity[i]);
    worst = Math.max(worst, 1 - equity[i] / peak);
    if (Math.sign(signal[i]) !== Math.sign(signal[i - 1])) trades++;
  }
  const last = equity.at(-1);
  return { equity, stats: { bars: close.length, trades, last, worst, deviation: Math.sqrt(square / close.length) } };
}

/** Fifty arrays of ten series, and ten objects of statistics: [key, value] as a backtest would cache them. */
export function backtestCache() {
  const names = Object.keys(AVERAGES);
  return closesOf().flatMap(({ name, close }, i) => {
    const { averageSignal } = computeAtcSignals(close);
    const { equity, stats } = trade(close, averageSignal);
    const averages = [names[i % names.length], names[(i + 2) % names.length]];
    return [
      [`${name}:close`, close],
      ...averages.map((kind) => [`${name}:${kind}28`, AVERAGES[kind](close, 28)]),
      [`${name}:signal`, averageSignal],
      [`${name}:equity`, equity],
      [`${name}:stats`, { symbol: name, strategy: 'atc', parameters: { length: 28, robustness: 'Medium' }, ...stats }],
    ];
  });
}
