// ATC over more history than memory: node bench/atc-large.js [--scale 1] [--level 5] [--directory DIR]
//
// At scale 1: 500 symbols x 500,000 bars, 2 GB of closes and as much of timestamps, in a packed dataset. It is made first and removed afterwards.
// Every run is a process of its own; the result of all must be the same, every signal included (bench/backtest-apart.js). Needs `npm run build`.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { backtestApart } from './backtest-apart.js';
import { histories } from './histories.js';
import { columnsOf, save } from './result-file.js';

const { writeDataset } = await import('../dist/esm/index.js');
const { diskUsage } = await import('../dist/esm/src/io/disk-usage.js');

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    level: { type: 'string', default: '5' },
    directory: { type: 'string', default: tmpdir() },
  },
});
const symbols = 500;
const rows = Math.round(500_000 * Number(values.scale));
const PEAK_GOAL_MIB = 200e6 / 2 ** 20;

const { bavail, bsize } = statfsSync(values.directory);
if (bavail * bsize < symbols * rows * 8) throw new Error(`not enough room in ${values.directory}`);
const work = mkdtempSync(path.join(values.directory, 'atc-large-'));
try {
  const directory = path.join(work, 'packed');
  const source = histories({ symbols, rows });
  (await writeDataset(directory, source, { level: Number(values.level), durability: 'process' })).close();
  const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(3)} GB`;
  console.log(
    `${cpus().length} x ${cpus()[0].model.trim()}, Node ${process.version}; ${symbols} x ${rows} bars, closes ${gigabytes(symbols * rows * 8)}, ` +
      `packed with timestamps ${gigabytes(diskUsage(directory).byteLength)} (level ${values.level})`,
  );
  const measured = [];
  const measure = (name, options) => {
    const run = backtestApart({ directory, strategy: 'atc', way: 'disk', workers: 1, ...options });
    if (run.failure) throw new Error(`${name}: ${run.failure}`);
    console.log(
      `${name.padEnd(28)} ${run.seconds.toFixed(1).padStart(7)} s  ${run.cpuSeconds.toFixed(1).padStart(7)} s CPU  ` +
        `${((run.cpuSeconds / symbols / rows) * 1e9).toFixed(1).padStart(6)} ns CPU a bar  peak ${run.peakMib.toFixed(0)} MiB`,
    );
    measured.push([name, run]);
    return run;
  };
  const decode = measure('decoding only, 1 worker', { strategy: 'decode' });
  const runs = [
    measure('1 worker', {}),
    measure('2 workers', { workers: 2 }),
    measure('4 workers', { workers: 4 }),
    measure('2 workers, mapped input', { workers: 2, way: 'mapped' }),
  ];
  const peak = Math.max(...runs.map(({ peakMib }) => peakMib));
  const share = decode.cpuSeconds / runs[0].cpuSeconds;
  const same = new Set(runs.map(({ digest }) => digest)).size === 1;
  console.log(`peak memory ${peak.toFixed(0)} MiB (goal: under ${PEAK_GOAL_MIB.toFixed(0)})`);
  console.log(`reading and decoding ${(100 * share).toFixed(2)} % of the CPU time (goal: under 2 %)`);
  console.log(`two workers ${(runs[0].seconds / runs[1].seconds).toFixed(2)}x one`);
  console.log(`the same result with 1, 2 and 4 workers and mapped input: ${same ? 'yes' : 'NO'}`);
  if (!same || peak > PEAK_GOAL_MIB) process.exitCode = 1;
  save('atc-large', {
    history: `${symbols} symbols of ${rows.toLocaleString('en-US')} bars, packed at level ${values.level}; one run each, a process of its own; the same result: ${same ? 'yes' : 'no'}.`,
    rounds: 1,
    tables: [
      {
        name: 'runs',
        title: 'ATC over a large packed dataset',
        columns: columnsOf({ run: 'text', peak: 'bytes', time: 's', 'processor time': 's', 'a bar': 'ns' }),
        rows: measured.map(([name, { peakMib, seconds, cpuSeconds }]) => [
          name,
          peakMib * 2 ** 20,
          seconds,
          cpuSeconds,
          (cpuSeconds / symbols / rows) * 1e9,
        ]),
      },
    ],
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
