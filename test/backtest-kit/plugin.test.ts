import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAtcError, onMemoryEvent, openCandleStore, type StoredCandle } from 'atc-memory';
import * as plugin from 'atc-memory/backtest-kit';
import { thrownBy, useWorkspace } from '../io/workspace.js';
import { MINUTE, madeCandles, START } from './candles.js';
import { createStandIn, type Host } from './stand-in.js';

const { setup, install, uninstall } = plugin;
const { at } = useWorkspace();
const home = process.cwd();
const stored = (rows: object[]) => rows as StoredCandle[];
const DAY_BEFORE = START - 1440 * MINUTE;
let folder = 0;
let kit: Host;

const read = (from: number, limit: number, symbol = 'BTCUSDT') =>
  kit.PersistCandleAdapter.readCandlesData(symbol, '1m', 'binance', limit, from, from + limit * MINUTE);
const write = (rows: object[], symbol = 'BTCUSDT') =>
  kit.PersistCandleAdapter.writeCandlesData(stored(rows), symbol, '1m', 'binance');
const JSON_FILES = 'dump/data/candle/binance/BTCUSDT/1m';
const OUR_FILES = 'dump/data/candle-atc/binance/BTCUSDT/1m';
const jsonFiles = () => (existsSync(JSON_FILES) ? readdirSync(JSON_FILES).length : 0);

beforeEach(() => {
  const here = at(`project-${folder++}`);
  mkdirSync(here, { recursive: true });
  // The search for a configuration ends at a manifest.
  writeFileSync(path.join(here, 'package.json'), '{}');
  process.chdir(here);
  kit = createStandIn();
});
afterEach(() => {
  uninstall();
  process.chdir(home);
});

test('the names of atc-memory/backtest-kit', () => {
  expect(Object.keys(plugin).sort()).toEqual(['install', 'setup', 'uninstall']);
});

describe('setup', () => {
  test('switches, switches again, and back to JSON', async () => {
    const rows = madeCandles(3);
    expect(setup({}, kit)).toMatchObject({ candles: 'packed', mode: true, directory: './dump/data/candle-atc' });
    await write(rows);
    expect(jsonFiles()).toBe(0);
    expect(readdirSync(OUR_FILES)).toEqual(['journal-00000001.atcj']);
    setup({ candles: 'dummy' });
    await write(rows);
    expect(await read(START, 3)).toBeNull();
    setup({ candles: 'json' });
    expect(await read(START, 3)).toBeNull();
    setup({ candles: 'mapped' });
    expect(await read(START, 3)).toEqual(rows);
    uninstall();
    await write(rows);
    expect(jsonFiles()).toBe(3);
    uninstall();
    install(kit);
    expect(await read(START, 3)).toEqual(rows);
  });

  test('a directory of its own choice', async () => {
    setup({ directory: 'stored/here', legacy: false }, kit);
    await write(madeCandles(1));
    expect(existsSync('stored/here/binance/BTCUSDT/1m')).toBe(true);
    expect(existsSync('dump')).toBe(false);
  });

  test('nothing is made or read before a candle is', () => {
    setup({}, kit);
    expect(readdirSync('.')).toEqual(['package.json']);
  });

  test.each([
    [{ candels: 'packed' }, 'candels'],
    [{ candles: 'zip' }, 'candles'],
    [{ directory: '' }, 'directory'],
    [{ legacy: true }, 'legacy'],
    [{ level: 12 }, undefined],
  ])('refuses %j and leaves the host alone', (config, key) => {
    const seen: unknown[] = [];
    kit.PersistCandleAdapter.usePersistCandleAdapter = (given) => seen.push(given);
    const error = thrownBy(() => setup(config as plugin.BacktestKitConfig, kit));
    expect(isAtcError(error) && ['CONFIG', 'ARGUMENT'].includes(error.code)).toBe(true);
    expect(error.key).toBe(key);
    expect(seen).toEqual([]);
  });
});

