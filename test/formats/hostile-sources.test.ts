/**
 * JSON and several files at a time that are not as they should be, in files as users have them: each has one outcome,
 * and nothing is read wrongly.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { readDataset } from '../../src/dataset/dataset.js';
import { at, closes, folder, refusal, write } from './hostile-fixture.js';

describe('JSON', () => {
  const row = (k: number) => ({ timestamp: 1_706_655_600_000 + k * 60_000, close: k });
  test.each([
    ['an array of records', JSON.stringify([row(0), row(1)])],
    ['a mark before it', `\ufeff${JSON.stringify([row(0), row(1)])}`],
    ['a record a line', `${JSON.stringify(row(0))}\n\n${JSON.stringify(row(1))}\r\n`],
    ['columns', JSON.stringify({ timestamp: [row(0).timestamp, row(1).timestamp], close: [0, 1] })],
    ['split', JSON.stringify({ columns: ['close'], index: [row(0).timestamp, row(1).timestamp], data: [[0], [1]] })],
    ['by column', JSON.stringify({ close: { [row(0).timestamp]: 0, [row(1).timestamp]: 1 } })],
    ['by index', JSON.stringify({ [row(0).timestamp]: { close: 0 }, [row(1).timestamp]: { close: 1 } })],
    ['table', JSON.stringify({ schema: { fields: [] }, data: [row(0), row(1)] })],
    ['a wrapper', JSON.stringify({ status: 'ok', data: { candles: [row(0), row(1)] } })],
    [
      'text for numbers, ns',
      JSON.stringify([0, 1].map((k) => ({ ts_event: `${row(k).timestamp}000000`, close: `${k}.0` }))),
    ],
    ['long integers', `[${[0, 1].map((k) => `{"time":${row(k).timestamp}000000,"close":${k}}`).join(',')}]`],
  ])('%s is read', async (_, text) => {
    expect(await closes(write('A.json', text))).toEqual({ A: [0, 1] });
  });

  test('NaN of Python and null are missing numbers', async () => {
    expect(
      await closes(
        write('A.json', '[{"timestamp":1706655600000,"close":NaN},{"timestamp":1706655660000,"close":null}]'),
      ),
    ).toEqual({
      A: [Number.NaN, Number.NaN],
    });
  });

  test.each([
    ['an array cut short', '[{"timestamp":1706655600000,"close":1},{"timestamp":17066', /cut short/],
    ['a document cut short', '{"data":[{"timestamp":1706655600000,"close":1}', /not whole JSON/],
    ['something behind the array', '[{"timestamp":1706655600000,"close":1}] x', /behind the end/],
    [
      'a damaged line',
      '{"timestamp":1706655600000,"close":1}\n{"timestamp":1706655660000,"close":}\n',
      /line 2: the line is not JSON/,
    ],
    ['records of two kinds', '[{"timestamp":1706655600000,"close":1},[1,2]]', /row 2: .*not a record like the first/],
    ['text for a price', '[{"timestamp":1706655600000,"close":"x"}]', /row 1, column "close": "x" is not a number/],
    ['an answer without candles', '{"error":["EQuery:Unknown asset pair"]}', /EQuery:Unknown asset pair/],
    ['nothing', '[]', /no candles/],
  ])('%s is refused', async (_, text, message) => {
    const error = await refusal(write('A.json', text));
    expect(error.code).toBe('CORRUPT');
    expect(error.message).toMatch(message);
  });

  test('tuples need a name for their cells', async () => {
    const file = write('A.json', '[[1706655600000,1,2,0.5,1.5,10]]');
    expect(await refusal(file)).toMatchObject({ code: 'ARGUMENT', message: expect.stringMatching(/--as ohlcv/) });
    expect(await closes(file, { columns: 'timestamp,open,high,low,close,volume' })).toEqual({ A: [1.5] });
  });
});

describe('sources', () => {
  test('a folder of months is one symbol, in the order of time, whatever the files are called', async () => {
    write('data/z-jan.csv', 'symbol,timestamp,close\nS,1704067200000,1\n');
    const month = (start: number) =>
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,' +
      'taker_buy_volume,taker_buy_quote_volume,ignore\n' +
      `${start},1,1,1,${start % 7},1,${start + 59999},1,1,1,1,0\n`;
    const folderOf = (name: string) => path.join(folder, name);
    write('months/BTCUSDT-1m-2024-02.csv', month(1_706_745_600_000));
    write('months/BTCUSDT-1m-2023-12.csv', month(1_701_388_800_000));
    write('months/notes.md', '# notes');
    write('months/BTCUSDT-1m-2023-12.csv.CHECKSUM', 'x');
    const found = await readDataset(folderOf('months'));
    expect(found.symbols).toEqual(['BTCUSDT']);
    expect(Array.from(found.table('BTCUSDT').column('timestamp'), Number)).toEqual([
      1_701_388_800_000, 1_706_745_600_000,
    ]);
    expect(Object.keys(await closes(path.join(folder, '*', 'z-*.csv')))).toEqual(['S']);
  });

  test('a pattern without a file, an empty folder, and a folder without market data are reported', async () => {
    expect(await refusal(at('no*.csv'))).toMatchObject({
      code: 'IO',
      message: expect.stringMatching(/no file matches/),
    });
    mkdirSync(at('empty'));
    expect(await refusal(at('empty'))).toMatchObject({
      code: 'IO',
      message: expect.stringMatching(/neither a dataset nor a folder/),
    });
    write('docs/readme.md', '# x');
    expect(await refusal(at('docs'))).toMatchObject({
      code: 'IO',
      message: expect.stringMatching(/no file of market data/),
    });
  });

  test.each([
    [{ as: 'binanse' }, /no preset "binanse"; did you mean "binance"/],
    [{ timezone: 'Mars/Olympus' }, /no time zone/],
    [{ decimal: ';' as ',' }, /decimal must be/],
    [{ duplicates: 'both' as 'last' }, /duplicates must be/],
    [{ interval: 'daily' }, /interval must be/],
    [{ columns: 'close' }, /columns must be/],
    [{ from: 'yesterday' }, /from must be/],
    [{ encoding: 'ebcdic' as 'latin1' }, /encoding must be/],
  ])('%j is refused before anything is read', async (options, message) => {
    const error = await refusal(write('A.csv', 'time,close\n2024-01-30 09:30,1\n'), options);
    expect(error.code).toBe('ARGUMENT');
    expect(error.message).toMatch(message);
  });
});
