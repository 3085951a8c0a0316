/** The names outsiders rely on. A change here is a change of the public API: say it in the CHANGELOG. */
import * as root from 'atc-memory';
import * as atc from 'atc-memory/atc';
import * as browser from 'atc-memory/browser';
import * as bullmq from 'atc-memory/bullmq';
import * as dataset from 'atc-memory/dataset';
import * as history from 'atc-memory/history';
import * as remote from 'atc-memory/remote';
import * as report from 'atc-memory/report';
import * as sweep from 'atc-memory/sweep';

test('atc-memory', () => {
  expect(Object.keys(root).sort()).toMatchInlineSnapshot(`
[
  "ArrayPool",
  "AtcError",
  "Compressed",
  "EntryDirectory",
  "MEMORY_EVENTS",
  "MemoryMapped",
  "MemoryMappedArray",
  "TradingAccount",
  "applyFeatures",
  "candlesFromTrades",
  "checkHistory",
  "compressDataFrame",
  "compressPrices",
  "convertToMemoryMapped",
  "convertToPacked",
  "createMemoryMappedArray",
  "decodeValue",
  "decompressDataFrame",
  "decompressPrices",
  "defineConfig",
  "emitMemoryEvent",
  "encodeValue",
  "exportDataset",
  "findGaps",
  "fromArrow",
  "getCompressionRatio",
  "getMemoryMappedInfo",
  "isAtcError",
  "isCompressed",
  "isFrame",
  "isMemoryMapped",
  "loadConfig",
  "loadConfigSync",
  "loadMemoryMappedArray",
  "memoryTable",
  "nearestHint",
  "onMemoryEvent",
  "openCandleStore",
  "openDataset",
  "openHistory",
  "registerDataset",
  "resample",
  "runBacktest",
  "serviceActivator",
  "updateDataset",
  "withCompression",
  "withMemoryMapping",
  "writeDataset",
]
`);
});

test('atc-memory/dataset', () => {
  expect(Object.keys(dataset).sort()).toEqual(['AtcError', 'isAtcError', 'openDataset']);
  expect(dataset.openDataset).toBe(root.openDataset);
});

test('atc-memory/remote', () => {
  expect(Object.keys(remote).sort()).toMatchInlineSnapshot(`
[
  "AtcError",
  "dataByHash",
  "describeData",
  "isAtcError",
]
`);
});

test('atc-memory/history', () => {
  expect(Object.keys(history).sort()).toEqual(['AtcError', 'ccxtHistory', 'isAtcError', 'keepHistory']);
});

test('atc-memory/browser', () => {
  expect(Object.keys(browser).sort()).toEqual(['AtcError', 'isAtcError', 'isFrame', 'openFrame']);
});

test('atc-memory/report', () => {
  expect(Object.keys(report).sort()).toEqual([
    'ReportRows',
    'reportData',
    'reportHtml',
    'studyHtml',
    'walkForwardHtml',
  ]);
});

test('atc-memory/bullmq', () => {
  expect(Object.keys(bullmq).sort()).toEqual(['createWorker', 'runDistributed']);
});

test('atc-memory/sweep', () => {
  expect(Object.keys(sweep).sort()).toEqual([
    'ResultDirectory',
    'Study',
    'StudyPart',
    'SweepResult',
    'checkLookahead',
    'describeStudy',
    'readSweep',
    'snapshotIdOf',
    'sweep',
    'sweepPart',
    'walkForward',
  ]);
});

test('atc-memory/atc', () => {
  expect(Object.keys(atc).sort()).toMatchInlineSnapshot(`
[
  "ATC_DEFAULTS",
  "ATC_FAMILIES",
  "ATC_KERNEL_VERSION",
  "atcStrategy",
  "atcSweep",
  "backtest",
  "backtestFromDataFrame",
  "backtestMultipleFiles",
  "cachedAtcSignals",
  "cachedAtcStrategy",
  "classifyTrend",
  "computeAtcSignals",
  "createAtcStream",
  "createTrendClassifier",
  "minimumBars",
  "resolveAtcParameters",
]
`);
});
