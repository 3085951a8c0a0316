// Ours beside what a Node user would pick instead, in one run: disk, time to write, all closes in a fresh process and
// in process, a random day.
//   node bench/peers.js [--peers DIR] [--rows 1091782] [--repeat 5] [--csv FILE] [--only TEXT]
//     [--directory DIR] [--write DIR] [--written DIR]
// --peers: where the peers are installed, default bench/peers (copy bench/peers/package.json somewhere and npm install
// there); absent ones are noticed. --csv: your own candles (timestamp, open, high, low, close, volume) instead of
// generated ones.
// --write: only write all files into DIR, for a run with --written DIR that measures reading. Needs `npm run build`.
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, random as numbers, runApart } from './kit.js';
import { COLUMNS, WAYS } from './peers/ways.js';
import { columnsOf, measureOf, save } from './result-file.js';

const child = fileURLToPath(new URL('peers/ways.js', import.meta.url));

/**
 * Minutes of a coin against the dollar: prices of two decimals in a walk whose width changes, volumes of eight
 * decimals.
 */
function generated(rows) {
  const random = numbers(20_240_115);
  const bell = () => random() + random() + random() + random() - 2;
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, new Float64Array(rows)]));
  let close = 1_000_000;
  let width = 400;
  for (let k = 0; k < rows; k++) {
    width = Math.min(6000, Math.max(60, width * (1 + 0.08 * bell())));
    const open = random() < 0.55 ? close : close + Math.round(width * 0.3 * bell());
    close = Math.max(10_000, open + Math.round(width * bell()));
    const wick = () => (random() < 0.3 ? 0 : Math.floor(width * random() * random()));
    columns.timestamp[k] = 1_577_836_800_000 + k * 60_000;
    columns.open[k] = open / 100;
    columns.high[k] = (Math.max(open, close) + wick()) / 100;
    columns.low[k] = (Math.min(open, close) - wick()) / 100;
    columns.close[k] = close / 100;
    columns.volume[k] = Math.floor(Math.exp(17.5 + 3.2 * bell())) / 1e8;
  }
  return columns;
}

async function fromCsv(file) {
  const { writeDataset } = await import('../dist/esm/index.js');
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-peers-csv-'));
  const dataset = await writeDataset(path.join(directory, 'set'), file, { layout: 'mapped' });
  const table = dataset.table(dataset.symbols[0]);
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, table.column(name).slice()]));
  dataset.close();
  rmSync(directory, { recursive: true });
  return columns;
}

function bytesIn(target) {
  const stat = lstatSync(target);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(target).reduce((sum, name) => sum + bytesIn(path.join(target, name)), 0);
}

const run = (...args) => runApart([child, ...args]);

async function measureAll() {
  const { values } = parseArgs({
    options: {
      peers: { type: 'string', default: path.dirname(child) },
      rows: { type: 'string', default: '1091782' },
      repeat: { type: 'string', default: '5' },
      csv: { type: 'string' },
      only: { type: 'string', default: '' },
      directory: { type: 'string', default: tmpdir() },
      write: { type: 'string' },
      written: { type: 'string' },
    },
  });
  const peers = path.resolve(values.peers);
  if (values.written !== undefined)
    return measure(JSON.parse(readFileSync(path.join(values.written, 'ways.json'), 'utf8')), values);
  if (values.write !== undefined) mkdirSync(values.write, { recursive: true });
  const directory = values.write ?? mkdtempSync(path.join(values.directory, 'atc-peers-'));
  try {
    const columns = values.csv === undefined ? generated(Number(values.rows)) : await fromCsv(values.csv);
    mkdirSync(path.join(directory, 'raw'));
    for (const name of COLUMNS) writeFileSync(path.join(directory, `raw/${name}.f64`), columns[name]);
    const present = [];
    for (const [name, way] of Object.entries(WAYS)) {
      // The raw columns are there, and the CSV is what DuckDB reads.
      if (!name.includes(values.only) && !name.startsWith('CSV')) continue;
      try {
        const written = way.write === undefined ? undefined : run('write', name, directory, peers).ms;
        present.push({ name, kind: way.kind, written, disk: bytesIn(path.join(directory, way.files)) });
      } catch (error) {
        console.error(`absent: ${name}: ${error.message.trim().slice(0, 200)}`);
      }
    }
    const ways = { directory: path.resolve(directory), peers, rows: columns.timestamp.length, present };
    if (values.write !== undefined) writeFileSync(path.join(directory, 'ways.json'), JSON.stringify(ways));
    else measure(ways, values);
  } finally {
    if (values.write === undefined) rmSync(directory, { recursive: true, force: true });
  }
}

