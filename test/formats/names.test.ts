/** Whose rows the files of a folder are where neither a column nor an option says it: their names and folders. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pl from 'nodejs-polars';
import { readDataset } from '../../src/dataset/dataset.js';
import { datedName } from '../../src/formats/names/dated.js';
import { isPlausibleDate, kindOfName } from '../../src/formats/names/words.js';
import type { FileReport, ImportOptions } from '../../src/formats/options.js';
import { zip } from './hostile-fixture.js';

let base = '';
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'ATC-NAMES-'));
});
afterEach(() => rmSync(base, { recursive: true }));

const HEAD = 'timestamp,open,high,low,close,volume\n';
/** Three minutes from a day on; the volume tells the files apart. */
const day = (date: string, volume = 1) =>
  HEAD + [0, 1, 2].map((k) => `${Date.parse(date) + 60_000 * k},1,2,1,2,${volume}\n`).join('');

/** Writes files into the folder `mine` and reads a source below it: symbols with their rows, and the reports. */
async function read(
  files: Readonly<Record<string, string | Uint8Array>>,
  source: string | readonly string[] = '',
  options: ImportOptions = {},
): Promise<{ rows: Record<string, number>; reports: FileReport[] }> {
  for (const [name, content] of Object.entries(files)) {
    const full = path.join(base, 'mine', name);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, content);
  }
  const at = (one: string) => path.join(base, 'mine', one);
  const reports: FileReport[] = [];
  const dataset = await readDataset(typeof source === 'string' ? at(source) : source.map(at), {
    ...options,
    onFile: (report) => reports.push(report),
  });
  const rows = Object.fromEntries(dataset.symbols.map((symbol) => [symbol, dataset.table(symbol).length]));
  return { rows, reports };
}

const [A, B, C] = [day('2024-01-05', 5), day('2024-01-05', 6), day('2025-01-05', 7)];

