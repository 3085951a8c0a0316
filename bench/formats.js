// Reading text formats: MB/s of text and peak memory of an import beside a reader of the same format that only fills
// typed arrays, each in a fresh process. Readers: Papa Parse (CSV), readline with JSON.parse (JSON lines), JSON.parse
// of the whole file (JSON array), the first two behind Node's gunzip.
//   node bench/formats.js [--size 200MB] [--kinds csv,iso,gzip,zone,ndjson,json,reversed,quoted]
//     [--ours] [--directory DIR]
// `--ours` leaves the other readers out (their memory grows with the file). Needs `npm run build`.
import { closeSync, createReadStream, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGunzip, gzipSync } from 'node:zlib';
import { measured, peakMib, runApart, uniform } from './kit.js';

const self = fileURLToPath(import.meta.url);
const MINUTE = 60_000;
const START = 1_200_000_000_000;

/** Rows as objects: prices of two decimals, volumes of eight, a minute apart. */
function* candles() {
  const random = uniform(1);
  let close = 2_000_000;
  for (let k = 0; ; k++) {
    const open = close;
    close = Math.max(100, open + Math.round((random() - 0.5) * 4000));
    const high = (Math.max(open, close) + Math.floor(random() * 900)) / 100;
    const low = (Math.min(open, close) - Math.floor(random() * 90)) / 100;
    yield [START + k * MINUTE, open / 100, high, low, close / 100, Math.floor(random() * 4e10) / 1e8];
  }
}

const iso = (ms) => new Date(ms).toISOString().slice(0, 19);
const plain = (row) => `${row.join(',')}\n`;
const NAMES = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];
const HEADER = `${NAMES.join(',')}\n`;

/** How each kind is written, and the options that it is read with. */
const KINDS = {
  csv: { name: 'a.csv', head: HEADER, row: plain },
  iso: { name: 'a.csv', head: HEADER, row: ([ms, ...rest]) => `${iso(ms)}Z,${rest.join(',')}\n` },
  gzip: { name: 'a.csv.gz', head: HEADER, row: plain, isGzip: true },
  zone: {
    name: 'a.csv',
    head: HEADER,
    row: ([ms, ...rest]) => `${iso(ms).replace('T', ' ')},${rest.join(',')}\n`,
    options: { timezone: 'Africa/Lagos' },
  },
  quoted: { name: 'a.csv', head: HEADER, row: (row) => `"${row.join('","')}"\n` },
  ndjson: {
    name: 'a.ndjson',
    head: '',
    row: (row) => `${JSON.stringify(Object.fromEntries(NAMES.map((name, k) => [name, row[k]])))}\n`,
  },
  json: {
    name: 'a.json',
    head: '[',
    row: (row, k) => `${k === 0 ? '' : ','}${JSON.stringify(row)}`,
    tail: ']',
    options: { as: 'ohlcv' },
  },
  reversed: { name: 'a.csv', head: HEADER, row: ([ms, ...rest]) => `${2 * START - ms},${rest.join(',')}\n` },
};

function write(file, { head, row, tail = '', isGzip = false }, bytes) {
  const descriptor = openSync(file, 'wx');
  const put = (text) => writeSync(descriptor, isGzip ? gzipSync(text, { level: 1 }) : text);
  put(head);
  let written = head.length;
  let text = '';
  let k = 0;
  for (const candle of candles()) {
    text += row(candle, k++);
    if (text.length < 1 << 20) continue;
    put(text);
    written += text.length;
    text = '';
    if (written >= bytes) break;
  }
  if (tail !== '') put(tail);
  closeSync(descriptor);
  return { text: written, rows: k };
}

async function ours(file, kind) {
  const { writeDataset } = await import('../dist/esm/index.js');
  const dataset = await writeDataset(`${file}.ds`, file, {
    layout: 'mapped',
    durability: 'process',
    ...KINDS[kind].options,
  });
  const rows = dataset.catalogue.symbols.reduce((sum, entry) => sum + entry.rows, 0);
  dataset.close();
  rmSync(`${file}.ds`, { recursive: true });
  return { rows };
}

