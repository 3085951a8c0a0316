// What an export costs: a million candles to each format beside DuckDB's COPY of the same rows, and SQL over a dataset
// as far as its symbols, columns and times are left out. Every figure comes from a process of its own.
//   node bench/export.js [--rows N] [--repeat N] [--save]     after npm run build; @duckdb/node-api is installed here
// Speed is over processor time (all threads of the process), which other work on the machine does not slow down.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { histories, measured, peakMib, runApart } from './kit.js';
import { columnsOf, measureOf, save } from './result-file.js';

const self = fileURLToPath(import.meta.url);
const built = pathToFileURL(path.resolve(path.dirname(self), '../dist/esm/index.js')).href;
const COLUMNS = 6;
const SYMBOLS = 20;
const FORMATS = ['parquet:snappy', 'parquet:gzip', 'parquet:zstd', 'arrow', 'npy', 'csv', 'ndjson', 'ccxt'];
const COPIES = ['parquet:snappy', 'parquet:gzip', 'parquet:zstd', 'csv', 'json'];

const duckdb = async () => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  return (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
};

const jobs = {
  async write(folder, name, symbols, rows, layout) {
    const { writeDataset } = await import(built);
    const source = histories({ symbols: Number(symbols), rows: Number(rows), columns: 'candles' });
    (await writeDataset(path.join(folder, name), source, { layout })).close();
    return {};
  },
  async export(folder, format) {
    const { exportDataset, openDataset } = await import(built);
    const dataset = await openDataset(path.join(folder, 'one'));
    const [name, compression] = format.split(':');
    const target = path.join(folder, `out-${compression ?? ''}.${name}`);
    const { cpuSeconds, value } = await measured(() =>
      exportDataset(dataset, target, { format: name, layout: 'file', compression }),
    );
    rmSync(target);
    return { bytes: value.bytes, rows: value.rows, cpuSeconds };
  },
  async copy(folder, format) {
    const connection = await duckdb();
    const from = path.join(folder, 'duckdb-source.arrow.parquet');
    const [name, codec] = format.split(':');
    const target = path.join(folder, `duckdb-${codec ?? ''}.${name}`);
    const [{ rows }] = (await connection.runAndReadAll(`SELECT count(*)::INT AS rows FROM '${from}'`)).getRowObjects();
    const options = `FORMAT ${name}${codec === undefined ? '' : `, CODEC '${codec}'`}`;
    const { cpuSeconds } = await measured(() =>
      connection.run(`COPY (SELECT * FROM '${from}') TO '${target}' (${options})`),
    );
    return { bytes: statSync(target).size, rows, cpuSeconds };
  },
  async sql(folder, name, statement) {
    const { openDataset } = await import(built);
    const { queryDataset } = await import(new URL('../dist/esm/src/dataset/sql/query.js', import.meta.url).href);
    const dataset = await openDataset(path.join(folder, name));
    let rows = 0;
    const run = () =>
      queryDataset(dataset, statement, {}, async ({ portions }) => {
        for await (const portion of portions()) rows += portion.length;
      });
    await run();
    const { cpuSeconds } = await measured(run);
    return { rows, cpuSeconds };
  },
  async parquet(folder, statement) {
    const connection = await duckdb();
    await connection.run(
      `CREATE VIEW candles AS SELECT * FROM read_parquet('${path.join(folder, 'lake')}/*/*.parquet', hive_partitioning = true)`,
    );
    await connection.runAndReadAll(statement);
    const { cpuSeconds } = await measured(() => connection.runAndReadAll(statement));
    return { cpuSeconds };
  },
};

/** Runs one job in a process of its own; undefined where a package or this Node lacks what it needs. */
function apart(...args) {
  try {
    return runApart([self, '--job', ...args.map(String)]);
  } catch (error) {
    if (/has no Zstandard|Cannot find package/.test(error.message)) return undefined;
    throw error;
  }
}

const repeated = (count, ...args) => {
  const results = Array.from({ length: count }, () => apart(...args));
  return results.includes(undefined) ? undefined : results;
};
const speedOf = (results) =>
  results && measureOf(results.map(({ rows, cpuSeconds }) => (rows * COLUMNS * 8) / 1e6 / cpuSeconds));
const peakOf = (results) => results && Math.max(...results.map(({ peakMiB }) => peakMiB)) * 1024 * 1024;
const sizeOf = (results) => results && Math.round((10 * results[0].bytes) / results[0].rows) / 10;

