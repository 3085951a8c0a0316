import { isAtcError } from '../../src/errors.js';
import { parseCsv } from '../../src/formats/csv/parse-csv.js';
import type { ImportOptions } from '../../src/formats/options.js';
import { contextOf, type FileShape, fileOf, joined, type Table } from './source-files.js';

/** `content` may name options and the file. */
function parse(text: string, size?: number, options: ImportOptions = {}, shape: FileShape = {}): Promise<Table> {
  const file = fileOf(text, { ...shape, size });
  return joined(parseCsv(file, contextOf(file, options)));
}

async function failure(
  text: string,
  options?: ImportOptions,
): Promise<{ message: string; code: string; line?: number; column?: unknown }> {
  try {
    await parse(text, undefined, options);
  } catch (error) {
    if (isAtcError(error)) return { message: error.message, code: error.code, line: error.line, column: error.column };
    throw error;
  }
  throw new Error('expected a failure');
}

const PLAIN = 'Date,Open,Close\n2024-01-31,1.5,0.09946999000000001\n2024-02-01T09:30:00Z,2,1e-7\n';

describe('CSV', () => {
  test('gives the same rows wherever the text is cut', async () => {
    const whole = await parse(PLAIN);
    for (let size = 1; size < PLAIN.length; size += 1) {
      const pieces = await parse(PLAIN, size);
      expect(pieces.columns).toEqual(whole.columns);
      expect(pieces.lines).toEqual([2, 3]);
    }
    expect(whole.columns[0]).toEqual([Date.UTC(2024, 0, 31), Date.UTC(2024, 1, 1, 9, 30)]);
    expect(whole.columns[2]).toEqual([0.09946999000000001, 1e-7]);
  });

  test('reads quoted cells with line breaks, other delimiters, a byte order mark and CRLF', async () => {
    const quoted = 'timestamp,note,close\n1700000000,"7",2\n';
    expect((await parse(quoted)).columns).toEqual([[1_700_000_000_000], [7], [2]]);
    const odd = '\ufeffts;"close";symbol\r\n1700000000;"1";"A\nB"\r\n1700000060;3;C\r\n';
    for (const size of [1, 7, 100]) {
      const pieces = await parse(odd, size);
      expect(pieces.symbols).toEqual(['A\nB', 'C']);
      expect(pieces.lines).toEqual([2, 4]);
    }
  });

  test.each([
    ['a volume', '2024-03-08,10,11,9,10.5,1,234\n2024-03-11,10,11,9,10.5,2,345\n'],
    ['a volume of millions', '2024-03-08,10,11,9,10.5,1,234,567\n2024-03-11,10,11,9,10.5,2,345,678\n'],
    ['a close', '2024-03-08,1,3,0.5,1,152.59,10\n'],
  ])('%s with commas outside quotes is refused, not cut', async (_, rows) => {
    const { code, message } = await failure(`Date,Open,High,Low,Close,Volume\n${rows}`);
    expect([code, message]).toEqual(['CORRUPT', expect.stringMatching(/a number with commas stands in quotes/)]);
  });

  test('understands seconds, milliseconds, microseconds and nanoseconds by magnitude', async () => {
    for (const text of ['1700000000', '1700000000000', '1700000000000000', '1700000000000000000']) {
      expect((await parse(`time,close\n${text},1\n`)).columns[0]).toEqual([1_700_000_000_000]);
    }
  });

  test('a bare carriage return before a quoted line ends is white space, wherever the text is cut', async () => {
    const lead =
      'timestamp,close,volume\n' +
      `${Array.from({ length: 2000 }, (_, i) => `${1_735_603_200_000 + i},1,2\n`).join('')}`;
    const text = `${lead}"1735603300000",7\r,0\r\n1735603300001,8,"1"\n`;
    const whole = await parse(text);
    expect(whole.columns[1].slice(-2)).toEqual([7, 8]);
    // The last part begins with the quoted line.
    expect((await parse(text, lead.length)).columns).toEqual(whole.columns);
  });

  test('a file that goes over from ms to us is read row by row', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `${1_735_603_200_000 + i * 1000},1\n`).join('');
    const { columns } = await parse(`timestamp,close\n${lines}1735689600000000,2\n1735689600001000000,3\n`);
    expect(columns[0].slice(-3)).toEqual([1_735_606_199_000, 1_735_689_600_000, 1_735_689_600_001]);
  });

  test.each([
    ['timestamp,close,close\n2024-01-31,1,1\n2024-02-01,2,3\n', 'close'],
    ['timestamp,timestamp,close\n2024-01-31,2024-02-29,1\n', 'timestamp'],
    ['timestamp,Close,close,volume\n2024-01-31,1,2,3\n', 'Close'],
    ['timestamp,close,volume,volume\n2024-01-31,1,2,3\n', 'volume'],
  ])('one title over two columns of different values is refused: %j', async (text, column) => {
    const found = await failure(text);
    expect(found).toMatchObject({ code: 'ARGUMENT', line: 1, column });
    expect(found.message).toMatch(/stands over two columns of different values; .*--columns/);
  });

  test('of two columns with one title and the same values one is read', async () => {
    const { columns } = await parse('timestamp,close,close\n2024-01-31,1,1\n2024-02-01,2,2\n');
    expect(columns[1]).toEqual([1, 2]);
  });

  test('lines that end with carriage returns alone are refused by that name', async () => {
    const found = await failure('timestamp,close\r2024-01-31,1\r2024-02-01,2\r');
    expect(found).toMatchObject({ code: 'CORRUPT', message: expect.stringMatching(/carriage returns alone/) });
  });

  test('keeps zones, and missing prices as NaN', async () => {
    const rows = await parse('time,close\n2024-01-01 00:00:00.5+02:00,\n2024-01-01 00:00:01 UTC,NaN\n');
    expect(rows.columns[0]).toEqual([Date.UTC(2023, 11, 31, 22, 0, 0, 500), Date.UTC(2024, 0, 1, 0, 0, 1)]);
    expect(rows.columns[1]).toEqual([Number.NaN, Number.NaN]);
  });

  test.each([
    ['', /file is empty/, undefined, undefined],
    ['\n\n', /file is empty/, undefined, undefined],
    ['timestamp,close\n', /no candles/, 2, undefined],
    ['close\n1\n', /no time column.*found: "close"/, 1, undefined],
    ['timestamp,open\n1700000000,2\n', /no column "close".*found: "timestamp", "open"/, 1, 'close'],
    ['timestamp,close\n1700000000,2\n1700000060,abc\n', /line 3, column "close": "abc"/, 3, 'close'],
    ['timestamp,C\n1700000000,2\n1700000060,0x10\n', /line 3, column "C": "0x10"/, 3, 'C'],
    ['timestamp,close\n1700000000,2\n1700000060, 0x10\n', /line 3, column "close": "0x10"/, 3, 'close'],
    ['timestamp,close\n1700000000,Infinity\n', /"Infinity".*not a number/, 2, 'close'],
    ['timestamp,close\n1700000000,1_000\n', /"1_000".*not a number/, 2, 'close'],
    ['timestamp,close\n1700000000,2\n2\n', /line 3: 1 cells where the header has 2/, 3, undefined],
    ['timestamp,close\n1700000000,2\n\n2,3,4\n', /line 4: 3 cells/, 4, undefined],
    ['timestamp,close\n1700000000,"2\n', /quoted cell is not closed/, 2, undefined],
    ['timestamp,close\n2024-02-30,1\n', /"2024-02-30".*not a time/, 2, 'timestamp'],
    ['timestamp,close\n1700000000,1\nsoon,1\n', /"soon".*not a time/, 3, 'timestamp'],
    ['timestamp,close,symbol\n1700000000,2,A\n1700000060,2,\n', /the cell is empty/, 3, 'symbol'],
  ])('refuses %j', async (text, message, line, column) => {
    const error = await failure(text);
    expect(error.code).toBe('CORRUPT');
    expect(error.message).toMatch(/^file\.csv: /);
    expect(error.message).toMatch(message);
    expect(error.line).toBe(line);
    expect(error.column).toBe(column);
  });
});
