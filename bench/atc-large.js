// ATC over more history than memory: node bench/atc-large.js [--scale 1] [--level 5] [--directory DIR]
//
// At scale 1: 500 symbols x 500,000 bars, 2 GB of closes and as much of timestamps, in a packed dataset, then as mapped
// columns. They are made first and removed afterwards. Every run is a process of its own; the result of all must be the
// same, every signal included (bench/backtest-apart.js). Needs `npm run build`.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { backtestApart } from './backtest-apart.js';
import { histories } from './kit.js';
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
/** In MB of 10^6 bytes. */
const PEAK_GOAL_MB = 200;
const SHARE_GOAL = 0.02;

const { bavail, bsize } = statfsSync(values.directory);
const room = symbols * rows * 8 * 3;
if (bavail * bsize < room) throw new Error(`not enough room in ${values.directory}: ${(room / 1e9).toFixed(1)} GB`);
const work = mkdtempSync(path.join(values.directory, 'atc-large-'));
try {
  const [packed, mapped] = ['packed', 'mapped'].map((layout) => path.join(work, layout));
  const write = async (directory, layout) => {
    const options = { layout, level: Number(values.level), durability: 'process' };
    (await writeDataset(directory, histories({ symbols, rows }), options)).close();
  };
  await write(packed, 'packed');
  const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(3)} GB`;
  console.log(
    `${cpus().length} x ${cpus()[0].model.trim()}, Node ${process.version}; ${symbols} x ${rows} bars, closes ` +
      `${gigabytes(symbols * rows * 8)}, packed with timestamps ${gigabytes(diskUsage(packed).byteLength)} (level ` +
      `${values.level})`,
  );
  const measured = [];
  const megabytes = ({ peakMib }) => (peakMib * 2 ** 20) / 1e6;
  const measure = (name, options) => {
    const run = backtestApart({ directory: packed, strategy: 'atc', way: 'disk', workers: 1, ...options });
    if (run.failure) throw new Error(`${name}: ${run.failure}`);
    console.log(
      `${name.padEnd(34)} ${run.seconds.toFixed(1).padStart(7)} s  ${run.cpuSeconds.toFixed(2).padStart(7)} s CPU  ` +
        `${((run.cpuSeconds / symbols / rows) * 1e9).toFixed(1).padStart(6)} ns CPU a bar  peak ` +
        `${megabytes(run).toFixed(0)} MB`,
    );
    measured.push([name, run]);
    return run;
  };
  const decoding = measure('blocks only, packed', { strategy: 'decode' });
  const runs = [
    measure('1 worker', { timed: true }),
    measure('2 workers', { workers: 2 }),
    measure('4 workers', { workers: 4 }),
    measure('2 workers, packed through a map', { workers: 2, way: 'mapped' }),
  ];
  rmSync(packed, { recursive: true });
  await write(mapped, 'mapped');
  const plain = measure('blocks only, mapped columns', { strategy: 'decode', directory: mapped });
  runs.push(measure('2 workers, mapped columns', { workers: 2, directory: mapped }));

  const peak = Math.max(...runs.map(megabytes));
  const [one, two] = runs;
  const percent = (seconds) => `${((100 * seconds) / one.cpuSeconds).toFixed(2)} %`;
  const same = new Set(runs.map(({ digest }) => digest)).size === 1;
  const decompression = decoding.cpuSeconds - plain.cpuSeconds;
  console.log(`peak memory ${peak.toFixed(0)} MB (goal: under ${PEAK_GOAL_MB})`);
  console.log(
    `decompression ${percent(decompression)} of the CPU time of the run with 1 worker (goal: under ` +
      `${100 * SHARE_GOAL} %): what blocks cost out of packed files, all threads of the engine included, less what ` +
      'they cost out of mapped columns',
  );
  console.log(
    `the same, reading included: ${percent(one.readSeconds)} by the clock inside the run with 1 worker; ` +
      `${percent(decoding.cpuSeconds)} as a process of its own, with its start and the compilers of the engine`,
  );
  console.log(`two workers ${(one.seconds / two.seconds).toFixed(2)}x one`);
  console.log(`the same result with 1, 2 and 4 workers and both ways of mapped input: ${same ? 'yes' : 'NO'}`);
  if (!same || peak > PEAK_GOAL_MB || decompression > SHARE_GOAL * one.cpuSeconds) process.exitCode = 1;
  save('atc-large', {
    history:
      `${symbols} symbols of ${rows.toLocaleString('en-US')} bars, packed at level ${values.level}; one run each, a ` +
      `process of its own; the same result: ${same ? 'yes' : 'no'}.`,
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
      {
        name: 'decompression',
        title: 'Share of the processor time of the run with 1 worker',
        columns: columnsOf({ what: 'text', share: 'share' }),
        rows: [
          ['decompression', decompression / one.cpuSeconds],
          ['reading and decompression, in the run', one.readSeconds / one.cpuSeconds],
        ],
      },
    ],
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
