/** The entry points of the package, and arguments of each of their functions that are right. */
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
import * as remote from 'atc-memory/remote';
import * as report from 'atc-memory/report';
import * as sweep from 'atc-memory/sweep';
import * as testing from 'atc-memory/testing';

let directory = '';

/** Runs the tests of a file within an empty directory, which goes with them. */
export function useFolder(): void {
  const before = process.cwd();
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'atc-hostile-'));
    process.chdir(directory);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(directory, { recursive: true, force: true });
  });
}

const folder = () => directory;
const at = (name: string) => path.join(directory, name);

/** Arguments that are right, so that later ones are looked at. */
const columns = () => ({ timestamp: Float64Array.of(0, 60_000), close: Float64Array.of(1, 2) });
const emptyDataset = () => ({ symbols: [], table: () => undefined });
/** A strategy by its parameters, and a study of two trials. */
const strategy = () => ({
  name: 'long',
  create: () => ({
    name: 'long',
    columns: ['close'],
    minimumRows: 1,
    start: () => ({
      push: ({ length }: { length: number }) => ({ signal: new Float64Array(length).fill(1) }),
      finish: () => ({}),
    }),
  }),
});
const study = () => ({
  ...{ source: { symbol: 'A', columns: columns() }, strategy: strategy(), objective: 'totalReturn', seed: 1 },
  space: { fast: { type: 'int', from: 1, to: 2 } },
});
export const RIGHT: Readonly<Record<string, () => unknown[]>> = {
  compressPrices: () => [Float64Array.of(1, 2), {}],
  decompressPrices: () => [root.compressPrices(Float64Array.of(1, 2)), {}],
  compressDataFrame: () => [columns(), {}],
  decompressDataFrame: () => [root.compressDataFrame(columns()), {}],
  getCompressionRatio: () => [10, 5],
  createMemoryMappedArray: () => [Float64Array.of(1), at('x.npy'), {}],
  loadMemoryMappedArray: () => [at('none.npy'), {}],
  getMemoryMappedInfo: () => [at('none.npy')],
  convertToMemoryMapped: () => [{ symbol: 'A', columns: columns() }, at('converted'), {}],
  convertToPacked: () => [{ symbol: 'A', columns: columns() }, at('converted'), {}],
  writeDataset: () => [at('written'), { symbol: 'A', columns: columns() }, {}],
  updateDataset: () => [at('none'), { symbol: 'A', columns: columns() }, {}],
  openDataset: () => [at('none'), {}],
  openHistory: () => [at('none'), {}],
  memoryTable: () => ['A', columns()],
  resample: () => [root.memoryTable('A', columns()), 60_000, {}],
  findGaps: () => [root.memoryTable('A', columns()), {}],
  openCandleStore: () => [at('store'), {}],
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
    { directory: at('kept'), symbol: 'A', interval: '1m', since: 0, until: 60_000, fetchPage: () => [] },
  ],
  ccxtHistory: () => [{ id: 'exchange', fetchOHLCV: async () => [] }, {}],
  backtest: () => [{ symbol: 'A', columns: columns() }, {}],
  backtestFromDataFrame: () => [columns(), {}],
  backtestMultipleFiles: () => [[at('none.csv')], {}],
  cachedAtcSignals: () => [new Map(), Float64Array.from({ length: 300 }, (_, i) => 100 + (i % 7)), {}, {}],
  exportDataset: () => [at('none'), at('out.csv'), {}],
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
  createKeyv: () => [{ directory: at('keyv') }],
  runDistributed: () => [{ directory: at('study'), source: 'x', strategy: 'y', space: {} }, {}],
  serviceActivator: () => [{}],
  setup: () => [{ directory: at('kit') }, undefined],
  Compressed: () => [{}],
  MemoryMapped: () => [{ ttlMs: 1 }],
  loadConfig: () => [{ cwd: folder() }],
  dataByHash: () => ['0'.repeat(64), { from: at('none') }],
  describeData: () => [at('none'), {}],
  ...{ sweep: () => [study()], walkForward: () => [{ ...study(), windows: 1 }], describeStudy: () => [study()] },
  sweepPart: () => [{ ...study(), shard: { index: 1, count: 2 } }],
  readSweep: () => [at('none')],
  Study: () => [{ space: { fast: { type: 'int', from: 1, to: 2 } } }],
  StudyPart: () => [new Uint8Array(8)],
  ResultDirectory: () => [at('results')],
  snapshotIdOf: () => [root.memoryTable('A', columns())],
  ...{ isAtcError: () => [new Error('x'), 'IO'], nearestHint: () => ['a', ['b']], defineConfig: () => [{}] },
  ...{ EntryDirectory: () => [{ directory: at('entries') }], TradingAccount: () => [{}], ReportRows: () => [{}] },
  ...{ atcStrategy: () => [{}], atcSweep: () => [{}], resolveAtcParameters: () => [{}] },
  cachedAtcStrategy: () => [{}, { store: new Map() }, 5],
  ...{ createTrendClassifier: () => [{}], minimumBars: () => [{}] },
  CompressedFileStore: () => [{ directory: at('files') }],
  ...{ PackedMemoryStore: () => [{}], createAtcCache: () => [{ directory: at('cache') }] },
  createWorker: () => [{ queue: 'x', connection: { host: '127.0.0.1', port: 1 } }],
  loadConfigSync: () => [{ cwd: folder() }],
};

/** Made from whatever text is given, and what only the package itself constructs. */
const NOT_CALLED = new Set(['AtcError', 'SweepResult', 'MemoryMappedArray']);

export const ENTRIES: [string, Record<string, unknown>][] = [
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
  ['./remote', remote],
];

/** Every function and class that an entry point has: entry, name, function. */
export const FUNCTIONS = ENTRIES.flatMap(([entry, exported]) =>
  Object.entries(exported).flatMap(([name, value]): [string, string, (...args: unknown[]) => unknown][] =>
    typeof value === 'function' && !NOT_CALLED.has(name) ? [[entry, name, value as () => unknown]] : [],
  ),
);

export const isClass = (target: unknown) => /^class\b/.test(Function.prototype.toString.call(target));
