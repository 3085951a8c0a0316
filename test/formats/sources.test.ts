/**
 * Files as their sources write them: layouts beyond the samples of docs/formats.md, with times across changes of
 * daylight saving.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readDataset } from '../../src/dataset/dataset.js';
import type { FileReport, ImportOptions } from '../../src/formats/options.js';

const NAMES = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];

/**
 * Rows of each symbol: time in ISO form, then the five numbers. Files are written into one folder, which is the source.
 */
async function read(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: ImportOptions & { onFile?: (file: FileReport) => void } = {},
): Promise<Record<string, unknown[][]>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-sources-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    const dataset = await readDataset(folder, options);
    return Object.fromEntries(
      dataset.symbols.map((symbol) => {
        const table = dataset.table(symbol);
        const columns = NAMES.filter((name) => table.columns.includes(name)).map((name) => table.column(name));
        const rows = Array.from({ length: table.length }, (_, row) => columns.map((column) => Number(column[row])));
        return [symbol, rows.map(([ms, ...rest]) => [new Date(ms).toISOString().slice(0, 16), ...rest])];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NUMBERS = '5.5,5.75,5.25,5.6,84';
const CELLS = [5.5, 5.75, 5.25, 5.6, 84];

describe('titles', () => {
  test.each([
    ['MDEntryTime', '2023-03-12 05:00:00.000'],
    ['EntryTime', '2023-03-12 05:00'],
    ['BarTime', '2023-03-12 05:00'],
    ['TransactTime', '20230312-05:00:00.000'],
    ['Candlestick.Time', '2023-03-12T05:00:00'],
  ])('%s is a time', async (title, cell) => {
    const rows = await read({ 'q.csv': `${title},open,high,low,close,volume\n${cell},${NUMBERS}\n` });
    expect(rows).toEqual({ q: [['2023-03-12T05:00', ...CELLS]] });
  });

  test.each([
    'OpeningPx,HighPx,LowPx,ClosingPx,Volume',
    'OpenPx,HighPx,LowPx,ClosePx,Qty',
    'OpeningPrice,HighestPrice,LowestPrice,ClosingPrice,TotalVolume',
    'Opening Price,Highest Price,Lowest Price,Closing Price,Trade Volume',
    'OpenPrice,MaxPrice,MinPrice,ClosePrice,TotalTradedVolume',
    'px_open,px_high,px_low,px_last,px_volume',
    'OpeningPx,TradingSessionHighPx,TradingSessionLowPx,ClosingPx,TotalVolumeTraded',
    'TradingSessionOpenPx,TradingSessionHighPx,TradingSessionLowPx,TradingSessionClosePx,TradeVolume',
    'session_open,session_high,session_low,session_close,session_volume',
    'DayOpen,DayHigh,DayLow,DayClose,DayVolume',
    'mid_o,mid_h,mid_l,mid_c,volume',
    'openPrice,highPrice,lowPrice,closePrice,lastTradedVolume',
  ])('%s are the prices and the volume', async (titles) => {
    expect(await read({ 'q.csv': `date,${titles}\n2023-03-13,${NUMBERS}\n` })).toEqual({
      q: [['2023-03-13T00:00', ...CELLS]],
    });
  });

  test('unquoted thousands that push prices under other titles are refused', async () => {
    const text = 'Date,Close/Last,Volume,Open,High,Low\n03/14/2023,$1,152.59,7369,$151.28,$153.40,$150.10\n';
    await expect(read({ 'q.csv': text })).rejects.toThrow(
      /line 2: 7 cells where the header has 6; a number with commas/,
    );
  });

  test('one column for each symbol is refused with the option that names them', async () => {
    const text = 'Date,AAPL,MSFT\n2023-03-13,150,250\n2023-03-14,151,251\n';
    await expect(read({ 'w.csv': text })).rejects.toThrow(/"AAPL", "MSFT".*--columns/);
    expect(await read({ 'w.csv': text }, { columns: ['date', '-', 'close'], symbol: 'MSFT' })).toEqual({
      MSFT: [
        ['2023-03-13T00:00', 250],
        ['2023-03-14T00:00', 251],
      ],
    });
  });
});

describe('sources', () => {
  test('yfinance grouped by ticker has the symbols above the fields', async () => {
    const text =
      'Ticker,MSFT,MSFT,MSFT,MSFT,MSFT,TSLA,TSLA,TSLA,TSLA,TSLA\n' +
      'Price,Open,High,Low,Close,Volume,Open,High,Low,Close,Volume\nDate,,,,,,,,,,\n' +
      '2023-03-10,251,252,247,248,28,175,178,168,173,19\n';
    expect(await read({ 'p.csv': text })).toEqual({
      MSFT: [['2023-03-10T00:00', 251, 252, 247, 248, 28]],
      TSLA: [['2023-03-10T00:00', 175, 178, 168, 173, 19]],
    });
  });

  test('Dukascopy in local time has an offset in each cell, across the change of the clocks', async () => {
    const text =
      'Local time,Open,High,Low,Close,Volume\n' +
      `26.03.2023 01:00:00.000 GMT+0100,${NUMBERS}\n26.03.2023 03:00:00.000 GMT+0200,${NUMBERS}\n`;
    expect(await read({ 'USDCHF_Candlestick_1_Hour_BID_25.03.2023-26.03.2023.csv': text })).toEqual({
      USDCHF: [
        ['2023-03-26T00:00', ...CELLS],
        ['2023-03-26T01:00', ...CELLS],
      ],
    });
  });

  test('MetaStock and AmiBroker write the date as <DTYYYYMMDD> and the time without colons', async () => {
    const head = '<TICKER>,<PER>,<DTYYYYMMDD>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n';
    const text = `${head}IBM,D,20230310,000000,${NUMBERS},0\nIBM,D,20230313,000000,${NUMBERS},0\n`;
    expect(await read({ 'a.txt': text })).toEqual({
      IBM: [
        ['2023-03-10T00:00', ...CELLS],
        ['2023-03-13T00:00', ...CELLS],
      ],
    });
    const intraday = `<TICKER>,<DTYYYYMMDD>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\nEURUSD,20230310,093000,${NUMBERS}\n`;
    expect(await read({ 'b.txt': intraday })).toEqual({ EURUSD: [['2023-03-10T09:30', ...CELLS]] });
  });

  test('older answers of dYdX call the symbol a market', async () => {
    const candle = { startedAt: '2023-03-12T01:00:00.000Z', market: 'ETH-USD', low: '5.25', high: '5.75', open: '5.5' };
    const text = JSON.stringify({ candles: [{ ...candle, close: '5.6', baseTokenVolume: '84', usdVolume: '470' }] });
    expect(await read({ 'a.json': text })).toEqual({ 'ETH-USD': [['2023-03-12T01:00', ...CELLS]] });
  });

  test('a folder of LEAN with trades and quotes of a symbol is read as its trades', async () => {
    const titles: string[] = [];
    const rows = await read(
      {
        'equity/usa/minute/ibm/20230310_trade.csv': '34200000,1280000,1285000,1275000,1281500,100\n',
        'equity/usa/minute/ibm/20230313_trade.csv': '34200000,1290000,1295000,1285000,1291500,101\n',
        'equity/usa/minute/ibm/20230313_quote.csv':
          '34200000,1290000,1295000,1285000,1291500,101,1290100,1295100,1285100,1291600,100\n',
      },
      { onFile: ({ title }) => titles.push(title) },
    );
    expect(rows).toEqual({
      IBM: [
        ['2023-03-10T14:30', 128, 128.5, 127.5, 128.15, 100],
        ['2023-03-13T13:30', 129, 129.5, 128.5, 129.15, 101],
      ],
    });
    expect(titles).toContain('left out: quotes, because trades of IBM are there');
  });
});

describe('a name and a first row that are those of one source', () => {
  const row = '1678579200,5.5,5.75,5.25,5.6,84,12\n';

  test('recognise a file without a header as one of Kraken', async () => {
    const titles: string[] = [];
    const rows = await read({ 'XBTUSD_1440.csv': row }, { onFile: ({ title }) => titles.push(title) });
    expect(rows).toEqual({ XBTUSD: [['2023-03-12T00:00', ...CELLS]] });
    expect(titles).toEqual(["Kraken's OHLCVT"]);
  });

  test('also choose the length of candles in a folder', async () => {
    const files = { 'XBTUSD_60.csv': row, 'XBTUSD_1440.csv': row.replace('84', '85') };
    await expect(read(files)).rejects.toThrow(/XBTUSD: .*--interval \(60m, 1440m\)/);
    expect(await read(files, { interval: '1d' })).toEqual({ XBTUSD: [['2023-03-12T00:00', 5.5, 5.75, 5.25, 5.6, 85]] });
  });

  test('need the zone of a terminal and no other option', async () => {
    const files = { 'EURUSD60.csv': '2023.03.12,07:00,5.5,5.75,5.25,5.6,84\n' };
    await expect(read(files)).rejects.toThrow(/--timezone/);
    expect(await read(files, { timezone: 'Europe/Athens' })).toEqual({ EURUSD: [['2023-03-12T05:00', ...CELLS]] });
  });

  test('do not count where they disagree', async () => {
    await expect(read({ 'XBTUSD_1440.csv': `2023-03-12,${NUMBERS}\n` })).rejects.toThrow(/there is no header line/);
    await expect(read({ 'prices.csv': row })).rejects.toThrow(/it looks like Kraken's OHLCVT: --as kraken/);
  });
});

test.each([
  ['Bitfinex (close, high, low)', '1576735200000,7200.5,7199,7201,7198,2', 'bitfinex'],
  ['Coinbase (low, high, open, close)', '1576735200,7198,7201,7200.5,7199,2', 'coinbase'],
  ['most others', '1576735200000,7200.5,7201,7198,7199,2', 'ohlcv'],
])('six numbers without titles are taken for what no row contradicts: %s', async (_, row, preset) => {
  const flat = row.replace(/^(\d+),.*/, '$1,7200,7200,7200,7200,1');
  const hint = new RegExp(`it looks like .*: --as ${preset};`);
  await expect(read({ 'prices.csv': `${flat}\n${row}\n` })).rejects.toThrow(hint);
  await expect(read({ 'prices.json': `[[${row}],[${flat}]]` })).rejects.toThrow(hint);
});

test.each([
  ['option', 'twx/20140605_trade_american.zip', '20140605_twx_minute_trade_american_call_650000_20140621.csv'],
  ['indexoption', 'spxw/20210104_trade_european.zip', '20210104_spxw_minute_trade_european_call_38000000_20210108.csv'],
])('prices of LEAN are divided by 10,000 for the type %s', async (type, _, member) => {
  const row = '34200000,671500,689000,654500,664000,48\n';
  const tables = Object.values(await read({ [`${type}/usa/minute/twx/${member}`]: row }));
  expect(tables.map(([[, ...cells]]) => cells)).toEqual([[67.15, 68.9, 65.45, 66.4, 48]]);
});

test('the volume in the currency of the symbol is the volume, before one that names no currency', async () => {
  const candle = (symbol: string) =>
    `symbol,date,open,high,low,close,volume_btc,volume\n${symbol},2019-10-17,5.5,5.75,5.25,5.6,84,470\n`;
  expect(await read({ 'a.csv': candle('BTCUSD') })).toEqual({ BTCUSD: [['2019-10-17T00:00', ...CELLS]] });
  expect(await read({ 'a.csv': candle('ETHBTC') })).toEqual({
    ETHBTC: [['2019-10-17T00:00', 5.5, 5.75, 5.25, 5.6, 470]],
  });
});

describe('two columns of volume', () => {
  const head = '<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n';
  const minutes = (count: number, volume: (k: number) => number) =>
    Array.from({ length: count }, (_, k) => {
      const time = new Date(1_678_579_200_000 + 60_000 * k).toISOString();
      const day = time.slice(0, 10).replaceAll('-', '.');
      return `${day}\t${time.slice(11, 19)}\t5\t6\t4\t5\t${k + 1}\t${volume(k)}\t0\n`;
    }).join('');

  test('the traded one is the volume where it has a value far behind the first rows', async () => {
    const rows = await read({ 'X_M1.csv': head + minutes(4000, (k) => (k < 3999 ? 0 : 77)) }, { timezone: 'UTC' });
    expect(rows.X.map((row) => row[5])).toEqual([...new Array(3999).fill(0), 77]);
  });

  test('the number of ticks is, where the other one is 0 throughout', async () => {
    const notes: string[] = [];
    const onFile = (file: FileReport) => notes.push(...file.notes);
    const rows = await read({ 'X_M1.csv': head + minutes(4000, () => 0) }, { timezone: 'UTC', onFile });
    expect(rows.X.map((row) => row[5])).toEqual(Array.from({ length: 4000 }, (_, k) => k + 1));
    expect(notes).toEqual(['volume is the number of ticks: the other volume is 0']);
  });
});

describe('qlib', () => {
  const float32 = (start: number, values: readonly number[]) =>
    new Uint8Array(Float32Array.of(start, ...values).buffer);
  const calendar = '2023-03-09\n2023-03-10\n2023-03-13\n2023-03-14\n';
  const files = {
    'calendars/day.txt': calendar,
    'instruments/all.txt': 'SH600000\t2023-03-10\t2023-03-14\n',
    'features/sh600000/open.day.bin': float32(1, [5.5, Number.NaN, 6.5]),
    'features/sh600000/high.day.bin': float32(1, [5.75, Number.NaN, 6.75]),
    'features/sh600000/low.day.bin': float32(1, [5.25, Number.NaN, 6.25]),
    'features/sh600000/close.day.bin': float32(1, [5.625, Number.NaN, 6.625]),
    'features/sh600000/volume.day.bin': float32(1, [84, Number.NaN, 85]),
    'features/sh600000/factor.day.bin': float32(0, [1, 1, 1, 1]),
    'features/sz000001/close.day.bin': float32(3, [7.1]),
  };

  test('a folder of features is a table for each symbol, with the calendar', async () => {
    expect(await read(files)).toEqual({
      SH600000: [
        ['2023-03-09T00:00', Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN],
        ['2023-03-10T00:00', 5.5, 5.75, 5.25, 5.625, 84],
        ['2023-03-13T00:00', Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN],
        ['2023-03-14T00:00', 6.5, 6.75, 6.25, 6.625, 85],
      ],
      SZ000001: [['2023-03-14T00:00', Math.fround(7.1)]],
    });
  });

  test('values beyond the calendar are refused', async () => {
    const wrong = { ...files, 'features/sz000001/close.day.bin': float32(3, [7, 8]) };
    await expect(read(wrong)).rejects.toThrow(/close.day.bin: its 2 values from index 3 are not within the calendar/);
    const cut = { ...files, 'features/sz000001/close.day.bin': float32(3, [7]).slice(0, 7) };
    await expect(read(cut)).rejects.toThrow(/close.day.bin: 7 bytes are no float32 values/);
  });
});

describe('several files of one symbol', () => {
  const head = 'timestamp,open,high,low,close,volume\n';
  const row = (minute: number, volume: number) => `${1_678_579_200 + 60 * minute},1,2,1,2,${volume}\n`;

  test('candles of two lengths ask for --interval, which chooses', async () => {
    const files = {
      'BTC_USDT-1h.json': '[[1678579200000,1,2,1,2,5]]',
      'BTC_USDT-5m.json': '[[1678579200000,1,2,1,2,6],[1678579500000,1,2,1,2,7]]',
    };
    await expect(read(files)).rejects.toThrow(
      /BTC\/USDT: .*-1h.json has candles of 1h and .*-5m.json .*--interval \(1h, 5m\)/,
    );
    expect(await read(files, { interval: '60m' })).toEqual({ 'BTC/USDT': [['2023-03-12T00:00', 1, 2, 1, 2, 5]] });
  });

  test('a row that differs names both files', async () => {
    const files = { 'q-1.csv': head + row(0, 5) + row(1, 7), 'q-2.csv': head + row(1, 8) + row(2, 8) };
    await expect(read(files, { symbol: 'Q' })).rejects.toThrow(
      /q-2.csv: line 2.*Q: the time 2023-03-12T00:01:00.000Z is there with different values in .*q-1.csv: line 3; the files overlap; --duplicates/,
    );
  });
});
