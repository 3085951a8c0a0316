/**
 * Every function and class of every entry point, called with arguments of the wrong kind: what it throws is an AtcError
 * with a code, never a TypeError, a RangeError or an error of Node. Accepting an argument is fine; what a call starts
 * is closed again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as root from 'atc-memory';
import * as atc from 'atc-memory/atc';
import * as backtestKit from 'atc-memory/backtest-kit';
import * as browser from 'atc-memory/browser';
import * as bullmq from 'atc-memory/bullmq';
import * as cacheManager from 'atc-memory/cache-manager';
import * as dataset from 'atc-memory/dataset';
import * as history from 'atc-memory/history';
import * as inversify from 'atc-memory/inversify';
import * as nestjs from 'atc-memory/nestjs';
import * as report from 'atc-memory/report';
import * as sweep from 'atc-memory/sweep';
import * as testing from 'atc-memory/testing';
import { failureOf, tryAll } from './kinds.js';

const before = process.cwd();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-hostile-'));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

/** Throws for everything that is done with it. */
const throwing = () =>
  new Proxy(
    {},
    {
      get: () => {
        throw new RangeError('trap');
      },
      ownKeys: () => {
        throw new RangeError('trap');
      },
      getOwnPropertyDescriptor: () => {
        throw new RangeError('trap');
      },
    },
  );

/** Arguments that are right, so that later ones are looked at. */
const columns = () => ({ timestamp: Float64Array.of(0, 60_000), close: Float64Array.of(1, 2) });
const emptyDataset = () => ({ symbols: [], table: () => undefined });
const RIGHT: Readonly<Record<string, () => unknown[]>> = {
  compressPrices: () => [Float64Array.of(1, 2), {}],
  decompressPrices: () => [root.compressPrices(Float64Array.of(1, 2)), {}],
  compressDataFrame: () => [columns(), {}],
  decompressDataFrame: () => [root.compressDataFrame(columns()), {}],
  getCompressionRatio: () => [10, 5],
  createMemoryMappedArray: () => [Float64Array.of(1), path.join(folder, 'x.npy'), {}],
  loadMemoryMappedArray: () => [path.join(folder, 'none.npy'), {}],
  getMemoryMappedInfo: () => [path.join(folder, 'none.npy')],
  convertToMemoryMapped: () => [{ symbol: 'A', columns: columns() }, path.join(folder, 'converted'), {}],
  convertToPacked: () => [{ symbol: 'A', columns: columns() }, path.join(folder, 'converted'), {}],
  writeDataset: () => [path.join(folder, 'written'), { symbol: 'A', columns: columns() }, {}],
  updateDataset: () => [path.join(folder, 'none'), { symbol: 'A', columns: columns() }, {}],
  openDataset: () => [path.join(folder, 'none'), {}],
  openHistory: () => [path.join(folder, 'none'), {}],
  memoryTable: () => ['A', columns()],
  resample: () => [root.memoryTable('A', columns()), 60_000, {}],
  findGaps: () => [root.memoryTable('A', columns()), {}],
  openCandleStore: () => [path.join(folder, 'store'), {}],
  withCompression: () => [new Map(), {}],
  withMemoryMapping: () => [{ load: () => 1 }, { service: 'X', ttlMs: 1 }],
  applyFeatures: () => [new Map(), {}, 'X'],
  onMemoryEvent: () => ['hit', () => undefined],
  emitMemoryEvent: () => ['hit', {}],
  runBacktest: () => [{ symbols: [], table: () => undefined }, { start: () => undefined }, {}],
  installMemoryOptimizations: () => [{ onActivation: () => 1, isBound: () => false, get: () => 1 }, {}, {}],
  memoryModule: () => [{}, {}],
  decodeValue: () => [root.encodeValue(1), {}],
  encodeValue: () => [1, {}],
  computeAtcSignals: () => [Float64Array.from({ length: 300 }, (_, i) => 100 + (i % 7)), {}],
  keepHistory: () => [
    { directory: path.join(folder, 'kept'), symbol: 'A', interval: '1m', since: 0, until: 60_000, fetchPage: () => [] },
  ],
  ccxtHistory: () => [{ id: 'exchange', fetchOHLCV: async () => [] }, {}],
  backtest: () => [{ symbol: 'A', columns: columns() }, {}],
  backtestFromDataFrame: () => [columns(), {}],
  backtestMultipleFiles: () => [[path.join(folder, 'none.csv')], {}],
  cachedAtcSignals: () => [new Map(), Float64Array.from({ length: 300 }, (_, i) => 100 + (i % 7)), {}, {}],
  exportDataset: () => [path.join(folder, 'none'), path.join(folder, 'out.csv'), {}],
  registerDataset: () => [{ registerTableFunction: () => undefined, run: async () => undefined }, emptyDataset(), {}],
  checkHistory: () => [{ symbol: 'A', columns: columns() }, {}],
  candlesFromTrades: () => [
    { symbol: 'A', columns: { timestamp: Float64Array.of(1), price: Float64Array.of(1) } },
    '1m',
    {},
  ],
  fromArrow: () => [{}, {}],
  reportHtml: () => [{ symbols: [] }, { rows: new report.ReportRows() }],
  reportData: () => [{ symbols: [] }, new report.ReportRows()],
  studyHtml: () => [{ report: {}, goals: [] }, {}],
  walkForwardHtml: () => [{ windows: [], symbols: [] }, {}],
  checkLookahead: () => [
    { columns: [], start: () => ({ push: () => ({}), finish: () => ({}) }) },
    root.memoryTable('A', columns()),
    {},
  ],
  openFrame: () => [root.compressDataFrame(columns()), {}],
  cacheStoreSuite: () => [{ describe: () => undefined, test: () => undefined }, () => new Map(), {}],
  cacheModuleOptions: () => [{}],
  createAtcStream: () => [{}, {}],
  classifyTrend: () => [new Float64Array(3), atc.resolveAtcParameters({})],
  createKeyv: () => [{ directory: path.join(folder, 'keyv') }],
  runDistributed: () => [{ directory: path.join(folder, 'study'), source: 'x', strategy: 'y', space: {} }, {}],
  serviceActivator: () => [{}],
  setup: () => [{ directory: path.join(folder, 'kit') }, undefined],
  Compressed: () => [{}],
  MemoryMapped: () => [{ ttlMs: 1 }],
  loadConfig: () => [{ cwd: folder }],
  loadConfigSync: () => [{ cwd: folder }],
};

