/** Input that is not well, through files as users have them: each has one outcome, and nothing is read wrongly. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { readDataset } from '../../src/dataset/dataset.js';
import type { AtcError } from '../../src/errors.js';
import type { FileReport, ImportOptions } from '../../src/formats/options.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-formats-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);
function write(name: string, content: string | Uint8Array): string {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
  return at(name);
}

async function refusal(source: string | string[], options?: ImportOptions): Promise<AtcError> {
  try {
    (await readDataset(source, options)).close();
  } catch (error) {
    return error as AtcError;
  }
  throw new Error('expected a refusal');
}

async function closes(source: string | string[], options?: ImportOptions): Promise<Record<string, number[]>> {
  const dataset = await readDataset(source, options);
  return Object.fromEntries(
    dataset.symbols.map((symbol) => [symbol, Array.from(dataset.table(symbol).column('close'), Number)]),
  );
}

const CSV = 'timestamp,close\n1706655600000,1\n1706655660000,2\n';

/** A zip archive of members; `method` 0 stores, 8 deflates. */
function zip(
  members: Readonly<Record<string, string | Uint8Array>>,
  change: (local: Buffer, data: Buffer) => void = () => undefined,
): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const plain = Buffer.from(content as string);
    const data = deflateRawSync(plain);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(crc32(plain), 14);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(plain.length, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    local.copy(entry, 6, 4, 30);
    entry.writeUInt32LE(offset, 42);
    change(entry, data);
    parts.push(local, Buffer.from(name), data);
    central.push(entry, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(members).length, 8);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

describe('containers', () => {
  test('gzip and zip are recognised by their bytes, whatever they are called; members are files of their own', async () => {
    expect(await closes(write('A.csv', gzipSync(CSV)))).toEqual({ A: [1, 2] });
    expect(await closes(write('b.dat', zip({ 'X.csv': CSV, 'sub/Y.csv': CSV, '__MACOSX/._X.csv': 'junk' })))).toEqual({
      X: [1, 2],
      Y: [1, 2],
    });
  });

  test.each([
    ['an Excel workbook', () => zip({ 'xl/workbook.xml': '<x/>' }), /Excel workbook/],
    ['a PDF', () => Buffer.from('%PDF-1.7\n...'), /PDF/],
    ['a pickle', () => Buffer.from([0x80, 0x04, 0x95, 1, 2, 3]), /pickle, which is a program: it is never loaded/],
    ['HDF5', () => Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /HDF5/],
    ['SQLite', () => Buffer.from('SQLite format 3\0'), /SQLite/],
    [
      'random bytes',
      () => Buffer.from(Array.from({ length: 600 }, (_, k) => (k * 37) % 251)),
      /neither text nor a format/,
    ],
    [
      'a tar archive',
      () => Buffer.concat([Buffer.from('a.csv'), Buffer.alloc(252), Buffer.from('ustar'), Buffer.alloc(300)]),
      /tar archive/,
    ],
    ['an empty zip', () => Buffer.from([0x50, 0x4b, 5, 6, ...new Array(18).fill(0)]), /zip archive is empty/],
    ['a zip in gzip', () => gzipSync(zip({ 'X.csv': CSV })), /unpack it first/],
  ])('%s is named and refused, and never advised to be converted to UTF-8', async (_, bytes, message) => {
    const error = await refusal(write('A.csv', bytes()));
    expect(error.code).toBe('CORRUPT');
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/UTF-8/);
  });

  test('a gzip file cut short anywhere is refused', async () => {
    const whole = gzipSync(CSV.repeat(1));
    for (const length of [5, 12, whole.length - 9, whole.length - 1]) {
      expect(await refusal(write('A.csv.gz', whole.subarray(0, length)))).toMatchObject({ code: 'CORRUPT' });
    }
  });

  test('a zip with wrong lengths, sums or offsets is refused', async () => {
    const changes: ((entry: Buffer, data: Buffer) => void)[] = [
      (entry) => entry.writeUInt32LE(0xfffffff0, 24),
      (entry) => entry.writeUInt32LE(3, 24),
      (entry) => entry.writeUInt32LE(0xfffffff0, 20),
      (entry) => entry.writeUInt32LE(12345, 16),
      (entry) => entry.writeUInt32LE(0x7fffffff, 42),
      (_, data) => data.fill(0xff),
    ];
    for (const change of changes) {
      expect(await refusal(write('A.zip', zip({ 'A.csv': CSV }, change)))).toMatchObject({ code: 'CORRUPT' });
    }
    const whole = zip({ 'A.csv': CSV });
    expect(await refusal(write('B.zip', whole.subarray(0, whole.length - 30)))).toMatchObject({ code: 'CORRUPT' });
  });

  test('an encrypted member is unsupported', async () => {
    const bytes = zip({ 'A.csv': CSV }, (entry) => entry.writeUInt16LE(1, 8));
    expect(await refusal(write('A.zip', bytes))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/encrypted/),
    });
  });

  test('a bomb is refused while it is unpacked, not stored', async () => {
    // Rows of one form that would be read: only the growth tells.
    const head = 'timestamp,close\n';
    const row = `1706655600000,1${' '.repeat(200_000)}\n`;
    const bomb = gzipSync(Buffer.from(head + row.repeat(400)), { level: 9 });
    const error = await refusal(write('A.csv.gz', bomb));
    expect(error.code).toBe('CORRUPT');
    expect(error.message).toMatch(/more than 400 times its size/);
  });

  test('checksums are compared when that is asked for', async () => {
    const file = write('A.zip', zip({ 'A.csv': CSV }));
    write('A.zip.CHECKSUM', `${'0'.repeat(64)}  A.zip\n`);
    expect(await closes(file)).toEqual({ A: [1, 2] });
    expect(await refusal(file, { checksums: true })).toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(/SHA-256/),
    });
  });
});

