/** What the vectors of values, candle stores and datasets hold, and how each was written. A vector never changes. */
import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Columns, type DatasetLayout, encodeValue, writeDataset } from '../../src/index.js';
import { decodeCheckedJson } from '../../src/io/checked-json.js';
import { encodeCheckedJson } from '../../src/io/encode-checked-json.js';
import { CORPUS_NAME } from '../backtest-kit/corpus/candles.js';
import { hostileDoubles } from '../dataset/history-files.js';
import { CORPUS } from '../value/corpus-values.js';

export const STORE_VECTORS = path.resolve('vectors');

export interface StoreVector {
  readonly about: string;
  /** The error of a vector that is refused. */
  readonly refuse?: 'CORRUPT' | 'FORMAT_VERSION';
  /** Writes the file or directory at a path without ending. */
  write(target: string): void | Promise<void>;
}

const damagedValue = (change: (bytes: Buffer) => void) => (target: string) => {
  const bytes = Buffer.from(readFileSync('test/value/corpus/version-2.value'));
  change(bytes);
  writeFileSync(`${target}.value`, bytes);
};

export const VALUES: Readonly<Record<string, StoreVector & { readonly value?: unknown }>> = {
  ...Object.fromEntries(
    Object.entries(CORPUS).map(([name, { value }]) => [
      name,
      {
        about: `every kind of node of ${name}`,
        value,
        write: (target: string) => cpSync(`test/value/corpus/${name}.value`, `${target}.value`),
      },
    ]),
  ),
  small: {
    about: 'a value without sections',
    value: { a: [1, -0, Number.NaN, 'é'], b: null, c: undefined },
    write: (target) =>
      writeFileSync(`${target}.value`, encodeValue({ a: [1, -0, Number.NaN, 'é'], b: null, c: undefined })),
  },
  'refused-checksum': {
    about: 'a byte of a section is another one',
    refuse: 'CORRUPT',
    write: damagedValue((bytes) => {
      bytes[40] ^= 1;
    }),
  },
  'refused-version': {
    about: 'the version is 3',
    refuse: 'FORMAT_VERSION',
    write: damagedValue((bytes) => {
      bytes[4] = 3;
    }),
  },
};

const SERIES = `${CORPUS_NAME.exchange}/${CORPUS_NAME.symbol}/${CORPUS_NAME.interval}`;

/** Rows of a journal end up in a segment, so both kinds of files are there. */
export const CANDLES: Readonly<Record<string, StoreVector>> = {
  ...Object.fromEntries(
    (['packed', 'mapped', 'packed-2', 'mapped-2'] as const).map((name) => [
      name.endsWith('-2') ? name : `${name}-1`,
      {
        about: `two segments and a journal, ${name.slice(0, 6)}, version ${name.endsWith('-2') ? 2 : 1}`,
        write: (target: string) => cpSync(`test/backtest-kit/corpus/${name}`, target, { recursive: true }),
      },
    ]),
  ),
  'refused-segment': {
    about: 'a byte of the index of a segment is another one',
    refuse: 'CORRUPT',
    write(target) {
      cpSync('test/backtest-kit/corpus/packed-2', target, { recursive: true });
      const file = path.join(target, SERIES, 'candles-00000001-00000001.atcs');
      const bytes = readFileSync(file);
      bytes[bytes.length - 16] ^= 1;
      writeFileSync(file, bytes);
    },
  },
  'refused-other-series': {
    about: 'a segment stands in the place of another one',
    refuse: 'CORRUPT',
    write(target) {
      cpSync('test/backtest-kit/corpus/packed-2', target, { recursive: true });
      const directory = path.join(target, SERIES);
      renameSync(
        path.join(directory, 'candles-00000002-00000002.atcs'),
        path.join(directory, 'candles-00000001-00000001.atcs'),
      );
    },
  },
};

/** By symbol. */
export type DatasetContent = Readonly<Record<string, Columns>>;

const MINUTE = 60_000;
const times = (from: number, to: number) => Float64Array.from({ length: to - from }, (_, k) => (from + k) * MINUTE);

/** Names that need a file by their index, every width of number, bits that arithmetic would change. */
function columnsOf(from: number, to: number): Columns {
  const timestamp = times(from, to);
  return {
    timestamp,
    close: hostileDoubles(to).slice(from),
    aux: Float64Array.from(timestamp, (_, k) => (from + k) / 4),
    'Größe/1': Float32Array.from(timestamp, (_, k) => Math.sqrt(from + k)),
    id: BigInt64Array.from({ length: to - from }, (_, k) => 2n ** 62n - BigInt(from + k)),
    kind: Uint8Array.from(timestamp, (_, k) => (from + k) % 7),
  };
}
const plain = (from: number, to: number, shift = 0): Columns => ({
  timestamp: times(from, to),
  close: Float64Array.from({ length: to - from }, (_, k) => 100 + shift + ((from + k) % 9) / 4),
});

/** `with_` in the place of the rows of `columns` from `at` on. */
function replaced(columns: Columns, at: number, with_: Columns): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => {
      const copy = values.slice();
      (copy as Float64Array).set(with_[name] as Float64Array, at);
      return [name, copy];
    }),
  );
}

const first: DatasetContent = { A: columnsOf(0, 40), 'B/é': plain(0, 30) };
const appended: DatasetContent = { ...first, 'B/é': plain(0, 33) };
const current: DatasetContent = { A: first.A, 'B/é': replaced(plain(0, 33), 10, plain(10, 12, 7)) };

