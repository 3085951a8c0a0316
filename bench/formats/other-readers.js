// How else a program of Node reads such a file: the usual library of the format, into typed arrays.
import { createReadStream, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';

const NAMES = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];

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

async function textOf(file) {
  const input = createReadStream(file, { highWaterMark: 1 << 20 });
  if (file.endsWith('.gz')) return input.pipe(createGunzip());
  if (file.endsWith('.zst')) return input.pipe(await unzstd());
  if (file.endsWith('.zip')) return firstMember(file);
  return input;
}

async function unzstd() {
  const { Transform } = await import('node:stream');
  const { Decompress } = await import('fzstd');
  const decoder = new Decompress();
  return new Transform({
    construct(done) {
      decoder.ondata = (bytes) => this.push(bytes.slice());
      done();
    },
    transform(bytes, _, done) {
      decoder.push(new Uint8Array(bytes), false);
      done();
    },
  });
}

async function firstMember(file) {
  const { default: yauzl } = await import('yauzl');
  const archive = await promisify(yauzl.open)(file, { lazyEntries: true });
  const entry = await new Promise((done) => archive.once('entry', done).readEntry());
  return promisify(archive.openReadStream.bind(archive))(entry);
}

async function papa(file) {
  const { default: Papa } = await import('papaparse');
  const found = new Columns();
  const text = await textOf(file);
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

/** Its own columns; times as numbers. */
async function arrow(file) {
  const { RecordBatchReader } = await import('apache-arrow');
  const found = NAMES.map(() => []);
  let rows = 0;
  for await (const batch of await RecordBatchReader.from(createReadStream(file, { highWaterMark: 1 << 20 }))) {
    rows += batch.numRows;
    for (const [k, name] of NAMES.entries()) found[k].push(Float64Array.from(batch.getChild(name).toArray(), Number));
  }
  return { rows };
}

/** Its own columns, a row group after the other. */
async function parquet(file) {
  const { parquetMetadataAsync, parquetScan } = await import('hyparquet');
  const handle = await open(file);
  const { size } = await handle.stat();
  const bytes = {
    byteLength: size,
    async slice(start, end = size) {
      const target = new Uint8Array(end - start);
      await handle.read(target, 0, target.length, start);
      return target.buffer;
    },
  };
  const metadata = await parquetMetadataAsync(bytes);
  const scan = await parquetScan({ file: bytes, metadata });
  let rows = 0;
  for (const range of scan.ranges) {
    rows += range.rowEnd - range.rowStart;
    for (const column of NAMES) {
      const values = await scan.readColumn({ column, ...range });
      Float64Array.from(values, Number);
    }
  }
  await handle.close();
  return { rows };
}

/** The whole file as one array, then its columns. */
function numpy(file) {
  const bytes = readFileSync(file);
  const start = 10 + bytes.readUInt16LE(8);
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
  const rows = values.length / NAMES.length;
  for (let k = 0; k < NAMES.length; k++)
    Float64Array.from({ length: rows }, (_, row) => values[row * NAMES.length + k]);
  return { rows };
}

const OTHERS = {
  ndjson: ['readline, JSON.parse', lines],
  json: ['JSON.parse', whole],
  arrow: ['apache-arrow', arrow],
  parquet: ['hyparquet', parquet],
  npy: ['readFile, Float64Array', numpy],
  dbn: undefined,
};

/** Name and reader; undefined where there is none. */
export const otherOf = (kind) => (kind in OTHERS ? OTHERS[kind] : ['Papa Parse', papa]);
