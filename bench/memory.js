// One symbol of 100 million rows: random windows through the map and through reading, and what four workers over the
// same dataset take together.
//   node bench/memory.js [--rows 100000000] [--windows 1000000] [--window-rows 1,16,100,1000]
//     [--workers 4] [--repeat 3] [--directory DIR]
// Every way in a process of its own; peak is VmHWM, shared memory is Pss (a page that four processes map counts a
// quarter in each). Writes a mapped dataset of two columns first (rows x 16 bytes, no holes) and removes it at the
// end. Needs `npm run build`, and Linux.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, peakMib, procMib, runApart, uniform } from './kit.js';
import { columnsOf, measureOf, ratioOf, save } from './result-file.js';

const self = fileURLToPath(import.meta.url);
const STEP_MS = 1000;

/**
 * A price-like walk of binary fractions (sums are exact in any order), a block at a time: the source never exists as
 * a whole.
 */
function* batches(rows) {
  const BLOCK = 1 << 20;
  const random = uniform(1);
  let ticks = 1000 * 1024;
  for (let from = 0; from < rows; from += BLOCK) {
    const length = Math.min(BLOCK, rows - from);
    const columns = { timestamp: new Float64Array(length), close: new Float64Array(length) };
    for (let k = 0; k < length; k++) {
      const bits = random() * 2 ** 32;
      ticks += ((bits >>> 16) & 31) - ((bits >>> 21) & 31);
      columns.timestamp[k] = 1_500_000_000_000 + (from + k) * STEP_MS;
      columns.close[k] = ticks / 1024;
    }
    yield { symbol: 'ONE', columns };
  }
}

/** Sums random windows of the closes: of the column that is mapped, or read window by window. */
async function work({ directory, backend, windows, windowRows, seed }) {
  const { openDataset } = await import('../dist/esm/index.js');
  const dataset = await openDataset(directory, { backend });
  const table = dataset.table('ONE');
  const rows = table.length;
  const next = uniform(seed);
  const random = () => Math.floor(next() * (rows - windowRows));
  let total = 0;
  const add = (values) => {
    // A local: the loop would otherwise box every partial sum.
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i];
    total += sum;
  };
  const start = process.hrtime.bigint();
  if (backend === 'read') {
    for (let k = 0; k < windows; k++) {
      const from = random();
      for (const block of table.blocks(['close'], { from, to: from + windowRows })) add(block.columns.close);
    }
  } else {
    const closes = table.column('close');
    for (let k = 0; k < windows; k++) {
      const from = random();
      add(closes.subarray(from, from + windowRows));
    }
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  return { seconds, total, backend: dataset.backend, dataset };
}

async function runOnce(options) {
  const { dataset, ...facts } = await work(options);
  if (!options.waits) {
    console.log(JSON.stringify({ ...facts, peakMib: peakMib() }));
    return;
  }
  // All of them have done their work and still have the dataset open when the parent asks.
  console.log('ready');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  console.log(JSON.stringify({ ...facts, pssMib: procMib('Pss', '/proc/self/smaps_rollup') }));
  dataset.close();
  process.exit();
}

const child = (options) => runApart([self, '--run', JSON.stringify(options)]);

