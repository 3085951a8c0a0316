import { isAtcError } from '../../src/errors.js';
import { parseCandleCsv } from '../../src/formats/csv.js';
import type { CsvRows } from '../../src/formats/csv-rows.js';

/** Every piece copied: its arrays are overwritten by the next. */
async function parse(text: string, size = text.length || 1): Promise<CsvRows[]> {
  const bytes = new TextEncoder().encode(text);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  const rows: CsvRows[] = [];
  for await (const piece of parseCandleCsv(pieces, { path: 'file.csv' })) {
    rows.push({
      ...piece,
      columns: piece.columns.map((column) => column.slice()),
      symbols: piece.symbols?.slice(0, piece.length),
      lines: piece.lines.slice(),
    });
  }
  return rows;
}

async function failure(text: string): Promise<{ message: string; code: string; line?: number; column?: unknown }> {
  try {
    await parse(text);
  } catch (error) {
    if (isAtcError(error)) return { message: error.message, code: error.code, line: error.line, column: error.column };
    throw error;
  }
  throw new Error('expected a failure');
}

function joined(pieces: CsvRows[], column: number): number[] {
  return pieces.flatMap((piece) => [...piece.columns[column]]);
}

const PLAIN = 'Date,Open,Close\n2024-01-31,1.5,0.09946999000000001\n2024-02-01T09:30:00Z,2,1e-7\n';

describe('parseCandleCsv', () => {
  test('gives the same rows wherever the text is cut', async () => {
    const whole = await parse(PLAIN);
    for (let size = 1; size < PLAIN.length; size += 1) {
      const pieces = await parse(PLAIN, size);
      for (const column of [0, 1, 2]) expect(joined(pieces, column)).toEqual(joined(whole, column));
      expect(pieces.flatMap((piece) => [...piece.lines])).toEqual([2, 3]);
    }
    expect(joined(whole, 0)).toEqual([Date.UTC(2024, 0, 31), Date.UTC(2024, 1, 1, 9, 30)]);
    expect(joined(whole, 2)).toEqual([0.09946999000000001, 1e-7]);
  });

  test('reads quoted cells with line breaks, other delimiters, a byte order mark and CRLF', async () => {
    const quoted = 'timestamp,note,close\n1,"7",2\n';
    expect(joined(await parse(quoted), 2)).toEqual([2]);
    const odd = '\ufeffts;"close";symbol\r\n1000;"1";"A\nB"\r\n2000;3;C\r\n';
    for (const size of [1, 7, 100]) {
      const pieces = await parse(odd, size);
      expect(pieces.flatMap((piece) => piece.symbols)).toEqual(['A\nB', 'C']);
      expect(pieces.flatMap((piece) => [...piece.lines])).toEqual([2, 4]);
    }
  });

  test('understands seconds, milliseconds, microseconds and nanoseconds by magnitude', async () => {
    for (const text of ['1700000000', '1700000000000', '1700000000000000', '1700000000000000000']) {
      expect(joined(await parse(`time,close\n${text},1\n`), 0)).toEqual([1_700_000_000_000]);
    }
  });

  test('a bare carriage return before a quoted line ends is white space, wherever the text is cut', async () => {
    const lead = `timestamp,close,volume\n${Array.from({ length: 2000 }, (_, i) => `${1_735_603_200_000 + i},1,2\n`).join('')}`;
    const text = `${lead}"1735603300000",7\r,0\r\n1735603300001,8,"1"\n`;
    const whole = await parse(text);
    expect(joined(whole, 1).slice(-2)).toEqual([7, 8]);
    // The last piece begins with the quoted line.
    expect(joined(await parse(text, lead.length), 1)).toEqual(joined(whole, 1));
  });

  test('a change of unit is seen by the parser of plain lines too', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `${1_735_603_200_000 + i * 1000},1\n`).join('');
    const error = await failure(`timestamp,close\n${lines}1735689600000000,2\n`);
    expect(error).toMatchObject({ code: 'CORRUPT', line: 3002 });
    expect(error.message).toMatch(/not a time like the first/);
  });

  test('keeps zones, and missing prices as NaN', async () => {
    const rows = await parse('time,close\n2024-01-01 00:00:00.5+02:00,\n2024-01-01 00:00:01 UTC,NaN\n');
    expect(joined(rows, 0)).toEqual([Date.UTC(2023, 11, 31, 22, 0, 0, 500), Date.UTC(2024, 0, 1, 0, 0, 1)]);
    expect(joined(rows, 1)).toEqual([Number.NaN, Number.NaN]);
  });

  test.each([
    ['', /file is empty/, undefined, undefined],
    ['\n\n', /file is empty/, undefined, undefined],
    ['timestamp,close\n', /no candles/, 2, undefined],
    ['close\n1\n', /no time column.*found: "close"/, 1, undefined],
    ['timestamp,open\n1,2\n', /no column "close".*found: "timestamp", "open"/, 1, 'close'],
    ['timestamp,close,Close\n1,2,3\n', /two columns are called "close"/, 1, 'close'],
    ['timestamp,close\n1,2\n2,abc\n', /line 3, column "close": "abc"/, 3, 'close'],
    ['timestamp,C\n1,2\n2,0x10\n', /line 3, column "C": "0x10"/, 3, 'C'],
    ['timestamp,close\n1,2\n2, 0x10\n', /line 3, column "close": "0x10"/, 3, 'close'],
    ['timestamp,close\n1,Infinity\n', /"Infinity".*not a number/, 2, 'close'],
    ['timestamp,close\n1,1_000\n', /"1_000".*not a number/, 2, 'close'],
    ['timestamp,close\n1,2\n2\n', /line 3: 1 cells where the header has 2/, 3, undefined],
    ['timestamp,close\n1,2\n\n2,3,4\n', /line 4: 3 cells/, 4, undefined],
    ['timestamp,close\n1,"2\n', /quoted cell is not closed/, 2, undefined],
    ['timestamp,close\n2024-02-30,1\n', /"2024-02-30".*not a time/, 2, 'timestamp'],
    ['timestamp,close\n1,1\nsoon,1\n', /"soon".*not a time/, 3, 'timestamp'],
    // A source that goes over from milliseconds to microseconds, and from seconds to milliseconds.
    [
      'timestamp,close\n1735603200000,1\n1735689600000000,2\n',
      /"1735689600000000".*not a time like the first/,
      3,
      'timestamp',
    ],
    ['timestamp,close\n1735603200,1\n1735689600000,2\n', /"1735689600000".*not a time like the first/, 3, 'timestamp'],
    ['timestamp,close,symbol\n1,2,\n', /the cell is empty/, 2, 'symbol'],
  ])('refuses %j', async (text, message, line, column) => {
    const error = await failure(text);
    expect(error.code).toBe('CORRUPT');
    expect(error.message).toMatch(/^file\.csv: /);
    expect(error.message).toMatch(message);
    expect(error.line).toBe(line);
    expect(error.column).toBe(column);
  });
});
