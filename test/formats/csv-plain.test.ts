/** Plain lines read from their bytes against the general parser, and against Number(). */
import { jest } from '@jest/globals';
import fc from 'fast-check';
import Papa from 'papaparse';
import { parseCsv } from '../../src/formats/csv/parse-csv.js';
import { bitsOf } from '../dataset/history-files.js';
import { contextOf, fileOf, joined, type Table } from './source-files.js';

function parse(text: string, size?: number): Promise<Table> {
  const file = fileOf(text, { size });
  return joined(parseCsv(file, contextOf(file)));
}

/** More than the general parser takes before it hands over. */
const LEAD_ROWS = 1200;
const lead = (header: string, row: (k: number) => string) =>
  `${header}\n${Array.from({ length: LEAD_ROWS }, (_, k) => row(k)).join('\n')}\n`;

const digits = (max: number) => fc.stringMatching(new RegExp(`^\\d{1,${max}}$`));
const decimal = fc.oneof(
  // Prices, volumes, more digits than a double has, shortest round-trip forms, and what is near the halfway cases.
  fc.tuple(digits(6), digits(8)).map(([a, b]) => `${a}.${b}`),
  fc.tuple(digits(17), digits(25)).map(([a, b]) => `${a}.${b}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: 2n ** 53n - 40n, max: 2n ** 53n + 40n }).map((n) => `${n}`),
  fc
    .tuple(fc.bigInt({ min: 2n ** 53n - 40n, max: 2n ** 53n + 40n }), fc.nat(23))
    .map(([n, k]) => [`${n}`.slice(0, -8), '.', '0'.repeat(k), `${n}`.slice(-8)].join('')),
  digits(22),
  fc.constantFrom(
    '0',
    '0.0',
    '00.10',
    '5.',
    '.5',
    '1e3',
    '1E-7',
    '9007199254740993',
    '0.1',
    '+3',
    '4.9e-324',
    '1.7976931348623157e308',
    '',
    'NaN',
    'null',
    ' 7 ',
    '0.000000000000000000000001',
    // 2^53 + 1, which reads as 2^53 when its digits are added up as doubles.
    '90071992.54740993',
    '9007199254740993',
  ),
);
const signed = fc
  .tuple(fc.constantFrom('', '', '-'), decimal)
  .map(([sign, text]) => (/^[-+ a-z]/i.test(text) || text === '' ? text : sign + text));

test('numbers are what Number() makes of them, bit by bit', async () => {
  const papa = jest.spyOn(Papa, 'parse');
  await fc.assert(
    fc.asyncProperty(fc.array(signed, { minLength: 1, maxLength: 200 }), async (texts) => {
      papa.mockClear();
      const text =
        lead('timestamp,close', (k) => `${1_600_000_000_000 + k},1`) +
        texts.map((cell, k) => `${1_700_000_000_000 + k},${cell}\n`).join('');
      const { columns } = await parse(text);
      const expected = texts.map((cell) => (/^\s*(nan|null|-)?\s*$/i.test(cell) ? Number.NaN : Number(cell)));
      expect(bitsOf(Float64Array.from(columns[1].slice(LEAD_ROWS)))).toBe(bitsOf(Float64Array.from(expected)));
      // Only the look at the header, which has a bound of lines.
      expect(papa.mock.calls.filter(([, config]) => !('preview' in (config ?? {})))).toEqual([]);
    }),
    { numRuns: Number(process.env.ATC_CSV_RUNS ?? 150) },
  );
  papa.mockRestore();
});

const cell = fc.oneof(
  { weight: 12, arbitrary: signed },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '1,2',
      'x',
      '0x10',
      'Infinity',
      '1_0',
      '7\r',
      'é',
      '"3"',
      '1 2',
      '-',
      '.',
      '--1',
      '1.2.3',
    ),
  },
);
const time = fc.oneof(
  { weight: 8, arbitrary: fc.nat(1e9).map((n) => `${1_600_000_000_000 + n}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '1700000000000.0',
      ' 1700000000000',
      '1e12',
      'soon',
      '',
      '-5',
      '17000000000000000000000',
    ),
  },
);
const symbol = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('BTC', 'ETH', 'A', 'B/C', 'BTC2') },
  { weight: 1, arbitrary: fc.constantFrom('', ' BTC', 'BTC ', 'Ä', '"BTC"', 'x'.repeat(300)) },
);
const line = fc.oneof(
  { weight: 20, arbitrary: fc.tuple(symbol, time, cell, cell).map((cells) => cells.join(',')) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\r', 'a,b', 'BTC,1700000000000,1,2,3', '#') },
);

async function outcome(text: string, size?: number): Promise<unknown> {
  try {
    const { columns, symbols, lines } = await parse(text, size);
    return [columns.map((column) => bitsOf(Float64Array.from(column))), symbols, lines];
  } catch (error) {
    const {
      code,
      message,
      line: at,
      column,
    } = error as { code: string; message: string; line: number; column: string };
    return { code, message, line: at, column };
  }
}

test('any mixture of lines gives the rows, or the error, that the general parser gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 30 }),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 40_000 }),
      async (lines, end, size) => {
        const header = 'symbol,timestamp,close,volume';
        const body = lines.map((one) => one + end).join('');
        const plain = lead(header, (k) => `BTC,${1_600_000_000_000 + k},1.5,2`) + body;
        // A space at the very end of the lead keeps its part, and the body with it, with the general parser.
        const general =
          lead(header, (k) => `${k === LEAD_ROWS - 1 ? 'BTC ' : 'BTC'},${1_600_000_000_000 + k},1.5,2`) + body;
        expect(await outcome(plain, size)).toEqual(await outcome(general));
      },
    ),
    { numRuns: Number(process.env.ATC_CSV_RUNS ?? 300) },
  );
});

