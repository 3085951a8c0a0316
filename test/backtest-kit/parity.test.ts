/**
 * What the host's own storage does, ours does: every test here runs against both. Where ours is better is in
 * plugin.test.ts ("Differences from the JSON default").
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { openCandleStore, type StoredCandle } from 'atc-memory';
import { setup, uninstall } from 'atc-memory/backtest-kit';
import { useWorkspace } from '../io/workspace.js';
import { MINUTE, madeCandles, START } from './candles.js';
import { hosts } from './hosts.js';

const { at } = useWorkspace();
const home = process.cwd();
const stored = (rows: object[]) => rows as StoredCandle[];
const VARIANTS = (await hosts()).flatMap(({ name, kit }) =>
  (['json', 'packed', 'mapped'] as const).map((candles) => ({ name: `${candles} on ${name}`, kit, candles })),
);

describe.each(VARIANTS)('$name', ({ kit, candles }) => {
  const adapter = kit.PersistCandleAdapter;
  let folder = 0;
  const read = (from: number, limit: number, symbol = 'BTCUSDT', interval = '1m', exchange = 'binance') =>
    adapter.readCandlesData(symbol, interval, exchange, limit, from, from + limit * MINUTE);
  const write = (rows: object[], symbol = 'BTCUSDT', interval = '1m', exchange = 'binance') =>
    adapter.writeCandlesData(stored(rows), symbol, interval, exchange);
  const enter = (name: string) => {
    mkdirSync(at(name), { recursive: true });
    process.chdir(at(name));
  };

  beforeEach(() => {
    enter(`${candles}-${folder++}-${kit === VARIANTS[0].kit ? 'a' : 'b'}`);
    setup({ candles }, kit);
  });
  afterEach(() => {
    uninstall();
    process.chdir(home);
  });
  afterAll(() => rmSync(at('.'), { recursive: true, force: true }));

  test('a window is returned whole and in order, or not at all', async () => {
    const rows = madeCandles(8);
    await write([...rows.slice(0, 3), ...rows.slice(4)]);
    expect(await read(START, 3)).toEqual(rows.slice(0, 3));
    expect(await read(START + 4 * MINUTE, 4)).toEqual(rows.slice(4));
    expect(await read(START, 4)).toBeNull();
    expect(await read(START + 2 * MINUTE, 4)).toBeNull();
    expect(await read(START - MINUTE, 2)).toBeNull();
    expect(await read(START + 7 * MINUTE, 2)).toBeNull();
    await write([rows[3]]);
    expect(await read(START, 8)).toEqual(rows);
  });

  test('nothing asked, nothing written', async () => {
    expect(await read(START, 0)).toEqual([]);
    await write([]);
    expect(await read(START, 1)).toBeNull();
  });

  test('the first write of a timestamp wins, within a batch too', async () => {
    const [first, second, third] = madeCandles(3);
    await write([first, { ...first, close: 1 }]);
    await write([{ ...first, close: 2 }, second]);
    await write([third, { ...second, close: 3 }]);
    expect(await read(START, 3)).toEqual([first, second, third]);
  });

  test('candles that are not closed yet are left out', async () => {
    const now = Date.now();
    const open = Math.floor(now / MINUTE) * MINUTE;
    const rows = madeCandles(4, open - 2 * MINUTE);
    await write(rows);
    expect(await read(open - 2 * MINUTE, 2)).toEqual(rows.slice(0, 2));
    expect(await read(open + MINUTE, 1)).toBeNull();
    const [day] = madeCandles(1, now - 43_200_000);
    await write([day], 'BTCUSDT', '1d');
    expect(await read(day.timestamp, 1, 'BTCUSDT', '1d')).toBeNull();
  });

  test('overlapping writes at once lose nothing', async () => {
    const rows = madeCandles(12);
    await Promise.all([0, 2, 4, 6, 8].map((from) => write(rows.slice(from, from + 4))));
    expect(await read(START, 12)).toEqual(rows);
  });

  test('what another process writes is seen after a miss', async () => {
    const rows = madeCandles(6);
    await write(rows.slice(0, 2));
    expect(await read(START, 4)).toBeNull();
    if (candles === 'json')
      await new kit.PersistCandleInstance('BTCUSDT', '1m', 'binance').writeCandlesData(stored(rows));
    else {
      const other = openCandleStore('./dump/data/candle-atc', { layout: candles, sealRows: 3 });
      other.series({ exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' }).write(stored(rows.slice(0, 4)));
      expect(await read(START, 4)).toEqual(rows.slice(0, 4));
      other.series({ exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' }).write(stored(rows));
    }
    expect(await read(START, 6)).toEqual(rows);
    await write([{ ...rows[5], close: 1 }]);
    expect(await read(START + 5 * MINUTE, 1)).toEqual([rows[5]]);
  });

  test('symbols, exchanges and intervals are apart, whatever their names', async () => {
    const names = [
      'BTC/USDT',
      'BTC/USDT:USDT',
      'BTCUSDT',
      'BTC-USDT',
      'BTC_USDT',
      '1000PEPE',
      'btc',
      'Ünïcode',
      'a b%c',
    ];
    const rows = madeCandles(names.length + 2);
    for (const [i, name] of names.entries()) await write([{ ...rows[0], close: i }], name);
    await write([{ ...rows[0], close: 100 }], 'BTCUSDT', '1m', 'bybit');
    await write([{ ...rows[0], close: 200 }], 'BTCUSDT', '5m');
    for (const [i, name] of names.entries()) expect((await read(START, 1, name))?.[0].close).toBe(i);
    expect((await read(START, 1, 'BTCUSDT', '1m', 'bybit'))?.[0].close).toBe(100);
    expect((await read(START, 1, 'BTCUSDT', '5m'))?.[0].close).toBe(200);
  });

  test.each([1, 3, 5, 15, 30, 60, 120, 240, 360, 480, 1440])('candles of %i minutes', async (minutes) => {
    const interval = minutes < 60 ? `${minutes}m` : minutes < 1440 ? `${minutes / 60}h` : '1d';
    const rows = madeCandles(4, START, minutes * MINUTE);
    await write(rows, 'BTCUSDT', interval);
    expect(await read(START + minutes * MINUTE, 3, 'BTCUSDT', interval)).toEqual(rows.slice(1));
    expect(await read(START + MINUTE / 2, 1, 'BTCUSDT', interval)).toBeNull();
  });

  test('clear() drops instances, not candles', async () => {
    const rows = madeCandles(5);
    await write(rows.slice(0, 3));
    adapter.clear();
    expect(await read(START, 3)).toEqual(rows.slice(0, 3));
    adapter.clear();
    await write(rows);
    adapter.clear();
    expect(await read(START, 5)).toEqual(rows);
  });

  test('doubles are returned bit for bit', async () => {
    const exact = [0.1 + 0.2, 1e-7, 5e-324, 1.7976931348623157e308, 2 ** 53 - 1, 123456789.12345679, 1 / 3];
    const rows = exact.map((value, i) => ({ ...madeCandles(1, START + i * MINUTE)[0], open: value, volume: value }));
    await write(rows);
    const back = await read(START, rows.length);
    back?.forEach((row, i) => {
      expect(Object.is(row.open, exact[i]) && Object.is(row.volume, exact[i])).toBe(true);
    });
    expect(back).toHaveLength(rows.length);
  });

  test('further properties, their order, and values that are no numbers stay', async () => {
    const [row] = madeCandles(1);
    const rows = [
      { ...row, quoteVolume: 12.5, trades: 7 },
      { close: 3, volume: 4, timestamp: START + MINUTE },
      { ...row, timestamp: START + 2 * MINUTE, source: 'feed', tags: ['a', { b: null }], missing: undefined },
    ];
    await write(rows);
    const back = await read(START, 3);
    expect(JSON.stringify(back)).toBe(JSON.stringify(rows));
  });

  test('every read gives fresh objects, and a written object is not held', async () => {
    const rows = madeCandles(2);
    const mine = rows.map((row) => ({ ...row }));
    await write(mine);
    mine[0].close = -1;
    const once = await read(START, 2);
    if (once !== null) once[1].close = -2;
    expect(await read(START, 2)).toEqual(rows);
  });

  test('the working directory decides, at first use and again after clear()', async () => {
    const rows = madeCandles(2);
    const here = process.cwd();
    await write(rows);
    adapter.clear();
    enter(`${path.basename(here)}-elsewhere`);
    expect(await read(START, 2)).toBeNull();
    const others = rows.map((row) => ({ ...row, close: 7 }));
    await write(others);
    expect(await read(START, 2)).toEqual(others);
    adapter.clear();
    process.chdir(here);
    expect(await read(START, 2)).toEqual(rows);
  });
});
