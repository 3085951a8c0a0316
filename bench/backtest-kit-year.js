// A year of 1m candles for 20 symbols in one store: how long it takes to open, and how much memory reading takes
// (VmHWM of a fresh process). `node bench/backtest-kit-year.js [packed,mapped] [symbols] [--save]`; the build must be
// there.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openCandleStore } from '../dist/esm/index.js';
import { peakMib, uniform } from './kit.js';
import { columnsOf, measureOf, save } from './result-file.js';

const MINUTE = 60_000;
const START = Date.UTC(2023, 0, 1);
const ROWS = 525_600;
const [layouts = 'packed,mapped', symbols = '20', directory] = process.argv.slice(2);
const RUNS = 5;
const names = Array.from({ length: Number(symbols) }, (_, i) => ({
  exchange: 'made-up',
  symbol: `S${i}USDT`,
  interval: '1m',
}));

function fill(target, layout) {
  const store = openCandleStore(target, { layout });
  for (const [i, name] of names.entries()) {
    const series = store.series(name);
    let price = 42_000;
    const random = uniform(12_345 + i);
    for (let from = 0; from < ROWS; from += 4096) {
      const batch = [];
      for (let row = from; row < Math.min(ROWS, from + 4096); row++) {
        const open = price;
        price = Math.max(1000, price + (random() - 0.5) * 60);
        batch.push({
          timestamp: START + row * MINUTE,
          open: Math.round(open * 100) / 100,
          high: Math.round((Math.max(open, price) + random() * 10) * 100) / 100,
          low: Math.round((Math.min(open, price) - random() * 10) * 100) / 100,
          close: Math.round(price * 100) / 100,
          volume: Math.round(random() * 5e6) / 1e5,
        });
      }
      series.write(batch);
    }
  }
  store.close();
}

function measure(target, layout) {
  const before = Math.round(peakMib());
  const began = performance.now();
  const store = openCandleStore(target, { layout });
  for (const name of names) if (store.series(name).length !== ROWS) throw new Error(`${name.symbol} is not whole`);
  const openMs = performance.now() - began;
  const first = performance.now();
  for (const name of names) store.series(name).read(START, MINUTE, 5);
  const firstReadMs = (performance.now() - first) / names.length;
  // Five candles every minute, as a backtest asks, all symbols in step; then windows anywhere.
  const stepping = performance.now();
  let reads = 0;
  for (let row = 0; row + 5 <= ROWS; row += 60) {
    for (const name of names) if (store.series(name).read(START + row * MINUTE, MINUTE, 5)?.length === 5) reads++;
  }
  const stepUs = ((performance.now() - stepping) * 1000) / reads;
  let state = 1;
  const windows = performance.now();
  for (let i = 0; i < 400; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const row = state % (ROWS - 1000);
    if (store.series(names[i % names.length]).read(START + row * MINUTE, MINUTE, 1000)?.length !== 1000)
      throw new Error('gap');
  }
  const windowMs = (performance.now() - windows) / 400;
  const rounded = (value) => Number(value.toFixed(2));
  console.log(
    JSON.stringify({
      layout,
      symbols: names.length,
      openMs: rounded(openMs),
      firstReadMs: rounded(firstReadMs),
      readOf5Us: rounded(stepUs),
      randomReadOf1000Ms: rounded(windowMs),
      peakMiB: Math.round(peakMib()),
      bareMiB: before,
    }),
  );
}

/** Writes the year and measures it in fresh processes: a row of the table for each figure. */
function year(layout) {
  const target = mkdtempSync(path.join(os.tmpdir(), 'atc-year-'));
  try {
    const began = performance.now();
    fill(target, layout);
    const [kilobytes] = execFileSync('du', ['-sk', target], { encoding: 'utf8' }).split('\t');
    const files = execFileSync('find', [target, '-type', 'f'], { encoding: 'utf8' }).trim().split('\n').length;
    console.log(`written in ${((performance.now() - began) / 1000).toFixed(1)} s: ${kilobytes} KiB in ${files} files`);
    const runs = Array.from({ length: RUNS }, () => {
      const args = [import.meta.filename, layout, symbols, target];
      const out = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
      process.stdout.write(out);
      return JSON.parse(out);
    });
    const of = (key, unit = 1) => measureOf(runs.map((run) => run[key] * unit));
    const peaks = [of('peakMiB', 2 ** 20), of('bareMiB', 2 ** 20)];
    return [layout, Number(kilobytes) * 1024, files, of('openMs'), of('readOf5Us'), of('randomReadOf1000Ms'), ...peaks];
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

if (directory !== undefined) measure(directory, layouts);
else {
  save('backtest-kit-year', {
    rounds: RUNS,
    history:
      `A year of minutes of ${symbols} symbols in one candle store, opened and read by a fresh process each of ` +
      `${RUNS} times.`,
    tables: [
      {
        name: 'store',
        title: 'A year of candles',
        columns: columnsOf({
          layout: 'text',
          'on disk': 'bytes',
          files: 'count',
          'open all': 'ms',
          'read 5 candles': 'us',
          'read 1,000 anywhere': 'ms',
          peak: 'bytes',
          'before opening': 'bytes',
        }),
        rows: layouts.split(',').map(year),
      },
    ],
  });
}
