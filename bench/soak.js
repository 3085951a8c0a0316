// An hour of everything that a long-lived service does, in one process, and whether it stays as large as it was:
//
//     npm run build && node --expose-gc bench/soak.js --minutes 60 --save
//
// Backtests (with and without a worker), cache traffic, appends, compaction, cleanups, opens with views. Samples
// resident memory, heap, descriptors, maps, threads, marks of owners and the disk, prints a line each, and at the end
// compares the second quarter of the time with the last. Exits with 1 when something has grown. ATC_SOAK_DIST names
// another build.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { median, uniform } from './kit.js';
import { FIELDS, grown, sample } from './soak/samples.js';

const dist = path.resolve(process.env.ATC_SOAK_DIST ?? 'dist/esm');
const { startWork } = await import('./soak/work.js');

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    save: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0) || typeof gc !== 'function') {
  console.error('usage: node --expose-gc bench/soak.js [--minutes N] [--seed N] [--save]');
  process.exit(2);
}

const SAMPLES = 240;
const totalMs = minutes * 60_000;
const directory = mkdtempSync(path.join(tmpdir(), 'atc-soak-'));
const work = await startWork({ dist, directory, random: uniform(Number(values.seed)) });
const series = [];
const started = performance.now();
let isLeft = true;

try {
  for (let next = 0; performance.now() - started < totalMs; ) {
    await work.step();
    const elapsed = performance.now() - started;
    if (elapsed < next) continue;
    next = elapsed + totalMs / SAMPLES;
    await work.rest();
    gc();
    const row = sample(directory, elapsed / 1000);
    series.push(row);
    console.error(FIELDS.map((name, k) => `${name} ${row[k]}`).join('  '));
  }
  await work.end();
  isLeft = false;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

const growth = grown(series);
const report = {
  minutes,
  seed: Number(values.seed),
  machine: `${cpus().length} x ${cpus()[0].model}, Node ${process.version}`,
  done: work.counts,
  fields: FIELDS,
  medians: Object.fromEntries(FIELDS.map((name, k) => [name, median(series.map((row) => row[k]))])),
  growth,
  series,
};
// One sample a line: the file is read by people as well.
const text = JSON.stringify(report, null, 2).replace(
  /\[\n\s+(-?[\d.,\s]+?)\n\s+\]/g,
  (_, row) => `[${row.replace(/\s+/g, ' ')}]`,
);
if (values.save) writeFileSync(new URL('results/soak.json', import.meta.url), `${text}\n`);
console.log(JSON.stringify({ ...report, series: series.length }));
process.exitCode = isLeft || growth.some(({ isGrown }) => isGrown) ? 1 : 0;
