/** Exports in the formats of other trading systems. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeDataset } from '../../../src/dataset/dataset.js';
import { exportDataset } from '../../../src/dataset/export/export-dataset.js';
import type { Dataset } from '../../../src/table.js';
import { bitsOf } from '../../formats/columnar.js';
import { space, start } from './export-fixture.js';

const candles = (step: number, lastClose = 3.5) => ({
  timestamp: Float64Array.of(start, start + step, start + 2 * step),
  open: Float64Array.of(1, 2, 3),
  high: Float64Array.of(2, 3, 4),
  low: Float64Array.of(0.5, 1, 2),
  close: Float64Array.of(1.5, 2.5, lastClose),
  volume: Float64Array.of(10, 20, 30),
});

test('freqtrade, ccxt, backtest-kit and LEAN files have the names and shapes of their owners', async () => {
  const dataset = await writeDataset(space.at('owners'), [
    { symbol: 'BTC/USDT', columns: candles(60_000, Number.NaN) },
    { symbol: 'PEPE/USDT:USDT', columns: candles(3_600_000) },
  ]);
  const names = async (format: 'freqtrade' | 'ccxt' | 'backtest-kit' | 'lean', options = {}) => {
    const { files } = await exportDataset(dataset, space.at(`${format}-out`), { format, ...options });
    return files.map(({ path }) => path.replace(`${space.at(`${format}-out`)}/`, ''));
  };
  expect(await names('freqtrade')).toEqual(['BTC_USDT-1m.json', 'futures/PEPE_USDT_USDT-1h-futures.json']);
  const rows = [
    [start, 1, 2, 0.5, 1.5, 10],
    [start + 60_000, 2, 3, 1, 2.5, 20],
    [start + 120_000, 3, 4, 2, null, 30],
  ];
  expect(JSON.parse(readFileSync(space.at('freqtrade-out/BTC_USDT-1m.json'), 'utf8'))).toEqual(rows);
  expect(await names('ccxt')).toEqual(['BTC_USDT.json', 'PEPE_USDT_USDT.json']);
  expect(JSON.parse(readFileSync(space.at('ccxt-out/BTC_USDT.json'), 'utf8'))).toEqual(rows);
  expect((await names('backtest-kit', { symbols: ['BTC/USDT'], toMs: start + 120_000 }))[1]).toBe(
    `binance/BTCUSDT/1m/${start + 60_000}.json`,
  );
  expect(JSON.parse(readFileSync(space.at(`backtest-kit-out/binance/BTCUSDT/1m/${start}.json`), 'utf8'))).toEqual({
    timestamp: start,
    open: 1,
    high: 2,
    low: 0.5,
    close: 1.5,
    volume: 10,
  });
  expect(await names('lean', { toMs: start + 120_000 })).toEqual([
    'crypto/binance/minute/btcusdt/20240101_trade.zip',
    'crypto/binance/hour/pepeusdtusdt_trade.zip',
  ]);
  if (spawnSync('python3', ['--version']).status === 0) {
    const text = execFileSync(
      'python3',
      [
        '-c',
        'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; n, = z.namelist(); ' +
          'print(n); print(z.read(n).decode(), end="")',
        space.at('lean-out/crypto/binance/minute/btcusdt/20240101_trade.zip'),
      ],
      { encoding: 'utf8' },
    );
    expect(text).toBe('20240101_btcusdt_minute_trade.csv\n0,1,2,0.5,1.5,10\n60000,2,3,1,2.5,20\n');
  }
  dataset.close();
});

test('LEAN: equities by the clock of their market, in ten-thousandths, read back as the same candles', async () => {
  // The day on which the clocks of New York go forward, and the next one.
  const open = Date.UTC(2024, 2, 8, 14, 30);
  const times = [open, open + 60_000, Date.UTC(2024, 2, 11, 13, 30), Date.UTC(2024, 2, 11, 13, 31)];
  const prices = [170.1234, 0.0001, 1e-7, 123456.75];
  const columns = {
    timestamp: Float64Array.from(times),
    open: Float64Array.from(prices),
    high: Float64Array.from(prices, (price) => price * 2),
    low: Float64Array.from(prices, (price) => price / 2),
    close: Float64Array.from(prices),
    volume: Float64Array.of(100, 0, 12.5, 1e9),
  };
  const dataset = await writeDataset(space.at('equities'), { symbol: 'BRK.B', columns });
  const options = { format: 'lean', security: 'equity', interval: undefined } as const;
  const out = space.at('equity-out');
  const { files } = await exportDataset(dataset, out, options);
  const names = files.map(({ path }) => path.slice(out.length + 1));
  expect(names).toEqual(['equity/usa/minute/brk.b/20240308_trade.zip', 'equity/usa/minute/brk.b/20240311_trade.zip']);
  if (spawnSync('python3', ['--version']).status === 0) {
    const unzip =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); n, = z.namelist(); print(n); ' +
      'print(z.read(n).decode(), end="")';
    const text = execFileSync('python3', ['-c', unzip, files[1].path], { encoding: 'utf8' });
    expect(text).toBe(
      '20240311_brk.b_minute_trade.csv\n34200000,0.001,0.002,0.0005,0.001,12.5\n' +
        '34260000,1234567500,2469135000,617283750,1234567500,1000000000\n',
    );
  } else console.warn('left out: LEAN archives read by Python');
  const back = await writeDataset(space.at('equities-back'), out);
  expect([...back.table('BRK.B').column('timestamp')]).toEqual(times);
  for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
    expect(bitsOf([...back.table('BRK.B').column(name)])).toBe(bitsOf(columns[name]));
  }
  back.close();

  const day = (k: number) => Date.UTC(2024, 0, 30 + k);
  const daily = { ...columns, timestamp: Float64Array.of(day(0), day(1), day(2), day(3)) };
  const days = await writeDataset(space.at('days'), { symbol: 'SPY', columns: daily });
  const report = await exportDataset(days, space.at('days-out'), options);
  expect(report.files.map(({ path, rows }) => [path.slice(space.at('days-out').length + 1), rows])).toEqual([
    ['equity/usa/daily/spy.zip', 4],
  ]);
  if (spawnSync('python3', ['--version']).status === 0) {
    const first =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.namelist()[0], ' +
      'z.read("spy.csv").decode().split()[:2])';
    const text = execFileSync('python3', ['-c', first, report.files[0].path], { encoding: 'utf8' });
    expect(text).toBe("spy.csv ['20240130', '00:00,1701234,3402468,850617,1701234,100']\n");
  }
  days.close();
  for (const [wrong, code] of [
    [{ format: 'lean', security: 'forex' }, 'ARGUMENT'],
    [{ format: 'csv', security: 'equity' }, 'ARGUMENT'],
    [{ format: 'lean', security: 'equity', exchange: 'mars' }, 'ARGUMENT'],
  ] as const) {
    await expect(exportDataset(dataset, space.at('wrong'), wrong as never)).rejects.toMatchObject({ code });
  }
  const missing = { ...columns, close: Float64Array.of(1, 2, Number.NaN, 4) };
  const gap = await writeDataset(space.at('gap'), { symbol: 'A', columns: missing });
  await expect(exportDataset(gap, space.at('gap-out'), options)).rejects.toThrow(
    /close of 2024-03-11T13:30:00.000Z is NaN/,
  );
  gap.close();
  dataset.close();
});

const OWNERS = ['freqtrade', 'backtest-kit', 'lean'] as const;
const exported = async (dataset: Dataset, format: (typeof OWNERS)[number], options = {}) => {
  const target = space.at(`traders-${Math.random()}`);
  const { files } = await exportDataset(dataset, target, { format, ...options });
  return files.map(({ path, rows }) => `${path.slice(target.length + 1)} ${rows}`);
};

test.each(OWNERS)('%s: two symbols of one name are refused, and nothing is left', async (format) => {
  const before = () => readdirSync(space.directory).filter((name) => name.startsWith('traders-'));
  const none = before();
  for (const [k, [one, other, options]] of (
    [
      ['BTC/USDT', 'btc/usdt', {}],
      ['A+B', 'A.B', {}],
      // On file systems that ignore case the second would be written over the first.
      ['ÜBER', 'über', {}],
    ] as const
  ).entries()) {
    const dataset = await writeDataset(space.at(`${format}-same-${k}`), [
      { symbol: one, columns: candles(60_000) },
      { symbol: other, columns: candles(60_000) },
    ]);
    await expect(exported(dataset, format, options)).rejects.toMatchObject({
      code: 'ARGUMENT',
      message: expect.stringMatching(new RegExp(`${one.replace(/[+.]/, '.')} and ${other} have the same name`)),
    });
    expect((await exported(dataset, format, { symbols: [other, other] })).map((name) => name.split(' ')[1])).toEqual(
      format === 'backtest-kit' ? ['1', '1', '1'] : ['3'],
    );
    dataset.close();
  }
  expect(before().length).toBe(none.length + 3);
});

test('symbols in other scripts keep their letters; one without any has no file in LEAN or backtest-kit', async () => {
  const dataset = await writeDataset(space.at('scripts'), [
    { symbol: '币安人生/USDT', columns: candles(60_000) },
    { symbol: 'A-B/USDT', columns: candles(60_000) },
  ]);
  expect(await exported(dataset, 'freqtrade')).toEqual(['币安人生_USDT-1m.json 3', 'A-B_USDT-1m.json 3']);
  expect(await exported(dataset, 'lean')).toEqual([
    'crypto/binance/minute/币安人生usdt/20240101_trade.zip 3',
    'crypto/binance/minute/abusdt/20240101_trade.zip 3',
  ]);
  expect((await exported(dataset, 'backtest-kit'))[3]).toBe(`binance/A-BUSDT/1m/${start}.json 1`);
  dataset.close();
  const none = await writeDataset(space.at('scriptless'), { symbol: '%/..', columns: candles(60_000) });
  for (const format of ['lean', 'backtest-kit'] as const) {
    await expect(exported(none, format)).rejects.toMatchObject({ code: 'ARGUMENT' });
  }
  none.close();
});

test('one candle has the interval that was asked for; symbols without rows in the range have no file', async () => {
  const day = (columns: ReturnType<typeof candles>) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.subarray(0, 1)]));
  const dataset = await writeDataset(space.at('few'), [
    { symbol: 'ONE', columns: day(candles(60_000)) },
    { symbol: 'THREE', columns: candles(3_600_000) },
  ]);
  for (const format of OWNERS) {
    await expect(exported(dataset, format, { symbols: ['ONE'] })).rejects.toThrow(/give an interval/);
  }
  expect(await exported(dataset, 'freqtrade', { interval: '1h' })).toEqual(['ONE-1h.json 1', 'THREE-1h.json 3']);
  expect(await exported(dataset, 'freqtrade', { interval: '1M' })).toEqual(['ONE-1M.json 1', 'THREE-1M.json 1']);
  expect(await exported(dataset, 'lean', { interval: 3_600_000, symbols: ['ONE'] })).toEqual([
    'crypto/binance/hour/one_trade.zip 1',
  ]);
  for (const format of OWNERS) {
    const after = await exported(dataset, format, { fromMs: start + 3_600_000 });
    expect(after.every((name) => /three/i.test(name))).toBe(true);
    expect(after.length).toBe(format === 'backtest-kit' ? 2 : 1);
    expect(await exported(dataset, format, { fromMs: start + 1e12 })).toEqual([]);
  }
  dataset.close();
});

test('candles that these programs cannot hold are refused: no number, two of one time, a missing column', async () => {
  const written = async (name: string, columns: object) =>
    writeDataset(space.at(name), { symbol: 'A', columns: columns as ReturnType<typeof candles> });
  const gap = await written('gap-crypto', candles(60_000, Number.NaN));
  const infinite = await written('infinite-volume', {
    ...candles(60_000),
    volume: Float64Array.of(1, Number.POSITIVE_INFINITY, 2),
  });
  const { volume: _volume, ...prices } = candles(60_000);
  const noVolume = await written('no-volume', prices);
  for (const format of ['lean', 'backtest-kit'] as const) {
    await expect(exported(gap, format)).rejects.toThrow(/close of 2024-01-01T00:02:00.000Z is NaN/);
    await expect(exported(infinite, format)).rejects.toThrow(/volume of 2024-01-01T00:01:00.000Z is Infinity/);
    await expect(exported(noVolume, format)).rejects.toThrow(/no "volume"/);
  }
  for (const dataset of [gap, infinite, noVolume]) dataset.close();
});
