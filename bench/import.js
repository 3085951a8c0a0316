// Import of a large CSV with interleaved symbols: MB/s and peak memory of ours beside the floor, `wc -l` and a bare
// loop of split and Number() over the same file, each in a fresh process.
//   node bench/import.js [--size 2GB] [--symbols 50] [--repeat 3] [--directory DIR] [--layout mapped] [--keep]
// Writes the CSV first (real text, no holes) and removes it at the end. Needs `npm run build`.
import { spawnSync } from 'node:child_process';
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measured, median, peakMib, runApart, uniform } from './kit.js';
import { columnsOf, measureOf, ratioOf, save } from './result-file.js';

const self = fileURLToPath(import.meta.url);

/**
 * Prices of two decimals and volumes of eight, a minute apart, the symbols in turn: what an exchange's export looks
 * like.
 */
function writeCsv(file, bytes, symbols) {
  const descriptor = openSync(file, 'wx');
  let written = writeSync(descriptor, 'timestamp,symbol,open,high,low,close,volume\n');
  const random = uniform(1);
  const closes = Array.from({ length: symbols }, (_, k) => 2_000_000 + k * 10_007);
  for (let minute = 0; written < bytes; minute++) {
    let text = '';
    for (let step = 0; step < 200; step++, minute++) {
      const ms = 1_500_000_000_000 + minute * 60_000;
      for (let k = 0; k < symbols; k++) {
        const open = closes[k];
        const close = Math.max(100, open + Math.round((random() - 0.5) * 4000));
        const high = Math.max(open, close) + Math.floor(random() * 900);
        const low = Math.min(open, close) - Math.floor(random() * 900);
        const volume = Math.floor(random() * 4e10);
        closes[k] = close;
        text += `${ms},SYM${k}USD,${open / 100},${high / 100},${low / 100},${close / 100},${volume / 1e8}\n`;
      }
    }
    written += writeSync(descriptor, text);
  }
  closeSync(descriptor);
  return written;
}

/** The least that anyone does who reads candles in JavaScript: lines, cells, numbers. Nothing is stored. */
async function bareLoop(file) {
  let carry = '';
  let rows = 0;
  let sum = 0;
  for await (const text of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (carry + text).split('\n');
    carry = lines.pop();
    for (const line of lines) {
      const cells = line.split(',');
      sum += Number(cells[0]);
      for (let k = 2; k < cells.length; k++) sum += Number(cells[k]);
      rows++;
    }
  }
  // Without the header.
  return { rows: rows - 1, sum };
}

async function ours(file, out, layout) {
  const { writeDataset } = await import('../dist/esm/index.js');
  const dataset = await writeDataset(out, file, { layout });
  const rows = dataset.catalogue.symbols.reduce((total, entry) => total + entry.rows, 0);
  dataset.close();
  return { rows };
}

async function runOnce([way, file, out, layout]) {
  const { value, ...times } = await measured(() => (way === 'bare' ? bareLoop(file) : ours(file, out, layout)));
  console.log(JSON.stringify({ ...times, peakMib: peakMib(), ...value }));
}

const child = (args) => runApart([self, '--run', ...args]);

