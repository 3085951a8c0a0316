// How far threads carry a backtest: node bench/backtest-workers.js [--symbols 64] [--rows 400000] [--rounds 3]
// [--workers 2]
//
// ATC over a packed dataset, made first and removed afterwards, with one worker and with several, each run a process
// of its own. Beside it the ceiling of the machine in the same minute, in two ways: threads of nothing but arithmetic
// (bench/spin.js), and as many independent processes at once, each with one worker over the same symbols, against one
// such process alone. --spread gives the symbols lengths from half to one and a half times --rows. Wall time of the
// run itself, without the start of the process; the threads' start is part of it. Needs `npm run build`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { histories, median } from './kit.js';
import { columnsOf, measureOf, save } from './result-file.js';
import { spinGain } from './spin.js';

const { writeDataset } = await import('../dist/esm/index.js');
const apart = fileURLToPath(new URL('./backtest-apart.js', import.meta.url));

const { values } = parseArgs({
  options: {
    symbols: { type: 'string', default: '64' },
    rows: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: '2' },
    spread: { type: 'boolean', default: false },
  },
});
const [symbols, rows, rounds, workers] = [values.symbols, values.rows, values.rounds, values.workers].map(Number);

const work = mkdtempSync(path.join(tmpdir(), 'atc-workers-'));
const directory = path.join(work, 'packed');

function run(count) {
  const options = { directory, strategy: 'atc', way: 'disk', workers: count };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [apart, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (text) => (out += text));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`exit code ${code}`))));
  });
}

function* source() {
  if (!values.spread) yield* histories({ symbols, rows });
  // Short ones first: the order that hurts most where symbols are taken as they come.
  for (let k = 0; values.spread && k < symbols; k++) {
    const length = Math.round(rows * (0.5 + k / Math.max(1, symbols - 1)));
    for (const batch of histories({ symbols: 1, rows: length }))
      yield { ...batch, symbol: `S${String(k).padStart(4, '0')}` };
  }
}

try {
  (await writeDataset(directory, source(), { durability: 'process' })).close();
  console.log(
    `${cpus().length} x ${cpus()[0].model.trim()}, Node ${process.version}; ${symbols} x ${rows} bars, ${rounds} ` +
      'rounds',
  );
  const gains = [];
  const ceilings = [];
  const spins = [];
  const digests = new Set();
  for (let round = 0; round < rounds; round++) {
    spins.push(await spinGain(workers));
    const one = await run(1);
    const many = await run(workers);
    const together = await Promise.all(Array.from({ length: workers }, () => run(1)));
    const slowest = Math.max(...together.map(({ seconds }) => seconds));
    gains.push(one.seconds / many.seconds);
    ceilings.push((workers * one.seconds) / slowest);
    for (const { digest } of [one, many, ...together]) digests.add(digest);
    console.log(
      `1 worker ${one.seconds.toFixed(2)} s (${one.cpuSeconds.toFixed(2)} s CPU)  ${workers} workers ` +
        `${many.seconds.toFixed(2)} s (${many.cpuSeconds.toFixed(2)} s CPU): ${gains.at(-1).toFixed(2)}x  ` +
        `${workers} processes at once ${slowest.toFixed(2)} s each: ${ceilings.at(-1).toFixed(2)}x  pure arithmetic ` +
        `on ${workers} threads: ${spins.at(-1).toFixed(2)}x`,
    );
  }
  console.log(
    `${workers} workers ${median(gains).toFixed(2)}x one, best ${Math.max(...gains).toFixed(2)}x (goal at 2: 1.9x); ` +
      `the machine allows ${median(ceilings).toFixed(2)}x to processes and ${median(spins).toFixed(2)}x to pure ` +
      'arithmetic',
  );
  if (digests.size > 1) throw new Error('the runs disagree');
  save('backtest-workers', {
    history: `${symbols} symbols of ${rows.toLocaleString('en-US')} bars, packed; ATC; the same result every way.`,
    rounds,
    tables: [
      {
        name: 'gain',
        title: 'Faster than one worker',
        columns: columnsOf({ way: 'text', faster: 'ratio' }),
        rows: [
          [`${workers} workers`, measureOf(gains)],
          [`what the machine allows: ${workers} processes at once`, measureOf(ceilings)],
        ],
      },
    ],
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