const quoted = (arbitrary: fc.Arbitrary<string>) =>
  fc.tuple(fc.nat(3), arbitrary).map(([kind, text]) => (kind === 0 || text.includes('"') ? text : `"${text}"`));
const note = fc.constantFrom(
  ...['n', '', '"a,b"', '"two\nlines"', '"two\r\nlines"', '"say ""so"" "', '""', '"é"', 'é', '"open', 'a"b'],
  ...['"a"b', ' "a"'],
);
const quotedLine = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .tuple(quoted(symbol), quoted(time), quoted(signed), fc.oneof({ weight: 6, arbitrary: quoted(digits(4)) }, note))
      .map((cells) => cells.join(',')),
  },
  { weight: 1, arbitrary: fc.constantFrom('', '""', '"BTC","1700000000000"', '"BTC","1700000000000","1","n","3"') },
);

test('quoted cells give the rows and lines, or the refusal, that the general parser gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(quotedLine, { maxLength: 30 }),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 40_000 }),
      async (lines, end, size) => {
        const body = lines.map((one) => one + end).join('');
        const header = 'symbol,timestamp,close,note';
        const row = (name: string) => (k: number) =>
          `${k === LEAD_ROWS - 1 ? name : '"BTC"'},"${1_600_000_000_000 + k}","1.5","n"`;
        const plain = lead(header, row('"BTC"')) + body;
        const expected = await outcome(lead(header, row('"BTC "')) + body);
        const found = await outcome(plain, size);
        // Of two damaged lines the one is reported that comes to light first, which depends on the chunks.
        if (Array.isArray(expected)) expect(found).toEqual(expected);
        else expect(found).toMatchObject({ code: 'CORRUPT', line: expect.any(Number) });
      },
    ),
    { numRuns: Number(process.env.ATC_CSV_RUNS ?? 200) },
  );
});

test.each([
  ['2024-01-31', [0]],
  ['2024-01-31T09:30', [0]],
  ['2024-01-31 09:30:15', [0]],
  ['2024-01-31T09:30:15Z', [0]],
  ['2024-01-31T09:30:15.250+02:00', [0]],
  ['2024-01-31T09:30:15.250Z', [0]],
  ['2024-01-31 09:30:15.000000', [0]],
  ['2024-01-31 09:30:15+00:00', [0]],
  ['1700000000', []],
  ['1700000000000000', []],
  ['1700000000001000000', []],
])('times like %s are read from their bytes as by the parser of times', async (form, iso) => {
  const times = Array.from({ length: 3000 }, (_, k) => {
    if (iso.length === 0) return `${BigInt(form) + BigInt(k) * BigInt(10 ** (form.length - 10)) * 7n}`;
    const stamp = new Date(Date.UTC(2023, 10, 1) + k * 61_001_000).toISOString();
    return form
      .replace(/^[\d-]+/, stamp.slice(0, 10))
      .replace(/\d\d:\d\d(:\d\d)?(?=$|\.|Z)/, (clock) => stamp.slice(11, 11 + clock.length));
  });
  const { columns } = await parse(`time,close\n${times.map((one) => `${one},1\n`).join('')}`);
  const expected = times.map((one) =>
    iso.length === 0
      ? Number(BigInt(one.padEnd(19, '0').slice(0, 13)))
      : Date.parse(/Z|\+|^.{10}$/.test(one) ? one : `${one}Z`),
  );
  expect(columns[0]).toEqual(expected);
});

test('a line that never ends is refused before it fills the memory', async () => {
  const text = `timestamp,close\n1700000000000,${'1'.repeat(3 << 20)}`;
  await expect(parse(text)).rejects.toMatchObject({
    code: 'CORRUPT',
    message: expect.stringMatching(/longer than 1048576 bytes/),
  });
});

test('bytes that are no UTF-8 are refused wherever they are', async () => {
  const bytes = new TextEncoder().encode(lead('timestamp,close', (k) => `${1_600_000_000_000 + k},1`));
  for (const at of [3, 20, bytes.length - 3]) {
    const bad = bytes.slice();
    bad[at] = 0xff;
    const file = fileOf(bad);
    const read = async () => joined(parseCsv(file, contextOf(file)));
    await expect(read()).rejects.toMatchObject({ code: 'CORRUPT', message: expect.stringMatching(/not UTF-8/) });
  }
});