/** Sum of Pss of so many processes that have all read from the whole dataset. */
async function together(count, options) {
  const children = Array.from({ length: count }, (_, k) =>
    spawn(process.execPath, [self, '--run', JSON.stringify({ ...options, seed: 1 + k, waits: true })], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  const line = (one) => new Promise((resolve) => one.stdout.once('data', (text) => resolve(String(text))));
  await Promise.all(children.map(line));
  const pss = await Promise.all(
    children.map((one) => {
      const answer = line(one);
      one.stdin.write('go\n');
      return answer;
    }),
  );
  return pss.reduce((sum, text) => sum + JSON.parse(text).pssMib, 0);
}

async function measureAll() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '100000000' },
      windows: { type: 'string', default: '1000000' },
      'window-rows': { type: 'string', default: '1,16,100,1000' },
      workers: { type: 'string', default: '4' },
      repeat: { type: 'string', default: '3' },
      directory: { type: 'string', default: tmpdir() },
    },
  });
  const rows = Number(values.rows);
  const windows = Number(values.windows);
  const { bavail, bsize } = statfsSync(values.directory);
  if (bavail * bsize < rows * 20) throw new Error(`not enough room in ${values.directory}`);
  const folder = mkdtempSync(path.join(values.directory, 'atc-memory-'));
  try {
    console.error(`writing ${(rows * 16) / 1e6} MB to ${folder}`);
    const { writeDataset } = await import('../dist/esm/index.js');
    const directory = path.join(folder, 'set');
    (await writeDataset(directory, batches(rows), { layout: 'mapped', durability: 'process' })).close();
    console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}`);
    console.log(
      `one symbol, ${rows} rows, ${(rows * 8) / 1e6} MB a column, page cache warm, ${windows} random windows`,
    );
    console.log(
      '| rows a window | mapped s | read s | times | mapped peak MiB | read peak MiB |\n|---|---|---|---|---|---|',
    );
    const rowsOfTable = [];
    for (const windowRows of values['window-rows'].split(',').map(Number)) {
      const runs = { auto: [], read: [] };
      for (let round = 0; round < Number(values.repeat); round++) {
        for (const backend of ['auto', 'read']) {
          runs[backend].push(child({ directory, backend, windows, windowRows, seed: 1 }));
        }
      }
      const times = (backend) => runs[backend].map(({ seconds }) => seconds);
      const [auto, plain] = [times('auto'), times('read')];
      rowsOfTable.push([String(windowRows), ratioOf(plain, auto), measureOf(auto), measureOf(plain)]);
      if (runs.auto[0].total !== runs.read[0].total) throw new Error('the two ways give different sums');
      const [mapped, read] = ['auto', 'read'].map((backend) => ({
        seconds: median(runs[backend].map((one) => one.seconds)),
        peak: Math.max(...runs[backend].map((one) => one.peakMib)),
      }));
      console.log(
        `| ${windowRows} | ${mapped.seconds.toFixed(3)} | ${read.seconds.toFixed(3)} | ` +
          `${(read.seconds / mapped.seconds).toFixed(1)} | ${Math.round(mapped.peak)} | ${Math.round(read.peak)} |`,
      );
    }
    const options = { directory, backend: 'auto', windows, windowRows: 1000 };
    const one = await together(1, options);
    const all = await together(Number(values.workers), options);
    console.log(
      `Pss, each process having read all over the column: one ${Math.round(one)} MiB, ${values.workers} together ` +
        `${Math.round(all)} MiB: ${(all / one).toFixed(2)} times (below 1.5 is wanted)`,
    );
    save('memory-windows', {
      history:
        `One symbol of ${rows.toLocaleString('en-US')} rows, page cache warm; ${values.repeat} runs in turns, each ` +
        'a process of its own.',
      rounds: Number(values.repeat),
      tables: [
        {
          name: 'windows',
          title: `${windows.toLocaleString('en-US')} random windows of a column`,
          columns: columnsOf({ 'rows a window': 'text', 'faster than reading': 'ratio', mapped: 's', '`read`': 's' }),
          rows: rowsOfTable,
        },
        {
          name: 'processes',
          title: 'Processes that have read all over the same column',
          columns: columnsOf({ processes: 'text', 'times one': 'ratio', 'Pss together': 'bytes' }),
          rows: [
            ['1', 1, one * 2 ** 20],
            [values.workers, all / one, all * 2 ** 20],
          ],
          notes: ['Pss: a page that several processes map is shared out among them.'],
        },
      ],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--run') await runOnce(JSON.parse(process.argv[3]));
else await measureAll();