describe('encodings', () => {
  const bytes = (encoding: 'utf16le' | 'latin1', mark: string) => Buffer.from(mark + CSV, encoding);
  test('UTF-16 with and without a mark, and Latin-1 by option', async () => {
    expect(await closes(write('A.csv', bytes('utf16le', '\ufeff')))).toEqual({ A: [1, 2] });
    expect(await closes(write('A.csv', bytes('utf16le', '')))).toEqual({ A: [1, 2] });
    expect(await closes(write('A.csv', bytes('utf16le', '\ufeff').swap16()))).toEqual({ A: [1, 2] });
    const latin = Buffer.from('timestamp,close,größe\n1706655600000,1,2\n', 'latin1');
    expect(await refusal(write('A.csv', latin))).toMatchObject({ message: expect.stringMatching(/--encoding/) });
    expect(await closes(write('A.csv', latin), { encoding: 'latin1' })).toEqual({ A: [1] });
  });
});

describe('rows', () => {
  test('newest first is turned round, also a long file that is put aside on disk', async () => {
    const reports: FileReport[] = [];
    const rows = 60_000;
    const lines = Array.from(
      { length: rows },
      (_, k) => `${1_706_655_600_000 + (rows - k) * 1000},${rows - k}${',7'.repeat(120)}`,
    );
    const header = `timestamp,close,${Array.from({ length: 120 }, (_, k) => `x${k}`).join(',')}`;
    const found = await closes(write('A.csv', `${header}\n${lines.join('\n')}\n`), {
      onFile: (file) => reports.push(file),
    });
    expect(found.A.length).toBe(rows);
    expect(found.A.every((close, k) => close === k + 1)).toBe(true);
    expect(reports[0].notes.join()).toMatch(/newest first/);
  });

  test('mixed order is refused with its line', async () => {
    const error = await refusal(write('A.csv', 'timestamp,close\n1706655600000,1\n1706655720000,2\n1706655660000,3\n'));
    expect(error).toMatchObject({ code: 'CORRUPT', line: 4 });
  });

  test('equal rows are taken once and counted; of different ones an option decides, across chunks too', async () => {
    const reports: FileReport[] = [];
    const lead = Array.from({ length: 40_000 }, (_, k) => `${1_706_655_600_000 + k * 1000},${k}\n`);
    const doubled = lead.flatMap((line, k) => (k % 3 === 0 ? [line, line] : [line]));
    const equal = write('A.csv', `timestamp,close\n${doubled.join('')}`);
    expect((await closes(equal, { onFile: (file) => reports.push(file) })).A.length).toBe(40_000);
    expect(reports[0].notes.join()).toMatch(/13334 rows there twice/);
    const different = write(
      'B.csv',
      `timestamp,close\n${lead.flatMap((line) => [line, line.replace(',', ',9')]).join('')}`,
    );
    expect(await refusal(different)).toMatchObject({
      code: 'CORRUPT',
      line: 3,
      message: expect.stringMatching(/--duplicates/),
    });
    expect((await closes(different, { duplicates: 'first' })).B.every((close, k) => close === k)).toBe(true);
    expect((await closes(different, { duplicates: 'last' })).B.every((close, k) => close === Number(`9${k}`))).toBe(
      true,
    );
  });

  test('first and last are meant in the order of the file, also where it is turned round', async () => {
    const file = write(
      'A.csv',
      'timestamp,close\n1706655720000,3\n1706655660000,2\n1706655660000,9\n1706655600000,1\n',
    );
    expect(await closes(file, { duplicates: 'first' })).toEqual({ A: [1, 2, 3] });
    expect(await closes(file, { duplicates: 'last' })).toEqual({ A: [1, 9, 3] });
  });

  test('only the rows of a span', async () => {
    const file = write('A.csv', CSV);
    expect(await closes(file, { from: '2024-01-30T23:01:00Z' })).toEqual({ A: [2] });
    expect(await closes(file, { to: 1_706_655_660_000 })).toEqual({ A: [1] });
  });

  test.each([
    ['1,104', /decimal comma/],
    ['1,1045', /decimal commas: --decimal/],
    ['0x10', /is not a number/],
    ['Infinity', /is not a number/],
    ['1_000', /is not a number/],
  ])('a price of %s is refused with a hint', async (cell, message) => {
    const error = await refusal(write('A.csv', `timestamp,close\n1706655600000,"${cell}"\n`));
    expect(error).toMatchObject({ code: 'CORRUPT', line: 2, column: 'close' });
    expect(error.message).toMatch(message);
  });

  test.each([
    ['"8,746.6"', 8746.6],
    ['1.38M', 1_380_000],
    ['4.35K', 4350],
    ['7.83%', 7.83],
    ['$188.04', 188.04],
    ['"1,234,567"', 1_234_567],
    ['-', Number.NaN],
    ['None', Number.NaN],
    ['9223372036854775807', Number.NaN],
  ])('a price of %s is %d', async (cell, value) => {
    expect(await closes(write('A.csv', `timestamp,close\n1706655600000,${cell}\n`))).toEqual({ A: [value] });
  });
});

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
      `open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n${start},1,1,1,${start % 7},1,${start + 59999},1,1,1,1,0\n`;
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