describe('the host is checked', () => {
  const adapter = createStandIn().PersistCandleAdapter;
  const { PersistCandleInstance } = createStandIn();
  test.each([
    ['PersistCandleAdapter', {}],
    ['PersistCandleAdapter', { PersistCandleInstance }],
    ['PersistCandleAdapter.usePersistCandleAdapter()', { PersistCandleAdapter: {}, PersistCandleInstance }],
    ['PersistCandleAdapter.useDummy()', { PersistCandleAdapter: { ...adapter, useDummy: 1 }, PersistCandleInstance }],
    ['PersistCandleInstance with readCandlesData()', { PersistCandleAdapter: adapter }],
    [
      'PersistCandleInstance with readCandlesData()',
      { PersistCandleAdapter: adapter, PersistCandleInstance: class {} },
    ],
    ['exports', 'backtest-kit'],
  ])('no %s', (missing, host) => {
    const error = thrownBy(() => setup({ candles: 'packed' }, host));
    expect(error).toMatchObject({ code: 'UNSUPPORTED' });
    expect(error.message).toContain(`has no ${missing};`);
    expect(error.message).toContain('8.5');
  });

  test('hosts from before the seam: what they lack is named, and they are left as they are', () => {
    const seen: unknown[] = [];
    // Values by key, in stores made for (entity, directory): the methods have the names of today, and mean something
    // else.
    class PersistBase {
      async readValue() {}
      async writeValue() {}
      async hasValue() {}
    }
    class PersistCandleUtils {
      usePersistCandleAdapter(given: unknown) {
        seen.push(given);
      }
      useJson() {
        seen.push('json');
      }
      useDummy() {
        seen.push('dummy');
      }
    }
    const byKey = { PersistBase, PersistCandleAdapter: new PersistCandleUtils() };
    const withoutCandles = { PersistBase, PersistSignalAdapter: {}, Backtest: {} };
    for (const candles of ['packed', 'mapped', 'json', 'dummy'] as const) {
      for (const [host, missing] of [
        [byKey, 'PersistCandleInstance with readCandlesData()'],
        [withoutCandles, 'PersistCandleAdapter'],
      ] as const) {
        const error = thrownBy(() => setup({ candles }, host));
        expect(error).toMatchObject({ code: 'UNSUPPORTED' });
        expect(error.message).toContain(`the module that was handed to setup() has no ${missing}; upgrade it`);
      }
    }
    expect(seen).toEqual([]);
    uninstall();
    expect(seen).toEqual([]);
  });

  test('a namespace that holds the module as its default', () => {
    expect(setup({ candles: 'packed' }, { default: kit }).candles).toBe('packed');
  });

  test('none is installed here', () => {
    const error = thrownBy(() => setup({ candles: 'packed' }));
    expect(error).toMatchObject({ code: 'UNSUPPORTED' });
    expect(error.message).toContain('setup(config, kit)');
  });
});

describe('atc.config decides when setup does not', () => {
  test.each([
    [{}, 'packed', true],
    [{ useCompression: true }, 'packed', true],
    [{ useMemoryMapped: true }, 'mapped', true],
    [{ useMemoryMapped: true, useCompression: true }, 'packed', true],
    [{ useCompression: false }, 'json', true],
    [{ useCompression: false, useMemoryMapped: true }, 'mapped', true],
    [{ useCompression: 'read' }, 'packed', 'read'],
    [{ useCompression: 'verify' }, 'packed', 'verify'],
    [{ useCompression: true, services: { 'backtest-kit': { useCompression: false } } }, 'json', true],
    [{ services: { 'backtest-kit': { useMemoryMapped: true, compressionLevel: 9 } } }, 'mapped', true],
  ])('%j', (config, candles, mode) => {
    writeFileSync('atc.config.json', JSON.stringify(config));
    expect(setup({}, kit)).toMatchObject({ candles, mode });
    expect(setup({ candles: 'dummy' }, kit)).toMatchObject({ candles: 'dummy', mode: true });
  });

  test('a configuration file with an error is CONFIG and names the file', () => {
    writeFileSync('atc.config.json', '{ "useCompression": "yes" }');
    expect(thrownBy(() => setup({}, kit))).toMatchObject({ code: 'CONFIG' });
  });

  test("'read': reads ours and the host's, writes the host's", async () => {
    const rows = madeCandles(6);
    setup({}, kit);
    await write(rows.slice(0, 3));
    const before = readFileSync(path.join(OUR_FILES, 'journal-00000001.atcj'));
    writeFileSync('atc.config.json', '{ "useCompression": "read" }');
    setup({}, kit);
    expect(await read(START, 3)).toEqual(rows.slice(0, 3));
    await write(
      rows.slice(1).map((row) => ({ ...row, close: row.close + (row.timestamp < START + 3 * MINUTE ? 1 : 0) })),
    );
    expect(jsonFiles()).toBe(3);
    expect(await read(START, 6)).toEqual(rows);
    expect(await read(START, 7)).toBeNull();
    expect(readFileSync(path.join(OUR_FILES, 'journal-00000001.atcj'))).toEqual(before);
  });

  test("'verify': the host's files, and an event that says the bits are the same", async () => {
    writeFileSync('atc.config.json', '{ "useCompression": "verify" }');
    setup({}, kit);
    const events: unknown[] = [];
    const stop = onMemoryEvent('verified', (event) => events.push(event));
    const rows = madeCandles(4);
    await write(rows);
    stop();
    expect(events).toMatchObject([{ service: 'backtest-kit', key: 'binance/BTCUSDT/1m', bytesBefore: 4 * 48 }]);
    expect(await read(START, 4)).toEqual(rows);
    expect(jsonFiles()).toBe(4);
    expect(existsSync(OUR_FILES)).toBe(false);
  });

  test("'verify' never stops the host from storing: what cannot be encoded is reported as a difference", async () => {
    writeFileSync('atc.config.json', '{ "useCompression": "verify" }');
    setup({}, kit);
    const events: unknown[] = [];
    const stop = onMemoryEvent('difference', (event) => events.push(event));
    await write(madeCandles(2).map((row) => ({ ...row, '': 1 })));
    stop();
    expect(jsonFiles()).toBe(2);
    expect(events).toMatchObject([
      { service: 'backtest-kit', reason: expect.stringContaining('a column needs a name') },
    ]);
  });
});