/** Columns that grow: what a program that reads a file in one of the usual ways ends up with. */
class Columns {
  rows = 0;
  columns = NAMES.map(() => new Float64Array(1 << 16));

  add(cells) {
    if (this.rows === this.columns[0].length) {
      this.columns = this.columns.map((column) => {
        const larger = new Float64Array(2 * column.length);
        larger.set(column);
        return larger;
      });
    }
    for (let k = 0; k < NAMES.length; k++) this.columns[k][this.rows] = cells[k];
    this.rows++;
  }
}

const timeOf = (cell) =>
  cell.length > 14 ? Date.parse(cell.endsWith('Z') ? cell : `${cell.replace(' ', 'T')}Z`) : Number(cell);

async function papa(file) {
  const { default: Papa } = await import('papaparse');
  const found = new Columns();
  const input = createReadStream(file, { highWaterMark: 1 << 20 });
  const text = file.endsWith('.gz') ? input.pipe(createGunzip()) : input;
  await new Promise((done, fail) => {
    let isHeader = true;
    text.setEncoding('utf8');
    Papa.parse(text, {
      skipEmptyLines: true,
      chunk: ({ data }) => {
        for (const cells of data) {
          if (isHeader) isHeader = false;
          else
            found.add([
              timeOf(cells[0]),
              Number(cells[1]),
              Number(cells[2]),
              Number(cells[3]),
              Number(cells[4]),
              Number(cells[5]),
            ]);
        }
      },
      complete: done,
      error: fail,
    });
  });
  return { rows: found.rows };
}

async function lines(file) {
  const found = new Columns();
  for await (const line of createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }) })) {
    const record = JSON.parse(line);
    found.add(NAMES.map((name) => record[name]));
  }
  return { rows: found.rows };
}

function whole(file) {
  const found = new Columns();
  for (const row of JSON.parse(readFileSync(file, 'utf8'))) found.add(row);
  return { rows: found.rows };
}

const OTHERS = { ndjson: ['readline, JSON.parse', lines], json: ['JSON.parse', whole] };
const otherOf = (kind) => OTHERS[kind] ?? ['Papa Parse', papa];

const bytesOf = (text) => {
  const [, number, unit] = /^([\d.]+)(MB|GB)$/i.exec(text) ?? [];
  if (number === undefined) throw new Error(`--size ${text}: a number and MB or GB, such as 200MB`);
  return Number(number) * (unit.toUpperCase() === 'MB' ? 1e6 : 1e9);
};

async function runOnce([way, kind, file]) {
  const { value, ...times } = await measured(() => (way === 'ours' ? ours(file, kind) : otherOf(kind)[1](file)));
  console.log(JSON.stringify({ ...times, peakMib: peakMib(), ...value }));
}

function measureAll() {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: '200MB' },
      kinds: { type: 'string', default: Object.keys(KINDS).join(',') },
      ours: { type: 'boolean', default: false },
      directory: { type: 'string', default: tmpdir() },
    },
  });
  console.log('kind'.padEnd(10), 'reader'.padEnd(22), 'MB/s'.padStart(8), 'peak MiB'.padStart(9), 'rows'.padStart(10));
  for (const kind of values.kinds.split(',')) {
    const directory = mkdtempSync(path.join(values.directory, 'atc-formats-bench-'));
    try {
      const file = path.join(directory, KINDS[kind].name);
      const { text, rows } = write(file, KINDS[kind], bytesOf(values.size));
      for (const way of values.ours ? ['ours'] : ['ours', 'other']) {
        const run = runApart([self, '--run', way, kind, file]);
        if (run.rows !== rows) throw new Error(`${kind}: ${run.rows} rows of ${rows}`);
        const name = way === 'ours' ? 'import' : otherOf(kind)[0];
        const speed = (text / 1e6 / run.seconds).toFixed(1);
        console.log(
          kind.padEnd(10),
          name.padEnd(22),
          speed.padStart(8),
          run.peakMib.toFixed(0).padStart(9),
          String(rows).padStart(10),
        );
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
}

if (process.argv[2] === '--run') await runOnce(process.argv.slice(3));
else measureAll();
