// Many short symbols on one worker and on two: node bench/backtest-symbols.js [--symbols 500,2000,5000] [--rows 2500]
// [--rounds 3]
//
// ATC over a packed dataset of daily bars, made first and removed afterwards; each run is a process of its own. The
// time a symbol takes must not grow with the number of symbols, and two workers must be faster than one. Wall time of
// the run itself, without the start of the process; the threads' start and the opening of the dataset are part of it.
// Needs `npm run build`.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { backtestApart } from './backtest-apart.js';
import { histories, median } from './kit.js';
import { columnsOf, measureOf, save } from './result-file.js';

const { writeDataset } = await import('../dist/esm/index.js');

const { values } = parseArgs({
  options: {
    symbols: { type: 'string', default: '500,2000,5000' },
    rows: { type: 'string', default: '2500' },
    rounds: { type: 'string', default: '3' },
  },
});
const [rows, rounds] = [values.rows, values.rounds].map(Number);
const work = mkdtempSync(path.join(tmpdir(), 'atc-symbols-'));

try {
  console.log(
    `${cpus().length} x ${cpus()[0].model.trim()}, Node ${process.version}; ${rows} bars each, ${rounds} rounds`,
  );
  const table = [];
  for (const symbols of values.symbols.split(',').map(Number)) {
    const directory = path.join(work, String(symbols));
    (await writeDataset(directory, histories({ symbols, rows }), { durability: 'process' })).close();
    const seconds = { 1: [], 2: [] };
    const peak = { 1: 0, 2: 0 };
    const digests = new Set();
    for (let round = 0; round < rounds; round++) {
      for (const workers of [1, 2]) {
        const run = backtestApart({ directory, strategy: 'atc', way: 'disk', workers });
        if (run.failure !== undefined) throw new Error(run.failure);
        seconds[workers].push(run.seconds);
        peak[workers] = Math.max(peak[workers], run.peakMib);
        digests.add(run.digest);
      }
    }
    if (digests.size > 1) throw new Error('the runs disagree');
    const [one, two] = [median(seconds[1]), median(seconds[2])];
    console.log(
      `${String(symbols).padStart(6)} symbols: 1 worker ${one.toFixed(2)} s (${((one / symbols) * 1e6).toFixed(0)} ` +
        `us a symbol, ${peak[1].toFixed(0)} MiB)  2 workers ${two.toFixed(2)} s ` +
        `(${((two / symbols) * 1e6).toFixed(0)} us a symbol, ${peak[2].toFixed(0)} MiB): ${(one / two).toFixed(2)}x`,
    );
    table.push([
      symbols.toLocaleString('en-US'),
      measureOf(seconds[1]),
      measureOf(seconds[2]),
      measureOf(seconds[1].map((one, k) => one / seconds[2][k])),
      measureOf(seconds[1].map((one) => (one / symbols) * 1e6)),
    ]);
    rmSync(directory, { recursive: true });
  }
  save('backtest-symbols', {
    history: `Symbols of ${rows.toLocaleString('en-US')} bars, packed; ATC; the same result on one worker and on two.`,
    rounds,
    tables: [
      {
        name: 'growth',
        title: 'Many short symbols',
        columns: columnsOf({
          symbols: 'text',
          'one worker': 's',
          'two workers': 's',
          faster: 'ratio',
          'a symbol': 'us',
        }),
        rows: table,
      },
    ],
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