describe('a file whose name says nothing of an instrument has the symbol of the nearest folder that does', () => {
  test.each<[string, Record<string, string>, Record<string, number>]>([
    ['one name for all', { 'AAPL/data.csv': A, 'MSFT/data.csv': B }, { AAPL: 3, MSFT: 3 }],
    ['years', { 'AAPL/2024.csv': A, 'AAPL/2025.csv': C, 'MSFT/2024.csv': B }, { AAPL: 6, MSFT: 3 }],
    [
      'months of an interval',
      { 'd/BTCUSDT/1m/2024-01.csv': A, 'd/BTCUSDT/1m/2025-01.csv': C, 'd/ETHUSDT/1m/2024-01.csv': B },
      { BTCUSDT: 6, ETHUSDT: 3 },
    ],
    ['days in folders of years and months', { 'X/2024/01/05.csv': A, 'X/2025/01/05.csv': C }, { X: 6 }],
    ['intervals', { 'aapl/1h.csv': A, 'msft/H1.csv': B, 'tsla/daily.csv': B }, { aapl: 3, msft: 3, tsla: 3 }],
    [
      'parts',
      {
        'BRK.B/part-00000-3b4c7c2e-1d1f-4b8e-9a59-0c6f1f6f0a11-c000.csv': A,
        'BRK.B/part-00001-3b4c7c2e-1d1f-4b8e-9a59-0c6f1f6f0a11-c000.csv': C,
        'BF.B/data_0.csv': B,
      },
      { 'BRK.B': 6, 'BF.B': 3 },
    ],
    [
      'words written as one',
      { 'EURUSD/priceHistory.csv': A, 'GBPUSD/ohlcv_data (1).csv': B },
      { EURUSD: 3, GBPUSD: 3 },
    ],
    ['sets of a model', { 'AAPL/train.csv': A, 'AAPL/test.csv': C }, { AAPL: 6 }],
    ['sets above', { 'raw/AAPL/data.csv': A, 'raw/MSFT/data.csv': B }, { AAPL: 3, MSFT: 3 }],
    ['sets below', { 'AAPL/raw/data.csv': A, 'MSFT/raw/data.csv': B }, { AAPL: 3, MSFT: 3 }],
    ['exchanges below', { 'AAPL/nasdaq/data.csv': A, 'MSFT/nasdaq/data.csv': B }, { AAPL: 3, MSFT: 3 }],
    ['exchanges alone', { 'binance/data.csv': A, 'kraken/data.csv': B }, { binance: 3, kraken: 3 }],
    [
      'one folder below each',
      { 'aapl/adjusted set/data.csv': A, 'msft/adjusted set/data.csv': B },
      { aapl: 3, msft: 3 },
    ],
    [
      'numeric tickers',
      { '600519/2024.csv': A, '7203/2024.csv': B, '0700/2024.csv': B },
      { 600519: 3, 7203: 3, '0700': 3 },
    ],
    ['lengths in seconds', { 'BTC/300.csv': A, 'ETH/300.csv': B }, { BTC: 3, ETH: 3 }],
    ['tickers that could be years beside others', { '2002/data.csv': A, '2330/data.csv': B }, { 2002: 3, 2330: 3 }],
    ['tickers that are words', { 'MIN/data.csv': A, 'ALL/data.csv': B, 'ICE/data.csv': B }, { MIN: 3, ALL: 3, ICE: 3 }],
  ])('%s', async (_, files, expected) => {
    expect((await read(files)).rows).toEqual(expected);
  });

  test('and the report names the symbol and where it comes from', async () => {
    const { reports } = await read({ 'AAPL/data.csv': A, 'MSFT.csv': B });
    expect(reports.map(({ symbol, notes }) => [symbol, notes])).toEqual([
      ['AAPL', ['symbol AAPL from its path']],
      ['MSFT', []],
    ]);
  });

  test('Parquet, Arrow and members of archives as well', async () => {
    const frame = (volume: number) =>
      pl.DataFrame({ timestamp: [1.7e12, 1.7e12 + 60_000], close: [1, 2], volume: [volume, volume] });
    const files = {
      'AAPL/part-0.parquet': frame(1).writeParquet(),
      'MSFT/data.arrow': frame(2).writeIPCStream(),
      'all.zip': zip({ 'TSLA/data.csv': A, 'NVDA/2024.csv': B, 'NVDA/2025.csv': C }),
      'AMD.csv.zip': zip({ 'data.csv': A }),
    };
    expect((await read(files)).rows).toEqual({ AAPL: 2, MSFT: 2, TSLA: 3, NVDA: 6, AMD: 3 });
    expect((await read({}, 'all.zip')).rows).toEqual({ TSLA: 3, NVDA: 6 });
  });

  test('the folder that was named counts, those above it do not', async () => {
    expect((await read({ 'AAPL/2024.csv': A, 'AAPL/2025.csv': C }, 'AAPL')).rows).toEqual({ AAPL: 6 });
    // Above `mine` stands a folder in capitals.
    expect((await read({ 'AAPL/2024.csv': A })).rows).toEqual({ AAPL: 6 });
    expect((await read({ 'data/1.csv': A, 'data/2.csv': C }, 'data')).rows).toEqual({ data: 6 });
  });

  test('a pattern counts from its first wildcard on, and files named one by one where their names are the same', async () => {
    const files = { 'AAPL/data.csv': A, 'MSFT/data.csv': B };
    expect((await read(files, '*/data.csv')).rows).toEqual({ AAPL: 3, MSFT: 3 });
    expect((await read(files, ['AAPL/data.csv', 'MSFT/data.csv'])).rows).toEqual({ AAPL: 3, MSFT: 3 });
    const years = { 'TSLA/2024.csv': A, 'TSLA/2025.csv': C };
    expect((await read(years, ['TSLA/2024.csv', 'TSLA/2025.csv'])).rows).toEqual({ TSLA: 6 });
  });
});

