// Whether appending one candle to one symbol costs the same however often it was done: processor time of an append,
// its mean over tenths of the run, compaction included, then files, opening and reading all of it. Nothing is synced.
// Needs a build: node bench/appends-growth.js [--appends 100000] [--layout packed] [--minutes 10]
// --minutes: processor time after which no more is appended; what was measured until then is printed.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measured } from './kit.js';

const { values: options } = parseArgs({
  options: {
    appends: { type: 'string', default: '100000' },
    layout: { type: 'string', default: 'packed' },
    minutes: { type: 'string', default: '10' },
  },
});
const appends = Number(options.appends);
const TENTHS = 10;

function candleAt(row) {
  const close = 100 + (row % 97) / 100;
  const timestamp = 1_600_000_000_000 + row * 60_000;
  return { timestamp, open: close, high: close + 0.05, low: close - 0.05, close, volume: row % 1000 };
}

const { openDataset, writeDataset } = await import('../dist/esm/src/index.js');
const folder = mkdtempSync(path.join(tmpdir(), 'atc-appends-growth-'));
try {
  const directory = path.join(folder, 'd');
  const first = [{ symbol: 'BTCUSDT', ...candleAt(0) }];
  const dataset = await writeDataset(directory, first, { layout: options.layout, durability: 'process' });
  console.log(`${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}, ${options.layout}`);
  let row = 1;
  let spent = 0;
  for (let tenth = 1; tenth <= TENTHS && spent < Number(options.minutes) * 60; tenth++) {
    const until = 1 + Math.round((appends * tenth) / TENTHS);
    const from = row;
    let slowest = 0;
    const { cpuSeconds } = await measured(async () => {
      for (; row < until; row++) {
        const before = performance.now();
        await dataset.append('BTCUSDT', [candleAt(row)], { durability: 'process' });
        slowest = Math.max(slowest, performance.now() - before);
      }
    });
    spent += cpuSeconds;
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((it) => it.isFile()).length;
    const mean = ((1e3 * cpuSeconds) / (row - from)).toFixed(3);
    console.log(
      `${String(row - 1).padStart(7)} appends: ${mean} ms each, slowest ${slowest.toFixed(0)} ms, ${files} files`,
    );
  }
  dataset.close();
  const read = await measured(async () => {
    const opened = await openDataset(directory);
    const close = opened.table('BTCUSDT').column('close');
    if (close.length !== row) throw new Error(`${close.length} rows instead of ${row}`);
    opened.close();
  });
  console.log(`open and read the closes: ${(1e3 * read.cpuSeconds).toFixed(1)} ms of ${row} rows`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
