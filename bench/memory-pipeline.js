// Peak memory of one and the same backtest with the history in memory, memory-mapped and packed, each in a process of
// its own:
//   node bench/memory-pipeline.js [--gib 2] [--strategy atc | cross] [--limit-gib 1] [--directory DIR] [--save]
// 100 symbols of candles (timestamp, open, high, low, close, volume, 48 bytes a row), made first and removed
// afterwards: both layouts on disk. "In memory" reads every column into the heap, as a service does that holds its
// history. --limit-gib repeats all under `prlimit --data`: the run in memory is expected to die there. Strategies:
// ATC, or the moving average cross of examples/own-strategy. Needs `npm run build`.
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
    gib: { type: 'string', default: '2' },
    strategy: { type: 'string', default: 'atc' },
    'limit-gib': { type: 'string' },
    directory: { type: 'string', default: tmpdir() },
  },
});
const symbols = 100;
const bytes = Number(values.gib) * 2 ** 30;
const rows = Math.floor(bytes / symbols / 48);

const { bavail, bsize } = statfsSync(values.directory);
if (bavail * bsize < 1.6 * bytes) throw new Error(`not enough room in ${values.directory}`);
const work = mkdtempSync(path.join(values.directory, 'atc-memory-'));
try {
  const [mapped, packed] = ['mapped', 'packed'].map((layout) => path.join(work, layout));
  const source = histories({ symbols, rows, columns: 'candles' });
  (await writeDataset(mapped, source, { layout: 'mapped', durability: 'process' })).close();
  (await writeDataset(packed, mapped, { layout: 'packed', level: 2, durability: 'process' })).close();
  console.log(
    `${cpus().length} x ${cpus()[0].model.trim()}, Node ${process.version}; ${symbols} x ${rows} candles, ` +
      `${values.gib} GiB, packed ${(diskUsage(packed).byteLength / 2 ** 30).toFixed(2)} GiB; strategy ` +
      `${values.strategy}`,
  );
  const ways = [
    ['in memory', { directory: mapped, way: 'memory' }],
    ['mapped', { directory: mapped, way: 'mapped' }],
    ['packed', { directory: packed, way: 'disk' }],
    ['packed, mapped', { directory: packed, way: 'mapped' }],
    ['mapped, 2 workers', { directory: mapped, way: 'mapped', workers: 2 }],
    ['packed, 2 workers', { directory: packed, way: 'disk', workers: 2 }],
  ];
  const measure = (dataLimit) =>
    ways.map(([name, options]) => {
      const run = backtestApart({ strategy: values.strategy, workers: 1, ...options, dataLimit });
      return { name, ...run };
    });
  const runs = measure();
  const [memory] = runs;
  for (const run of runs) {
    if (run.failure) throw new Error(`${run.name}: ${run.failure}`);
    const less = run === memory ? '' : `  ${(100 * (1 - run.peakMib / memory.peakMib)).toFixed(2)} % less`;
    console.log(
      `${run.name.padEnd(18)} ${run.seconds.toFixed(1).padStart(6)} s  ${run.cpuSeconds.toFixed(1).padStart(6)} s ` +
        `CPU  peak ${run.peakMib.toFixed(0).padStart(5)} MiB${less}  ${run.digest.slice(0, 16)}`,
    );
  }
  const same = runs.every(({ digest }) => digest === memory.digest);
  console.log(`the same result every way: ${same ? 'yes' : 'NO'}`);
  if (!same) process.exitCode = 1;
  const MIB = 2 ** 20;
  save(`memory-pipeline-${values.strategy}`, {
    history:
      `${symbols} symbols of ${rows.toLocaleString('en-US')} candles, ${values.gib} GiB as float64; one run each, a ` +
      `process of its own; the same result every way: ${same ? 'yes' : 'no'}.`,
    rounds: 1,
    tables: [
      {
        name: 'peak',
        title: `Peak memory of a backtest, strategy ${values.strategy}`,
        columns: columnsOf({ history: 'text', less: 'share', peak: 'bytes', time: 's', 'processor time': 's' }),
        rows: runs.map(({ name, peakMib, seconds, cpuSeconds }) => {
          const less = name === memory.name ? null : 1 - peakMib / memory.peakMib;
          return [name, less, peakMib * MIB, seconds, cpuSeconds];
        }),
      },
    ],
  });
  const limit = values['limit-gib'];
  if (limit !== undefined) {
    // In bytes: prlimit knows no suffixes.
    for (const run of measure(Number(limit) * 2 ** 30)) {
      const outcome = run.failure ?? (run.digest === memory.digest ? 'finished, the same result' : 'ANOTHER RESULT');
      console.log(`at most ${limit} GiB of private memory: ${run.name.padEnd(18)} ${outcome}`);
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