/** A snapshot, a generation that is retained without a name, and segments that an upsert has cut. */
async function writeVersions(target: string, layout: DatasetLayout): Promise<void> {
  const source = Object.entries(first).map(([symbol, columns]) => ({ symbol, columns }));
  const dataset = await writeDataset(target, source, {
    layout,
    maxSegmentBytes: layout === 'mapped' ? 4256 : 1000,
    durability: 'process',
  });
  const options = { durability: 'process' } as const;
  await dataset.snapshot('first-1.0_a');
  await dataset.append('B/é', plain(30, 33), options);
  await dataset.upsert('B/é', plain(10, 12, 7), { ...options, keep: 2 });
  await dataset.markEmpty('B/é', [[1e9, 2e9]], options);
  dataset.close();
}

/** The catalogue, or a snapshot, with another content and a right checksum. */
function rewrite(file: string, format: string, version: number, change: (text: string) => string): void {
  const decoded = decodeCheckedJson({ format, version: 9 }, readFileSync(file, 'utf8'));
  if ('problem' in decoded) throw new Error(decoded.problem);
  const content = JSON.parse(change(JSON.stringify(decoded.content)));
  writeFileSync(file, encodeCheckedJson({ format, version }, content));
}

const many = (rows: number): DatasetContent =>
  Object.fromEntries(Array.from({ length: 70 }, (_, k) => [`S${k}`, plain(k, k + rows, k)]));
const manyBefore: DatasetContent = { ...many(3), '"],["': plain(0, 2) };
const manyAfter: DatasetContent = { ...many(3), S66: plain(66, 74, 66), '"],["': plain(0, 2), 'new é': plain(0, 4) };

/** A catalogue in pages, frames that share a file, and a snapshot whose pages the current version shares. */
async function writeMany(target: string): Promise<void> {
  const source = Object.entries(manyBefore).map(([symbol, columns]) => ({ symbol, columns }));
  const dataset = await writeDataset(target, source, { layout: 'packed', durability: 'process' });
  const options = { durability: 'process' } as const;
  await dataset.snapshot('before');
  await dataset.append('S66', plain(69, 74, 66), options);
  await dataset.append('new é', plain(0, 4), options);
  dataset.close();
}

const refused = (
  about: string,
  refuse: 'CORRUPT' | 'FORMAT_VERSION',
  damage: (target: string) => void,
): StoreVector => ({
  about,
  refuse,
  async write(target) {
    const source = [
      { symbol: 'A', columns: plain(0, 20) },
      { symbol: 'B', columns: plain(0, 20, 1) },
    ];
    const dataset = await writeDataset(target, source, { layout: 'packed', durability: 'process' });
    await dataset.snapshot('one');
    dataset.close();
    damage(target);
  },
});
const catalogue = (target: string) => path.join(target, 'catalogue.json');
const DATASET = 'atc-memory dataset';

export const DATASETS: Readonly<
  Record<string, StoreVector & { readonly versions?: Readonly<Record<string, DatasetContent>> }>
> = {
  ...Object.fromEntries(
    (['mapped', 'packed'] as const).map((layout) => [
      layout,
      {
        about: `${layout}: many segments, some cut by an upsert, a snapshot and a generation without a name`,
        versions: { '': current, 'first-1.0_a': first, '2': appended },
        write: (target: string) => writeVersions(target, layout),
      },
    ]),
  ),
  paged: {
    about: 'packed: so many symbols that the catalogue is in pages and frames share files, a snapshot',
    versions: { '': manyAfter, before: manyBefore },
    write: writeMany,
  },
  ...Object.fromEntries(
    (['mapped', 'packed'] as const).map((layout) => [
      `version-1-${layout}`,
      {
        about: `${layout}, as release 1.0 wrote it`,
        versions: {
          '': {
            A: {
              timestamp: Float64Array.of(0, 60_000, 120_000, 180_000, 240_000, 300_000, 600_000, 660_000),
              close: Float64Array.of(1, 42, Infinity, 0.1, 5e-324, 2 ** 53, 8, 9),
            },
            'B/C': { timestamp: Float64Array.of(1, 2), volume: Int32Array.of(-7, 9), close: Float64Array.of(1, 2) },
          },
        },
        write(target: string) {
          cpSync(`test/dataset/corpus/version-1-${layout}`, target, { recursive: true });
          // One line, as it was written.
          writeFileSync(catalogue(target), `${JSON.stringify(JSON.parse(readFileSync(catalogue(target), 'utf8')))}\n`);
        },
      },
    ]),
  ),
  'refused-checksum': refused('a digit of the catalogue is another one', 'CORRUPT', (target) => {
    const text = readFileSync(catalogue(target), 'utf8');
    writeFileSync(catalogue(target), text.replace('"rows":20', '"rows":21'));
  }),
  'refused-version': refused('the catalogue has version 9', 'FORMAT_VERSION', (target) =>
    rewrite(catalogue(target), DATASET, 9, (text) => text),
  ),
  'refused-path': refused('a path of a segment leaves the dataset', 'CORRUPT', (target) =>
    rewrite(catalogue(target), DATASET, 2, (text) => text.replace('00000-A/00000.atc', '../packed/x.atc')),
  ),
  'refused-page': {
    about: 'a page of the catalogue is another one, whole in itself',
    refuse: 'CORRUPT',
    async write(target) {
      await writeMany(target);
      const page = path.join(target, 'added-1/page-00000.json');
      rewrite(page, 'atc-memory catalogue page', 1, (text) => text.replace('"firstMs":60000', '"firstMs":60001'));
    },
  },
  'refused-swapped': refused('the segments of two symbols are exchanged', 'CORRUPT', (target) => {
    const [a, b] = ['00000-A', '00001-B'].map((name) => path.join(target, name, '00000.atc'));
    renameSync(a, `${a}.x`);
    renameSync(b, a);
    renameSync(`${a}.x`, b);
  }),
};
