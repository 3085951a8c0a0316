// Ways of keeping candles, one object each: write all of them, read all closes, read days. Run as a process of its
// own by bench/peers.js:
//   node bench/peers/ways.js close|day|write|empty WAY DIRECTORY PEERS
// It prints one line of JSON. Nothing is imported before it is needed: what a way loads is part of its time.
import { closeSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { peakMib } from '../kit.js';
import { bisect, cutter, rowsOf } from './columns.js';
import { dataset } from './dataset.js';
import { duck, polars } from './engines.js';
import { at, COLUMNS, peer } from './folders.js';

const [, , task, name] = process.argv;
const MINUTE_MS = 60_000;
const DAY_ROWS = 1440;
const own = createRequire(import.meta.url);
const mapped = (file) => {
  const { map, PROT_READ, MAP_SHARED } = own('mmap-io');
  const descriptor = openSync(file, 'r');
  const bytes = map(own('node:fs').fstatSync(descriptor).size, PROT_READ, MAP_SHARED, descriptor, 0);
  closeSync(descriptor);
  return bytes;
};
const doubles = (bytes) => new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
const gunzipped = async (file) => doubles((await import('node:zlib')).gunzipSync(readFileSync(at(file))));
const raw = () => Object.fromEntries(COLUMNS.map((column) => [column, doubles(readFileSync(at(`raw/${column}.f64`)))]));

export { COLUMNS };

export const WAYS = {
  'ours, packed, level 5': { kind: 'compressed', ...dataset('packed5', { layout: 'packed', level: 5 }) },
  'ours, packed, level 2': { kind: 'compressed', ...dataset('packed2', { layout: 'packed', level: 2 }) },
  'ours, mapped': { kind: 'plain', ...dataset('mapped', { layout: 'mapped' }) },
  'raw float64, readFile': {
    kind: 'plain',
    files: 'raw',
    write(columns) {
      mkdirSync(at('raw'), { recursive: true });
      for (const column of COLUMNS) writeFileSync(at(`raw/${column}.f64`), columns[column]);
    },
    close: () => doubles(readFileSync(at('raw/close.f64'))),
    // One read a column, where a bisection in the times leads.
    days() {
      const descriptors = COLUMNS.map((column) => openSync(at(`raw/${column}.f64`), 'r'));
      const times = doubles(readFileSync(at('raw/timestamp.f64')));
      return (from, to) => {
        const [first, end] = [bisect(times, from), bisect(times, to)];
        return descriptors.map((descriptor) => {
          const values = new Float64Array(end - first);
          readSync(descriptor, values, 0, values.byteLength, first * 8);
          return values;
        });
      };
    },
  },
  'raw float64, mmap-io': {
    kind: 'plain',
    files: 'raw',
    close: () => doubles(mapped(at('raw/close.f64'))),
    days: () => cutter(Object.fromEntries(COLUMNS.map((column) => [column, doubles(mapped(at(`raw/${column}.f64`)))]))),
  },
  'raw + gzip -6': {
    kind: 'compressed',
    files: 'gzip',
    async write(columns) {
      const { gzipSync } = await import('node:zlib');
      mkdirSync(at('gzip'), { recursive: true });
      for (const column of COLUMNS) {
        const { buffer, byteOffset, byteLength } = columns[column];
        writeFileSync(at(`gzip/${column}.gz`), gzipSync(new Uint8Array(buffer, byteOffset, byteLength), { level: 6 }));
      }
    },
    close: () => gunzipped('gzip/close.gz'),
    async days() {
      const columns = {};
      for (const column of COLUMNS) columns[column] = await gunzipped(`gzip/${column}.gz`);
      return cutter(columns);
    },
  },
  'JSON array': {
    kind: 'text',
    files: 'candles.json',
    write: (columns) => writeFileSync(at('candles.json'), JSON.stringify(rowsOf(columns))),
    close: () => Float64Array.from(JSON.parse(readFileSync(at('candles.json'), 'utf8')), (row) => row[4]),
    days() {
      const rows = JSON.parse(readFileSync(at('candles.json'), 'utf8'));
      const times = Float64Array.from(rows, (row) => row[0]);
      return (from, to) => {
        const cut = rows.slice(bisect(times, from), bisect(times, to));
        return COLUMNS.map((_, k) => Float64Array.from(cut, (row) => row[k]));
      };
    },
  },
  'CSV, papaparse': {
    kind: 'text',
    files: 'candles.csv',
    write: (columns) => writeFileSync(at('candles.csv'), `${COLUMNS.join(',')}\n${rowsOf(columns).join('\n')}\n`),
    async close() {
      const { data } = own('papaparse').parse(readFileSync(at('candles.csv'), 'utf8'), { skipEmptyLines: true });
      return Float64Array.from(data.slice(1), (row) => Number(row[4]));
    },
    async days() {
      const { data } = own('papaparse').parse(readFileSync(at('candles.csv'), 'utf8'), { skipEmptyLines: true });
      const rows = data.slice(1);
      return cutter(
        Object.fromEntries(COLUMNS.map((column, k) => [column, Float64Array.from(rows, (row) => +row[k])])),
      );
    },
  },
  'lmdb, one candle a key': {
    kind: 'plain',
    files: 'lmdb',
    async write(columns) {
      const { open } = await peer('lmdb');
      const store = open({ path: at('lmdb'), encoding: 'binary', noSync: true });
      await store.transaction(() => {
        columns.timestamp.forEach((ms, k) => {
          const values = Float64Array.of(...COLUMNS.slice(1).map((column) => columns[column][k]));
          store.put(ms, Buffer.from(values.buffer));
        });
      });
      await store.close();
    },
    async close() {
      const { open } = await peer('lmdb');
      const closes = [];
      for (const { value } of open({ path: at('lmdb'), encoding: 'binary', readOnly: true }).getRange()) {
        closes.push(value.readDoubleLE(24));
      }
      return Float64Array.from(closes);
    },
    async days() {
      const { open } = await peer('lmdb');
      const store = open({ path: at('lmdb'), encoding: 'binary', readOnly: true });
      return (start, end) => {
        const cut = COLUMNS.map(() => new Float64Array(DAY_ROWS));
        let row = 0;
        for (const { key, value } of store.getRange({ start, end })) {
          cut[0][row] = key;
          for (let k = 1; k < 6; k++) cut[k][row] = value.readDoubleLE(8 * (k - 1));
          row++;
        }
        return cut.map((column) => column.subarray(0, row));
      };
    },
  },
  'better-sqlite3': {
    kind: 'plain',
    files: 'candles.sqlite',
    async write(columns) {
      const Database = await peer('better-sqlite3');
      const base = new Database(at('candles.sqlite'));
      base.exec('create table candles (t integer primary key, o real, h real, l real, c real, v real)');
      const insert = base.prepare('insert into candles values (?, ?, ?, ?, ?, ?)');
      base.transaction(() => {
        for (const row of rowsOf(columns)) insert.run(row);
      })();
      base.close();
    },
    async close() {
      const Database = await peer('better-sqlite3');
      const base = new Database(at('candles.sqlite'), { readonly: true });
      return Float64Array.from(base.prepare('select c from candles order by t').pluck().all());
    },
    async days() {
      const Database = await peer('better-sqlite3');
      const base = new Database(at('candles.sqlite'), { readonly: true });
      const select = base.prepare('select t, o, h, l, c, v from candles where t >= ? and t < ? order by t').raw();
      return (from, to) => {
        const rows = select.all(from, to);
        return COLUMNS.map((_, k) => Float64Array.from(rows, (row) => row[k]));
      };
    },
  },
  'hyparquet, 4k row groups, snappy': {
    kind: 'compressed',
    files: 'hyparquet.parquet',
    async write(columns) {
      const { parquetWriteBuffer } = await peer('hyparquet-writer');
      const columnData = COLUMNS.map((column) => ({ name: column, data: columns[column], type: 'DOUBLE' }));
      writeFileSync(at('hyparquet.parquet'), Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 4096 })));
    },
    async close() {
      const { asyncBufferFromFile, parquetMetadataAsync, parquetRead } = await peer('hyparquet');
      const file = await asyncBufferFromFile(at('hyparquet.parquet'));
      const metadata = await parquetMetadataAsync(file);
      const closes = new Float64Array(Number(metadata.num_rows));
      const onChunk = ({ columnData, rowStart }) => closes.set(columnData, rowStart);
      await parquetRead({ file, metadata, columns: ['close'], onChunk });
      return closes;
    },
    // The rows of a day are known beforehand: no time is lost looking for them.
    async days() {
      const { asyncBufferFromFile, parquetMetadataAsync, parquetRead } = await peer('hyparquet');
      const file = await asyncBufferFromFile(at('hyparquet.parquet'));
      const metadata = await parquetMetadataAsync(file);
      const firstMs = doubles(readFileSync(at('raw/timestamp.f64')))[0];
      return async (from) => {
        const rowStart = (from - firstMs) / MINUTE_MS;
        const cut = COLUMNS.map(() => new Float64Array(DAY_ROWS));
        await parquetRead({
          file,
          metadata,
          rowStart,
          rowEnd: rowStart + DAY_ROWS,
          rowFormat: 'array',
          onComplete: (rows) => {
            rows.forEach((row, k) => {
              for (let column = 0; column < 6; column++) cut[column][k] = row[column];
            });
          },
        });
        return cut;
      };
    },
  },
  'apache-arrow IPC, mmap-io': {
    kind: 'plain',
    files: 'candles.arrow',
    async write(columns) {
      const { tableFromArrays, tableToIPC } = await peer('apache-arrow');
      writeFileSync(at('candles.arrow'), tableToIPC(tableFromArrays(columns), 'file'));
    },
    async close() {
      const { tableFromIPC } = await peer('apache-arrow');
      return tableFromIPC(mapped(at('candles.arrow')))
        .getChild('close')
        .toArray();
    },
    async days() {
      const { tableFromIPC } = await peer('apache-arrow');
      const table = tableFromIPC(mapped(at('candles.arrow')));
      return cutter(Object.fromEntries(COLUMNS.map((column) => [column, table.getChild(column).toArray()])));
    },
  },
  'DuckDB, native': duck('candles.duckdb', 'candles'),
  'DuckDB, Parquet': duck('duckdb.parquet', "read_parquet('FILE')"),
  'polars, Parquet zstd': polars('polars.parquet', 'compressed', 'Parquet', { compression: 'zstd' }),
  'polars, Arrow IPC': polars('polars.arrow', 'plain', 'IPC', {}),
};