function wordCount(file) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync('wc', ['-l', file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`wc: ${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

const bytesOf = (text) => {
  const [, number, unit = 'GB'] = /^([\d.]+)\s*(MB|GB)?$/i.exec(text) ?? [];
  if (number === undefined) throw new Error(`--size ${text}: a number and MB or GB, such as 2GB`);
  return Number(number) * (unit.toUpperCase() === 'MB' ? 1e6 : 1e9);
};

/** The floor is what `wc -l` and the bare loop take together. */
function importTable({ wc, bare, ours }, size, layout) {
  const seconds = (runs) => runs.map((run) => run.seconds);
  const floor = wc.map((run, k) => run.seconds + bare[k].seconds);
  const row = (name, times, peak) => [
    name,
    ratioOf(floor, times),
    measureOf(times.map((time) => size / 1e6 / time)),
    measureOf(times),
    peak,
  ];
  const peakOf = (runs) => measureOf(runs.map(({ peakMib }) => peakMib * 2 ** 20));
  return {
    name: 'csv',
    title: 'A CSV file into a dataset',
    columns: columnsOf({ way: 'text', 'faster than the floor': 'ratio', speed: 'MB/s', time: 's', peak: 'bytes' }),
    rows: [
      row('`wc -l`', seconds(wc), null),
      row('a bare loop of `split` and `Number()`, which stores nothing', seconds(bare), peakOf(bare)),
      row('both: the floor', floor, null),
      row(`import, ${layout}`, seconds(ours), peakOf(ours)),
    ],
  };
}

function measureAll() {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: '2GB' },
      symbols: { type: 'string', default: '50' },
      repeat: { type: 'string', default: '3' },
      directory: { type: 'string', default: tmpdir() },
      layout: { type: 'string', default: 'mapped' },
      keep: { type: 'boolean', default: false },
    },
  });
  const directory = mkdtempSync(path.join(values.directory, 'atc-import-'));
  const file = path.join(directory, 'candles.csv');
  try {
    console.error(`writing ${file}`);
    const size = writeCsv(file, bytesOf(values.size), Number(values.symbols));
    const runs = { wc: [], bare: [], ours: [] };
    // Round by round, so that a busy moment of the machine hits every way.
    for (let round = 0; round < Number(values.repeat); round++) {
      runs.wc.push({ seconds: wordCount(file) });
      runs.bare.push(child(['bare', file]));
      const out = path.join(directory, 'out');
      runs.ours.push(child(['ours', file, out, values.layout]));
      rmSync(out, { recursive: true });
    }
    const of = (way, key) => median(runs[way].map((run) => run[key]));
    const rate = (seconds) => `${Math.round(size / 1e6 / seconds)} MB/s`;
    const floor = of('wc', 'seconds') + of('bare', 'seconds');
    console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}`);
    console.log(
      `${(statSync(file).size / 1e9).toFixed(2)} GB, ${values.symbols} symbols interleaved, ${runs.ours[0].rows} ` +
        `rows, medians of ${values.repeat}`,
    );
    console.log('| way | s | CPU s | MB/s | peak MiB |\n|---|---|---|---|---|');
    const row = (name, seconds, cpu, peak) =>
      console.log(
        `| ${name} | ${seconds.toFixed(2)} | ${cpu?.toFixed(2) ?? '-'} | ${rate(seconds)} | ` +
          `${peak === undefined ? '-' : Math.round(peak)} |`,
      );
    row('wc -l', of('wc', 'seconds'));
    row('split and Number()', of('bare', 'seconds'), of('bare', 'cpuSeconds'), of('bare', 'peakMib'));
    row('both: the floor', floor);
    row(
      `import, ${values.layout}`,
      of('ours', 'seconds'),
      of('ours', 'cpuSeconds'),
      Math.max(...runs.ours.map((run) => run.peakMib)),
    );
    save('import', {
      history:
        `A CSV of ${(size / 1e9).toFixed(2)} GB, ${values.symbols} symbols interleaved, ` +
        `${runs.ours[0].rows.toLocaleString('en-US')} rows; ${values.repeat} runs in turns, each a process of its ` +
        'own.',
      rounds: Number(values.repeat),
      tables: [importTable(runs, size, values.layout)],
    });
    if (runs.bare[0].rows !== runs.ours[0].rows) throw new Error('not the same number of rows');
    console.log(
      `throughput against the floor: ${(floor / of('ours', 'seconds')).toFixed(2)} times (at least 0.5 is wanted)`,
    );
  } finally {
    if (values.keep) console.error(`kept ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--run') await runOnce(process.argv.slice(3));
else measureAll();
