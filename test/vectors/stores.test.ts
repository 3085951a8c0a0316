/**
 * Vectors of values, candle stores and datasets: this package and the readers in Python read them to the same bits, or
 * refuse them. A vector is written once, by `ATC_VECTORS=write npm test -- test/vectors`, and never again.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspectSeries } from '../../src/candle-store/inspect.js';
import { verifyDataset } from '../../src/dataset/verify.js';
import { bytesOf, dtypeOf } from '../../src/dtype.js';
import { decodeValue, openCandleStore, openDataset } from '../../src/index.js';
import { CORPUS_NAME, corpusCandles } from '../backtest-kit/corpus/candles.js';
import { expectSame } from '../same-value.js';
import { forgeValue } from '../value/forge.js';
import { CANDLES, DATASETS, type DatasetContent, STORE_VECTORS, VALUES } from './store-vectors.js';

const KINDS = { values: VALUES, candles: CANDLES, datasets: DATASETS } as const;
const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);
if (python === undefined) console.warn('skipped: no python3 with numpy (Debian: python3-numpy)');
const withPython = python === undefined ? test.skip : test;

const at = (kind: string, name: string) => path.join(STORE_VECTORS, kind, name);
const hex = (values: ArrayBufferView) => Buffer.from(bytesOf(values)).toString('hex');

function describeVersions(versions: Readonly<Record<string, DatasetContent>>) {
  const columns = (of: DatasetContent[string]) =>
    Object.entries(of).map(([name, values]) => ({ name, dtype: dtypeOf(values), elements: hex(values) }));
  const symbols = (of: DatasetContent) =>
    Object.fromEntries(Object.entries(of).map(([symbol, content]) => [symbol, columns(content)]));
  return Object.fromEntries(Object.entries(versions).map(([name, content]) => [name, symbols(content)]));
}

/** A candle by its properties in order; numbers as hex of their bits. */
function describeCandles() {
  return corpusCandles().map((candle) =>
    Object.entries(candle).map(([name, value]) => [
      name,
      typeof value === 'number' ? { f64: hex(Float64Array.of(value)) } : value,
    ]),
  );
}

if (process.env.ATC_VECTORS === 'write') {
  for (const [kind, vectors] of Object.entries(KINDS)) {
    mkdirSync(path.join(STORE_VECTORS, kind), { recursive: true });
    for (const [name, vector] of Object.entries(vectors)) {
      if (existsSync(`${at(kind, name)}.json`)) continue;
      await vector.write(at(kind, name));
      const { about, refuse } = vector;
      const facts =
        refuse !== undefined
          ? { about, refuse }
          : kind === 'values'
            ? { about, structure: structureOf(`${at(kind, name)}.value`) }
            : kind === 'candles'
              ? { about, series: 'binance/BTCUSDT/1m', candles: describeCandles() }
              : { about, versions: describeVersions((vector as (typeof DATASETS)[string]).versions!) };
      writeFileSync(`${at(kind, name)}.json`, `${JSON.stringify(facts)}\n`);
    }
  }
}

/** As the reader in Python says it; that it is right is tested below, by what this package makes of it. */
function structureOf(file: string): unknown {
  return JSON.parse(execFileSync(python!, [path.resolve('examples/decode_value.py'), file], { encoding: 'utf8' }));
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-vectors-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is opened may be tidied up: never the vector itself. */
function copied(kind: string, name: string): string {
  const copy = path.join(folder, `${kind}-${name}`);
  cpSync(at(kind, name), copy, { recursive: true });
  return copy;
}
const factsOf = (kind: string, name: string) => JSON.parse(readFileSync(`${at(kind, name)}.json`, 'utf8'));

test.each(Object.entries(KINDS))('%s: there is every vector, and nothing else', (kind, vectors) => {
  const names = readdirSync(path.join(STORE_VECTORS, kind)).map((name) => name.replace(/\.(json|value)$/, ''));
  expect([...new Set(names)].sort()).toEqual(Object.keys(vectors).sort());
});

test.each(Object.entries(VALUES))('value %s', (name, { value, refuse }) => {
  const bytes = readFileSync(`${at('values', name)}.value`);
  if (refuse !== undefined) {
    expect(factsOf('values', name)).toMatchObject({ refuse });
    expect(() => decodeValue(bytes)).toThrow(expect.objectContaining({ code: refuse }));
    return;
  }
  expectSame(decodeValue(bytes), value);
  expectSame(decodeValue(forgeValue(`[${JSON.stringify(factsOf('values', name).structure)}]`)), value);
});

test.each(Object.entries(CANDLES))('candle store %s', (name, { refuse }) => {
  const read = () => [...openCandleStore(copied('candles', name)).series(CORPUS_NAME).candles()];
  if (refuse !== undefined) {
    // A store of a host goes on without what is damaged; verification says it.
    expect(() => inspectSeries(copied('candles', name), CORPUS_NAME, true)).toThrow(
      expect.objectContaining({ code: refuse }),
    );
    return;
  }
  expect(read()).toEqual(corpusCandles());
  expect(factsOf('candles', name).candles).toEqual(describeCandles());
});

test.each(Object.entries(DATASETS))('dataset %s', async (name, { refuse, versions = {} }) => {
  const directory = copied('datasets', name);
  if (refuse !== undefined) {
    await expect(verifyDataset(directory)).rejects.toMatchObject({ code: refuse });
    return;
  }
  const expected = factsOf('datasets', name).versions;
  expect(expected).toMatchObject(describeVersions(versions));
  for (const [version, symbols] of Object.entries(expected as ReturnType<typeof describeVersions>)) {
    const dataset = await openDataset(directory, version === '' ? {} : { asOf: version });
    expect(dataset.symbols).toEqual(Object.keys(symbols));
    for (const [symbol, columns] of Object.entries(symbols)) {
      const table = dataset.table(symbol);
      expect(table.columns).toEqual(columns.map((column) => column.name));
      for (const column of columns) expect(hex(table.column(column.name))).toBe(column.elements);
    }
    dataset.close();
  }
  await verifyDataset(directory);
});

withPython('the readers in Python agree with every vector', () => {
  const { status, stdout, stderr } = spawnSync(python!, [path.resolve('examples/check_stores.py')], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  const lines = Object.entries(KINDS).map(([kind, vectors]) => {
    const all = Object.values(vectors);
    const refused = all.filter(({ refuse }) => refuse !== undefined).length;
    return `${kind}: ${all.length - refused} read, ${refused} refused\n`;
  });
  expect(stdout).toBe(lines.join(''));
});
