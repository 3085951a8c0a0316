// Files of candles that are no text, of about any size.
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { candles } from './text-files.js';

const NAMES = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];
const ROWS_PER_BATCH = 65_536;
/** Bytes of a row in each. */
const ROW_BYTES = { arrow: 48, parquet: 27, npy: 48, dbn: 56 };

export const BINARY_KINDS = {
  arrow: { name: 'a.arrows', write: writeArrow },
  parquet: { name: 'a.parquet', write: writeParquet },
  npy: { name: 'a.npy', write: writeNpy, options: { columns: NAMES } },
  dbn: { name: 'a.dbn', write: writeDbn },
};

/** Returns the bytes of the file and its rows. */
export async function writeBinaryFile(file, kind, bytes) {
  const rows = Math.ceil(bytes / ROW_BYTES[kind]);
  await BINARY_KINDS[kind].write(file, rows);
  return { text: statSync(file).size, rows };
}

function* batches(rows) {
  const source = candles();
  for (let done = 0; done < rows; ) {
    const length = Math.min(ROWS_PER_BATCH, rows - done);
    const columns = NAMES.map(() => new Float64Array(length));
    for (let row = 0; row < length; row++) {
      const { value } = source.next();
      for (let k = 0; k < NAMES.length; k++) columns[k][row] = value[k];
    }
    done += length;
    yield columns;
  }
}

/** A stream of record batches with times in ms. */
async function writeArrow(file, rows) {
  const arrow = await import('apache-arrow');
  const time = new arrow.TimestampMillisecond('UTC');
  const types = NAMES.map((_, k) => (k === 0 ? time : new arrow.Float64()));
  const schema = new arrow.Schema(NAMES.map((name, k) => new arrow.Field(name, types[k], false)));
  const descriptor = openSync(file, 'wx');
  const writer = new arrow.RecordBatchStreamWriter();
  const sink = (async () => {
    for await (const bytes of writer) writeSync(descriptor, bytes);
  })();
  writer.reset(undefined, schema);
  for (const columns of batches(rows)) {
    const length = columns[0].length;
    const children = columns.map((values, k) =>
      arrow.makeData({ type: types[k], length, data: k === 0 ? BigInt64Array.from(values, BigInt) : values }),
    );
    const type = new arrow.Struct(schema.fields);
    writer.write(new arrow.RecordBatch(schema, arrow.makeData({ type, length, children })));
    await new Promise((done) => setImmediate(done));
  }
  writer.finish();
  await sink;
  closeSync(descriptor);
}

/** By DuckDB, with its own row groups. */
async function writeParquet(file, rows) {
  const plain = `${file}.csv`;
  const descriptor = openSync(plain, 'wx');
  writeSync(descriptor, `${NAMES.join(',')}\n`);
  for (const columns of batches(rows)) {
    let text = '';
    for (let row = 0; row < columns[0].length; row++) text += `${columns.map((values) => values[row]).join(',')}\n`;
    writeSync(descriptor, text);
  }
  closeSync(descriptor);
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const select = `SELECT epoch_ms("timestamp") AS "timestamp", * EXCLUDE "timestamp" FROM read_csv('${plain}')`;
  await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
  rmSync(plain);
}

/** A table of float64, a row after the other. */
function writeNpy(file, rows) {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${NAMES.length}), }`;
  const header = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${text.padEnd(117)}\n`, 'latin1');
  header.writeUInt16LE(118, 8);
  const descriptor = openSync(file, 'wx');
  writeSync(descriptor, header);
  for (const columns of batches(rows)) {
    const table = new Float64Array(columns[0].length * NAMES.length);
    for (let at = 0; at < table.length; at++) table[at] = columns[at % NAMES.length][Math.floor(at / NAMES.length)];
    writeSync(descriptor, new Uint8Array(table.buffer));
  }
  closeSync(descriptor);
}

/** Databento's ohlcv-1m, version 3, without names of its instrument. */
function writeDbn(file, rows) {
  const descriptor = openSync(file, 'wx');
  const header = Buffer.alloc(8 + 100 + 20);
  header.write('DBN\x03', 'latin1');
  header.writeUInt32LE(header.length - 8, 4);
  header.write('GLBX.MDP3', 8);
  header.writeUInt16LE(71, 8 + 45);
  writeSync(descriptor, header);
  for (const [times, ...columns] of batches(rows)) {
    const bytes = Buffer.alloc(56 * times.length);
    for (let row = 0; row < times.length; row++) {
      const at = 56 * row;
      bytes[at] = 14;
      bytes[at + 1] = 33;
      bytes.writeUInt32LE(1, at + 4);
      bytes.writeBigUInt64LE(BigInt(times[row]) * 1_000_000n, at + 8);
      for (let k = 0; k < 4; k++)
        bytes.writeBigInt64LE(BigInt(Math.round(columns[k][row] * 100)) * 10_000_000n, at + 16 + 8 * k);
      bytes.writeBigUInt64LE(BigInt(Math.floor(columns[4][row])), at + 48);
    }
    writeSync(descriptor, bytes);
  }
  closeSync(descriptor);
}