function measure({ directory, peers, rows, present }, { only, repeat }) {
  const measured = present.filter(({ name }) => name.includes(only)).map((way) => ({ ...way, close: [], day: [] }));
  const empty = [];
  // Round by round, so that a busy moment of the machine hits every way.
  for (let round = 0; round < Number(repeat); round++) {
    empty.push(run('empty'));
    for (const one of [...measured]) {
      try {
        one.close.push(run('close', one.name, directory, peers));
        one.day.push(run('day', one.name, directory, peers));
      } catch (error) {
        console.error(`failed: ${one.name}: ${error.message.trim().slice(0, 200)}`);
        measured.splice(measured.indexOf(one), 1);
      }
    }
  }
  report(measured, empty, rows, repeat);
}

function report(measured, empty, rows, repeat) {
  const emptyMib = median(empty.map(({ peakMib }) => peakMib));
  const emptyMs = median(empty.map(({ processMs }) => processMs));
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}`);
  console.log(
    `${rows} candles, six float64 columns (${((rows * 48) / 1e6).toFixed(1)} MB raw), page cache warm, medians of ` +
      `${repeat} fresh processes; an empty process: ${emptyMs.toFixed(0)} ms, ${emptyMib.toFixed(0)} MiB`,
  );
  console.log(
    '| way | | disk MB | write ms | close, whole process ms | close, in process ms | day µs | open for days ms | ' +
      'MiB above empty |\n' +
      '|---|---|---|---|---|---|---|---|---|',
  );
  const [first] = measured;
  for (const { name, kind, written, disk, close, day } of measured) {
    const of = (runs, key) => median(runs.map((one) => one[key]));
    console.log(
      `| ${[
        name,
        kind,
        (disk / 1e6).toFixed(1),
        written === undefined ? '-' : Math.round(written),
        of(close, 'processMs').toFixed(0),
        of(close, 'ms').toFixed(1),
        of(day, 'us').toFixed(0),
        of(day, 'openMs').toFixed(0),
        (of(close, 'peakMib') - emptyMib).toFixed(0),
      ].join(' | ')} |`,
    );
    if (close[0].sum !== first.close[0].sum) throw new Error(`${name} gives other closes`);
    if (day[0].sum !== first.day[0].sum) throw new Error(`${name} gives other days`);
  }
  const all = (runs, key) => measureOf(runs.map((one) => one[key]));
  save('peers', {
    history:
      `${rows.toLocaleString('en-US')} candles, six float64 columns, page cache warm; ${repeat} runs in turns, each ` +
      'a process of its own.',
    rounds: Number(repeat),
    tables: [
      {
        name: 'ways',
        title: 'Ways to store candles',
        columns: columnsOf({
          way: 'text',
          kind: 'text',
          'on disk': 'bytes',
          write: 'ms',
          'closes, whole process': 'ms',
          'closes, in process': 'ms',
          'a random day': 'us',
        }),
        rows: measured.map(({ name, kind, written, disk, close, day }) => [
          name,
          kind,
          disk,
          written ?? null,
          all(close, 'processMs'),
          all(close, 'ms'),
          all(day, 'us'),
        ]),
      },
    ],
  });
}

await measureAll();
