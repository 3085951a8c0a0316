import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAtcError, openCandleStore } from 'atc-memory';
import * as plugin from 'atc-memory/backtest-kit';
import { thrownBy } from '../io/workspace.js';
import { madeCandles, START } from './candles.js';
import {
  DAY_BEFORE,
  install,
  JSON_FILES,
  jsonFiles,
  kit,
  OUR_FILES,
  read,
  setup,
  uninstall,
  write,
} from './plugin-fixture.js';
import { createStandIn } from './stand-in.js';

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