describe('a name that says something stays', () => {
  test.each<[string, Record<string, string>, string | readonly string[], Record<string, number>]>([
    ['a file that was named alone', { 'AAPL/data.csv': A }, 'AAPL/data.csv', { data: 3 }],
    [
      'files of one folder that were named',
      { 'data.csv': A, 'prices.csv': B },
      ['data.csv', 'prices.csv'],
      { data: 3, prices: 3 },
    ],
    ['years in folders', { '2024/BTCUSDT.csv': A, '2025/BTCUSDT.csv': C }, '', { BTCUSDT: 6 }],
    ['old and new', { 'old/BTCUSDT.csv': A, 'new/BTCUSDT.csv': C }, '', { BTCUSDT: 6 }],
    [
      'numbers in names',
      { 'SPX500.csv': A, 'US30.csv': B, '2330.csv': B, '2002.csv': B },
      '',
      { SPX500: 3, US30: 3, 2330: 3, 2002: 3 },
    ],
    ['short numbers beside longer ones', { 'hk/1.csv': A, 'hk/5.csv': B, 'hk/700.csv': B }, '', { 1: 3, 5: 3, 700: 3 }],
    ['one numeric ticker in two folders', { 'old/3600.csv': A, 'new/3600.csv': C }, '', { 3600: 6 }],
    ['a market', { 'nasdaq.csv': A, 'sp500.csv': B }, '', { nasdaq: 3, sp500: 3 }],
    ['a ticker that is a word', { 'OPEN.csv': A, 'DAY.csv': B }, '', { OPEN: 3, DAY: 3 }],
  ])('%s', async (_, files, source, expected) => {
    expect((await read(files, source)).rows).toEqual(expected);
  });

  test('one name in two folders with other rows is refused with both and with what to do', async () => {
    await expect(read({ 'binance/BTCUSDT.csv': A, 'kraken/BTCUSDT.csv': B })).rejects.toThrow(
      /kraken.BTCUSDT\.csv: line 2, .*different values in .*binance.BTCUSDT\.csv: line 2; .*--duplicates.*two instruments or exchanges need two symbols: import one with --symbol/,
    );
  });
});

describe('folders of intervals', () => {
  test.each([
    [['X/1m/data.csv', 'X/1h/data.csv'], /X: .*1h, 1m/],
    [['5Min/X.csv', 'H1/X.csv'], /X: .*5m, 1h/],
    [['daily/X.csv', 'minute/X.csv'], /X: .*1d, 1m/],
    [['X/daily.csv', 'X/60min.csv'], /X: .*60m, 1d/],
  ])('%j asks which are wanted', async ([one, two], message) => {
    await expect(read({ [one]: A, [two]: C })).rejects.toThrow(message);
  });

  test('--interval chooses, and names what it leaves out', async () => {
    const files = { 'X/1m/data.csv': A, 'X/1h/data.csv': B };
    const { rows, reports } = await read(files, '', { interval: '60m' });
    expect(rows).toEqual({ X: 3 });
    expect(reports.map(({ title }) => title)).toContain('left out: candles of 1m (--interval 60m)');
  });

  test('above days and months "daily" and "monthly" are how often files were published', async () => {
    const files = { 'monthly/X/2024-01.csv': A, 'daily/X/2025-01-05.csv': C };
    expect((await read(files)).rows).toEqual({ X: 6 });
  });
});