describe('what JSON files hold', () => {
  const rows = madeCandles(6);
  beforeEach(async () => {
    await write(rows.slice(0, 4));
    setup({}, kit);
  });

  test('is served, reported as legacy, and stored: the files may be deleted', async () => {
    const events: unknown[] = [];
    const stop = onMemoryEvent('legacy', (event) => events.push(event));
    expect(await read(START, 4)).toEqual(rows.slice(0, 4));
    expect(events).toHaveLength(4);
    rmSync('dump/data/candle', { recursive: true });
    expect(await read(START, 4)).toEqual(rows.slice(0, 4));
    stop();
    expect(events).toHaveLength(4);
  });

  test('goes before what is written later, and together with it', async () => {
    await write(rows.map((row, i) => (i < 4 ? { ...row, close: 1 } : row)));
    expect(await read(START, 6)).toEqual(rows);
    rmSync('dump/data/candle', { recursive: true });
    expect(await read(START, 6)).toEqual(rows);
  });

  test('a file that is no JSON object is reported, fetched again, stored', async () => {
    writeFileSync(path.join(JSON_FILES, `${START + MINUTE}.json`), '{"timestamp": 17');
    const events: string[] = [];
    const stop = onMemoryEvent('corrupt', ({ key }) => events.push(key ?? ''));
    expect(await read(START, 4)).toBeNull();
    expect(events).toEqual([path.resolve(JSON_FILES, `${START + MINUTE}.json`)]);
    await write(rows.slice(0, 4));
    expect(await read(START, 4)).toEqual(rows.slice(0, 4));
    stop();
  });

  test('is not looked at with legacy: false', async () => {
    setup({ legacy: false }, kit);
    expect(await read(START, 4)).toBeNull();
  });
});

/** Differences from the JSON default, each one an improvement (docs/backtest-kit.md). */
describe('better than the default', () => {
  test('a damaged store heals in the same process', async () => {
    setup({}, kit);
    const rows = madeCandles(3);
    await write(rows);
    const file = path.join(OUR_FILES, 'journal-00000001.atcj');
    const bytes = readFileSync(file);
    bytes[40] ^= 1;
    writeFileSync(file, bytes);
    setup({}, kit);
    expect(await read(START, 3)).toBeNull();
    await write(rows);
    expect(await read(START, 3)).toEqual(rows);
    uninstall();
    await write(rows);
    writeFileSync(path.join(JSON_FILES, `${START}.json`), '');
    await write(rows);
    expect(await read(START, 3)).toBeNull();
  });

  test('values that JSON cannot write are returned', async () => {
    const odd = { ...madeCandles(1)[0], open: -0, volume: Number.NaN, high: Number.POSITIVE_INFINITY };
    setup({}, kit);
    await write([odd]);
    expect(await read(START, 1)).toEqual([odd]);
    expect(Object.is((await read(START, 1))?.[0].open, -0)).toBe(true);
    uninstall();
    await write([odd]);
    expect(await read(START, 1)).toEqual([{ ...odd, open: 0, volume: null, high: null }]);
  });

  test('no symbol leaves the directory', async () => {
    const symbol = '../../../../../outside';
    setup({}, kit);
    await write(madeCandles(1), symbol);
    expect(existsSync(path.resolve('dump/data/candle-atc/binance', symbol))).toBe(false);
    expect(await read(START, 1, symbol)).toEqual(madeCandles(1));
    expect(openCandleStore('dump/data/candle-atc').list()).toEqual([{ exchange: 'binance', symbol, interval: '1m' }]);
  });

  test('a candle without a timestamp is refused', async () => {
    setup({}, kit);
    await expect(write([{ timestamp: Number.NEGATIVE_INFINITY, close: 1 }])).rejects.toMatchObject({
      code: 'ARGUMENT',
    });
    expect(await read(DAY_BEFORE, 1)).toBeNull();
  });
});