/** Made from whatever text is given. */
const NOT_CALLED = new Set(['AtcError']);

const entries: [string, Record<string, unknown>][] = [
  ['.', root],
  ['./dataset', dataset],
  ['./history', history],
  ['./atc', atc],
  ['./inversify', inversify],
  ['./cache-manager', cacheManager],
  ['./backtest-kit', backtestKit],
  ['./browser', browser],
  ['./report', report],
  ['./sweep', sweep],
  ['./bullmq', bullmq],
  ['./testing', testing],
  ['./nestjs', nestjs],
];
const functions = entries.flatMap(([entry, exported]) =>
  Object.entries(exported).flatMap(([name, value]): [string, string, (...args: unknown[]) => unknown][] =>
    typeof value === 'function' && !NOT_CALLED.has(name) ? [[entry, name, value as () => unknown]] : [],
  ),
);

test('every entry point is looked at', () => {
  expect(functions.length).toBeGreaterThan(50);
});

test.each(functions)('%s %s', async (_entry, name, target) => {
  const isClass = /^class\b/.test(Function.prototype.toString.call(target));
  const call = (args: unknown[]) => () => (isClass ? Reflect.construct(target, args) : target(...args));
  const failures = await tryAll(
    (args) => call(args)(),
    () => RIGHT[name]?.() ?? [undefined],
  );
  const failure = await failureOf(call([throwing()]));
  if (failure !== undefined && !failure.includes('trap')) failures.push(`a Proxy that throws: ${failure}`);
  expect(failures).toEqual([]);
});