function formatsTable(folder, rows, repeat) {
  apart('write', folder, 'one', 1, rows, 'mapped');
  // What DuckDB copies from: the same rows as Parquet of its own, without compression.
  apart('lake', folder, 'one', 'duckdb-source.arrow.parquet');
  const ours = new Map(FORMATS.map((format) => [format, repeated(repeat, 'export', folder, format)]));
  const theirs = new Map(COPIES.map((format) => [format, repeated(repeat, 'copy', folder, format)]));
  return {
    name: 'formats',
    title: `${rows.toLocaleString('en-US')} candles of six columns as files`,
    columns: columnsOf({
      format: 'text',
      speed: 'MB/s',
      'a row': 'bytes',
      peak: 'bytes',
      'DuckDB COPY': 'MB/s',
      'a row, DuckDB': 'bytes',
      'peak, DuckDB': 'bytes',
    }),
    rows: FORMATS.filter((format) => ours.get(format) !== undefined || theirs.get(format) !== undefined).map(
      (format) => {
        const [own, copy] = [ours.get(format), theirs.get(format === 'ndjson' ? 'json' : format)];
        return [
          format.replace(':', ', '),
          ...[speedOf(own), sizeOf(own), peakOf(own), speedOf(copy), sizeOf(copy), peakOf(copy)].map(
            (cell) => cell ?? null,
          ),
        ];
      },
    ),
    notes: [
      'MB/s: float64 of the source (48 bytes a row) over processor time of all threads; peak: resident memory of the process, Node itself some 55 MiB of it.',
      'Ours reads a mapped dataset, DuckDB (one thread) its own uncompressed Parquet of the same rows.',
      ...(FORMATS.some((format) => ours.get(format) === undefined) ? ['Node before 22.15 has no Zstandard.'] : []),
    ],
  };
}

function sqlTable(folder, rows, repeat) {
  const each = Math.floor((2 * rows) / SYMBOLS);
  for (const layout of ['packed', 'mapped']) apart('write', folder, layout, SYMBOLS, each, layout);
  apart('lake', folder, 'packed', 'lake');
  const day = (k) => new Date(1_600_041_600_000 + k * 86_400_000).toISOString().slice(0, 19).replace('T', ' ');
  const ofDay = `timestamp >= '${day(10)}' and timestamp < '${day(11)}'`;
  const all = ['open', 'high', 'low', 'close', 'volume', 'timestamp'].map((name) => `max(${name})`).join(', ');
  const statements = [
    ['all columns of all rows', `select ${all} from candles`],
    ['one column', 'select max(close) from candles'],
    ['count(*)', 'select count(*) from candles'],
    ['one symbol', "select max(close) from candles where symbol = 'S0007'"],
    ['one day of all symbols', `select max(close) from candles where ${ofDay}`],
    ['one day of one symbol', `select max(close) from candles where symbol = 'S0007' and ${ofDay}`],
    ['per symbol and day', "select symbol, date_trunc('day', timestamp) d, max(high) from candles group by all"],
  ];
  const msOf = (results) => results && measureOf(results.map(({ cpuSeconds }) => cpuSeconds * 1000));
  return {
    name: 'sql',
    title: `SQL over ${(each * SYMBOLS).toLocaleString('en-US')} candles of ${SYMBOLS} symbols`,
    columns: columnsOf({ query: 'text', packed: 'ms', mapped: 'ms', 'DuckDB over Parquet': 'ms' }),
    rows: statements.map(([name, statement]) => [
      name,
      msOf(repeated(repeat, 'sql', folder, 'packed', statement)) ?? null,
      msOf(repeated(repeat, 'sql', folder, 'mapped', statement)) ?? null,
      msOf(repeated(repeat, 'parquet', folder, statement)) ?? null,
    ]),
    notes: [
      'Processor time of all threads, of the second of two runs in a process. `atc sql` starts DuckDB anew for each statement, which is part of it.',
      'Parquet: the export of the same dataset, a file for each symbol, Snappy.',
    ],
  };
}

jobs.lake = async (folder, name, target) => {
  const { exportDataset } = await import(built);
  const layout = target.endsWith('.parquet') ? 'file' : 'hive';
  const ours = path.join(folder, layout === 'file' ? 'ours.parquet' : target);
  await exportDataset(path.join(folder, name), ours, { format: 'parquet', layout });
  if (layout === 'hive') return {};
  const connection = await duckdb();
  await connection.run(
    `COPY (SELECT * FROM '${ours}') TO '${path.join(folder, target)}' (FORMAT parquet, CODEC 'uncompressed')`,
  );
  return {};
};

if (process.argv[2] === '--job') {
  const [job, ...args] = process.argv.slice(3);
  const result = await jobs[job](...args);
  console.log(JSON.stringify({ ...result, peakMiB: peakMib() }));
} else {
  const { values } = parseArgs({ options: { rows: { type: 'string' }, repeat: { type: 'string' } } });
  const rows = Number(values.rows ?? 1_000_000);
  const repeat = Number(values.repeat ?? 3);
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-export-'));
  try {
    const tables = [formatsTable(folder, rows, repeat), sqlTable(folder, rows, repeat)];
    for (const { title, columns, rows: lines } of tables) {
      console.log(`\n${title}\n${columns.map(({ name }) => name.padStart(18)).join('')}`);
      for (const line of lines) {
        const cells = line.map((cell) => (typeof cell === 'object' && cell !== null ? cell.median : cell));
        const texts = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(1) : (cell ?? '-')));
        console.log(texts.map((text) => text.slice(0, 17).padStart(18)).join(''));
      }
    }
    const history = `${rows.toLocaleString('en-US')} made-up minutes, walks in cents; ${repeat === 1 ? '1 run' : `${repeat} runs`}, each a process of its own.`;
    save('export', { history, rounds: repeat, tables });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
