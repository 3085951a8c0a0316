/**
 * Every method of what the entry points hand out (datasets, tables, stores, arrays, accounts, streams, ...), called
 * with arguments of the wrong kind: what it throws is an AtcError with a code.
 */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as root from 'atc-memory';
import * as atc from 'atc-memory/atc';
import * as browser from 'atc-memory/browser';
import * as cacheManager from 'atc-memory/cache-manager';
import * as report from 'atc-memory/report';
import { tryAll, walked } from './kinds.js';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-hostile-methods-'));
  await root.writeDataset(at('dataset'), { symbol: 'A', columns: columns() });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => path.join(folder, name);
const columns = (rows = 300) => ({
  timestamp: Float64Array.from({ length: rows }, (_, i) => 1.7e12 + i * 60_000),
  close: Float64Array.from({ length: rows }, (_, i) => 100 + (i % 7)),
});
let arrays = 0;

interface Subject {
  readonly make: () => unknown;
  /** Arguments that are right, so that each position is looked at by itself; methods left out are tried with one. */
  readonly right?: Readonly<Record<string, () => unknown[]>>;
}

const table = {
  column: () => ['close'],
  range: () => [1.7e12, 1.7e12 + 6e6],
  blocks: () => [['close'], {}],
  toArrow: () => [{}],
};
const change = () => ['A', columns(2), {}];
const dataset = {
  table: () => ['A'],
  append: change,
  upsert: change,
  compact: () => [{}],
  markEmpty: () => ['A', [], {}],
  snapshot: () => ['name', {}],
  deleteSnapshot: () => ['none', {}],
  gaps: () => ['A', {}],
};
const keyv = {
  set: () => ['key', 1, 1000],
  setMany: () => [[{ key: 'key', value: 1 }]],
  getMany: () => [['key']],
  hasMany: () => [['key']],
  deleteMany: () => [['key']],
};
const series = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' };

const SUBJECTS: Readonly<Record<string, Subject>> = {
  'a table in memory': { make: () => root.memoryTable('A', columns()), right: table },
  'a table of a dataset': { make: async () => (await root.openDataset(at('dataset'))).table('A'), right: table },
  'a dataset': { make: () => root.openDataset(at('dataset')), right: dataset },
  'a history': { make: () => root.openHistory({ symbol: 'A', columns: columns() }), right: dataset },
  'an array pool': { make: () => new root.ArrayPool(), right: { take: () => ['float64', 3] } },
  'an account': {
    make: () => new root.TradingAccount(),
    right: { push: () => [[1.7e12], [1], [1]] },
  },
  'a directory of entries': {
    make: () => new root.EntryDirectory({ directory: at('entries') }),
    right: { set: () => ['key', 1, {}], clear: () => [''], entries: () => [''] },
  },
  'a candle store': { make: () => root.openCandleStore(at('store')), right: { series: () => [series] } },
  'a series of candles': {
    make: () => root.openCandleStore(at('store')).series(series),
    right: { read: () => [1.7e12, 60_000, 3], write: () => [[{ timestamp: 1.7e12, close: 1 }]] },
  },
  'a mapped array': {
    make: () => root.createMemoryMappedArray(Float64Array.of(1, 2, 3), at(`${arrays++}.npy`)),
    right: { set: () => [0, 1], slice: () => [0, 1], view: () => [0, 1], append: () => [Float64Array.of(1), {}] },
  },
  'a file store': {
    make: () => new cacheManager.CompressedFileStore({ directory: at('files') }),
    right: keyv,
  },
  'a memory store': { make: () => new cacheManager.PackedMemoryStore(), right: keyv },
  'a stream of ATC': {
    make: () => atc.createAtcStream({}),
    right: { pushBlock: () => [Float64Array.of(1), new Float64Array(1), undefined] },
  },
  'a classifier by sign': { make: () => atc.createTrendClassifier(atc.resolveAtcParameters({})) },
  'a classifier with hysteresis': {
    make: () => atc.createTrendClassifier(atc.resolveAtcParameters({ classify: 'hysteresis' })),
  },
  'rows of a report': {
    make: () => new report.ReportRows(),
    right: { write: () => ['A', { start: 0, length: 2, columns: columns(2) }, { signal: new Float64Array(2) }] },
  },
  'a frame': {
    make: () => browser.openFrame(root.compressDataFrame(columns())),
    right: { rowsOf: () => [['close'], {}], columns: () => [['close'], {}] },
  },
  'a service activator': {
    make: () => root.serviceActivator({}),
    right: { activate: () => [new Map(), 'Name'] },
  },
};

/** Of the prototypes of the package, and of the object itself. */
function methodsOf(subject: object): string[] {
  const names = new Set<string>();
  for (let owner = subject; owner !== Object.prototype && owner !== EventEmitter.prototype; ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
    owner = Object.getPrototypeOf(owner);
  }
  return [...names];
}

test.each(Object.entries(SUBJECTS))('%s', async (_, { make, right = {} }) => {
  const failures: string[] = [];
  const methods = methodsOf((await make()) as object);
  expect(methods.length).toBeGreaterThan(0);
  for (const name of methods) {
    const call = async (args: unknown[]) => {
      const subject = (await make()) as Record<string, (...given: unknown[]) => unknown> & { close?: () => unknown };
      try {
        const result = await subject[name](...args);
        // A generator is looked at while its subject is open.
        return await walked(result);
      } finally {
        await subject.close?.();
      }
    };
    for (const failure of await tryAll(call, right[name] ?? (() => [undefined]))) failures.push(`${name}: ${failure}`);
  }
  expect(failures).toEqual([]);
});