const sumOf = (values) => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
};

if (task === 'empty') console.log(JSON.stringify({ peakMib: peakMib() }));
if (task === 'write') {
  const columns = raw();
  const start = performance.now();
  await WAYS[name].write(columns);
  console.log(JSON.stringify({ ms: performance.now() - start }));
  process.exit();
}
if (task === 'close') {
  const start = performance.now();
  const closes = await WAYS[name].close();
  const sum = sumOf(closes);
  const ms = performance.now() - start;
  console.log(JSON.stringify({ ms, sum, rows: closes.length, peakMib: peakMib() }));
  // Peers that hold threads or handles are not waited for.
  process.exit();
}
if (task === 'day') {
  const start = performance.now();
  const read = await WAYS[name].days();
  const openMs = performance.now() - start;
  const times = doubles(readFileSync(at('raw/timestamp.f64')));
  let state = 7;
  const microseconds = [];
  let sum = 0;
  for (let round = 0; round < 300; round++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const from = times[Math.floor((state / 2 ** 32) * (times.length - DAY_ROWS))];
    const before = performance.now();
    const day = await read(from, from + DAY_ROWS * MINUTE_MS);
    microseconds.push((performance.now() - before) * 1000);
    for (const column of day) sum += sumOf(column);
  }
  // The first ones compile.
  const rest = microseconds.slice(50).toSorted((a, b) => a - b);
  console.log(JSON.stringify({ openMs, us: rest[rest.length >> 1], sum }));
  process.exit();
}