describe('names with a date', () => {
  test.each<[string, Record<string, string>, Record<string, number>]>([
    [
      'months',
      { 'BTCUSDT-2024-01.csv': day('2024-01-01'), 'BTCUSDT-2024-02.csv': day('2024-02-01'), 'ETH.csv': A },
      { BTCUSDT: 6, ETH: 3 },
    ],
    ['years', { 'X_2024.csv': day('2024-01-02'), 'X_2025.csv': day('2025-03-01') }, { X: 6 }],
    ['days', { 'X.20240105.csv': A, 'X.20250105.csv': C }, { X: 6 }],
    ['behind a space', { 'EURUSD 2024-01.csv': A, 'EURUSD 2025-01.csv': C }, { EURUSD: 6 }],
    ['in front', { '2024-01-05_TSLA.csv': A, '2025-01-05_TSLA.csv': C }, { TSLA: 6 }],
    ['quarters', { 'X-2024Q1.csv': A, 'X-2025Q1.csv': C }, { X: 6 }],
    ['ranges', { 'X_2024-01-01_2024-12-31.csv': A, 'X_2025-01-01_2025-12-31.csv': C }, { X: 6 }],
    ['numeric tickers', { '2330_2024.csv': A, '2330_2025.csv': C }, { 2330: 6 }],
    ['several folders', { 'a/X-2024-01.csv': A, 'b/X-2025-01.csv': C }, { X: 6 }],
  ])('of one series are one symbol: %s', async (_, files, expected) => {
    expect((await read(files)).rows).toEqual(expected);
  });

  test.each<[string, Record<string, string>]>([
    ['months in which futures end', { 'ES_202403.csv': day('2023-12-01'), 'ES_202406.csv': day('2024-03-01') }],
    [
      'days on which a history was saved',
      { 'X_2024-05-01.csv': day('2001-01-02', 1), 'X_2024-06-01.csv': day('2001-01-02', 2) },
    ],
    ['dates that overlap', { 'X_2024.csv': day('2024-01-02'), 'X_2024-05.csv': day('2024-05-02') }],
    ['a single one', { 'X-2024-01.csv': A, 'Y.csv': B }],
    ['a number without a mark', { 'X2024.csv': A, 'X2025.csv': C }],
  ])('stay as they are: %s', async (_, files) => {
    const names = Object.keys(files).map((name) => name.replace('.csv', ''));
    expect(Object.keys((await read(files)).rows).sort()).toEqual(names.sort());
  });

  test('--symbol and a column of symbols decide as ever', async () => {
    const files = { 'X-2024-01.csv': A, 'Y-2025-01.csv': C };
    expect((await read(files, '', { symbol: 'Z' })).rows).toEqual({ Z: 6 });
    const titled = (name: string, text: string) =>
      text.replace('timestamp', 'symbol,timestamp').replace(/^(?=\d)/gm, `${name},`);
    const columns = { 'AAPL/data.csv': titled('Q', A), 'MSFT/data.csv': titled('R', B) };
    rmSync(path.join(base, 'mine'), { recursive: true });
    expect((await read(columns)).rows).toEqual({ Q: 3, R: 3 });
  });

  test.each([
    ['X-2024-01', 'X', '2024-01-01', '2024-02-01'],
    ['X_20240229', 'X', '2024-02-29', '2024-03-01'],
    ['X 2010-2020', 'X', '2010-01-01', '2021-01-01'],
    ['X_2024-11_to_2025-02', 'X', '2024-11-01', '2025-03-01'],
    ['a-b-2024-Q4', 'a-b', '2024-10-01', '2025-01-01'],
    ['2023_X', 'X', '2023-01-01', '2024-01-01'],
  ])('%s is %s from %s to %s', (name, rest, from, to) => {
    expect(datedName(name)).toEqual({ rest, from: Date.parse(from), to: Date.parse(to) });
  });

  test.each(['X', 'SPX500', 'X_2024-13', 'X_1850', 'X-20245', '2024', '2023_2024', 'X_2025_2024', 'MES_1224'])(
    '%s has none',
    (name) => expect(datedName(name)).toBeUndefined(),
  );
});

test.each([
  [
    'instrument',
    'AAPL BTCUSDT btc_usd brk.b 600519 600519_daily TSLA-1h EURUSD_2024 sp500 us500 BRK-B PLTR ES=F EURUSD=X OPEN',
  ],
  ['capitals', 'ALL MIN ICE BARS SPOT'],
  ['place', 'binance nasdaq spot binance_data crypto-1h'],
  [
    'silent',
    'data prices price_data ohlcv-1m 2024 2024-01 202401 20240131 1h D1 M15 daily part-0 part-00012 data_0 chunk12 ' +
      '2024Q1 W05 jan year=2024 2024-01-01_2024-06-30 candles_5min OHLCV DATA Daily my_prices historicaldata',
  ],
])('%s: %s', (kind, names) => {
  for (const name of names.split(' ')) expect([name, kindOfName(name, isPlausibleDate).kind]).toEqual([name, kind]);
});
