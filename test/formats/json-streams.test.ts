/** Streams of JSON: what is read by its template is what JSON.parse and the one reader of records give, bit by bit. */

import { parseJson } from '../../src/formats/json/json-text.js';
import { readJson } from '../../src/formats/json/read-json.js';
import { RecordReader } from '../../src/formats/json/record-reader.js';
import { contextOf, fileOf, joined, type Table } from './source-files.js';

let state = 1;
const random = (below: number) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const oneOf = <T>(...values: readonly T[]): T => values[random(values.length)];

/** Whether some values of the file are such that nobody can read it. */
let isDamaged = false;

/** A value as some program writes it; seldom one that only JSON.parse can read. */
function price(): string {
  const plain = `${random(90_000)}.${random(10_000)}`;
  if (random(40) > 0) return plain;
  if (isDamaged && random(50) === 0) {
    return oneOf('"\\u00e9"', 'true', '[1,2]', '{"x":1}', '01', '1.', '.5', '+5', '"x"', '-', '"1,104"');
  }
  return oneOf(
    ...['null', 'NaN', '-0', '0', '-0.0', '1e5', '1.25E-7', '5e-324', '123456789012345678', '0.1234567890123456789'],
    ...['"7.5"', '""', '"1,234.5"', '"8.25%"', '9007199254740993', '9223372036854775807', '179769313486231570000'],
    ...['-12.5', '1E400', '" 5 "', '"5\\u0030"'],
  );
}

function time(ms: number, kind: number): string {
  const iso = new Date(ms).toISOString();
  if (random(80) === 0)
    return oneOf(String(ms / 1000), `"${ms}"`, `"${iso.slice(0, 10)}"`, `${ms / 1000}.0`, `${ms}e0`);
  return [
    String(ms),
    String(ms / 1000),
    `"${iso}"`,
    `"${iso.slice(0, 19)}Z"`,
    `"${iso.slice(0, 19).replace('T', ' ')}"`,
    `"${ms}"`,
    `"${iso.slice(0, 19)}+00:00"`,
    `${ms}000000`,
  ][kind];
}

interface Style {
  readonly isTuple: boolean;
  readonly space: string;
  readonly kind: number;
  readonly symbols: readonly string[];
  readonly isNested: boolean;
}

function record(ms: number, { isTuple, space, kind, symbols, isNested }: Style): string {
  const numbers = [price(), price(), price(), price(), price()];
  if (isTuple) return `[${[time(ms, kind), ...numbers].join(`,${space}`)}]`;
  const [open, high, low, close, volume] = numbers;
  const prices: [string, string][] = [
    ['open', open],
    ['high', high],
    ['low', low],
    ['close', close],
  ];
  const fields: [string, string][] = [['t', time(ms, kind)]];
  if (symbols.length > 0) fields.push(['symbol', `"${symbols[random(symbols.length)]}"`]);
  if (isNested)
    fields.push(['mid', `{${prices.map(([name, value]) => `"${name}":${space}${value}`).join(`,${space}`)}}`]);
  else fields.push(...prices);
  fields.push(['volume', volume]);
  fields.push(['note', random(30) === 0 ? oneOf('"é"', '"a\\"b"', '[1,[2,"]"]]', 'null', '{"deep":{"x":[]}}') : '"n"']);
  if (random(60) === 0) fields.push(['extra', '1']);
  if (random(90) === 0) fields.splice(2 + random(fields.length - 2), 1);
  if (random(90) === 0) fields.reverse();
  return `{${fields.map(([name, value]) => `"${name}":${space}${value}`).join(`,${space}`)}}`;
}

/** What JSON.parse and the reader of records give of all records at once. */
async function reference(text: string, isLines: boolean, name: string, options: object): Promise<Table | string> {
  const file = fileOf(text, { name });
  try {
    const records = isLines
      ? text.split('\n').flatMap((line, k, all) => (k === all.length - 1 && line === '' ? [] : [lineValue(line)]))
      : (parseJson(text) as unknown[]);
    const batch = new RecordReader(file, contextOf(file, options), isLines ? 'line' : 'JSON row').read(records, 1);
    return await joined(
      (async function* () {
        if (batch !== undefined) yield batch;
      })(),
    );
  } catch (error) {
    return (error as Error).message;
  }
}

const lineValue = (line: string) => (line.trim() === '' ? null : parseJson(line));

async function streamed(text: string, name: string, size: number, options: object): Promise<Table | string> {
  const file = fileOf(text, { name, size });
  try {
    return await joined(readJson(file, contextOf(file, options)));
  } catch (error) {
    return (error as Error).message;
  }
}

test('random records of many shapes, cut anywhere, are read as JSON.parse reads them', async () => {
  let [read, refused] = [0, 0];
  for (let round = 0; round < 90; round += 1) {
    state = round + 1;
    isDamaged = round % 4 === 0;
    const style: Style = {
      isTuple: random(3) === 0,
      space: oneOf('', ' '),
      kind: random(8),
      symbols: random(3) === 0 ? ['BTC', 'ETH', 'x-1'] : [],
      isNested: random(3) === 0,
    };
    const isLines = random(2) === 0;
    const rows = Array.from({ length: oneOf(1, 5, 700, 2500) }, (_, k) =>
      record(1_706_655_600_000 + 60_000 * k, style),
    );
    const between = isLines ? oneOf('\n', '\r\n', '\n\n') : oneOf(',', ', ', ',\n  ');
    const text = isLines
      ? `${rows.join(between)}${oneOf('', '\n')}`
      : `${oneOf('', ' ', '\ufeff')}[${rows.join(between)}]\n`;
    const options = style.isTuple ? { as: 'ohlcv' } : {};
    const name = isLines ? 'x.ndjson' : 'x.json';
    const expected = await reference(text.replace('\ufeff', ''), isLines && rows.length > 1, name, options);
    const found = await streamed(text, name, oneOf(997, 5000, 20_000, 1 << 20), options);
    if (typeof expected === 'string') {
      refused += 1;
      expect([round, typeof found]).toEqual([round, 'string']);
    } else {
      read += 1;
      expect([round, found]).toEqual([round, expected]);
    }
  }
  expect(read).toBeGreaterThan(55);
  expect(refused).toBeGreaterThan(8);
});

test('local times of an hour that comes twice are distinguished, also where JSON.parse reads some', async () => {
  const start = Date.UTC(2024, 9, 27, 0, 0);
  const rows = Array.from({ length: 240 }, (_, k) => {
    const local = new Date(start + 60_000 * k + (k < 60 ? 7_200_000 : 3_600_000)).toISOString().slice(0, 19);
    return `{"time":"${local.replace('T', ' ')}","close":${k % 7 === 3 ? '1e0' : k % 11 === 5 ? '"\\u0031"' : '1.5'}}`;
  });
  const file = fileOf(`${rows.join('\n')}\n`, { name: 'x.ndjson', size: 300 });
  const { columns } = await joined(readJson(file, contextOf(file, { timezone: 'Europe/Berlin' })));
  expect(columns[0]).toEqual(rows.map((_, k) => start + 60_000 * k));
});

test('arrays that are cut short, followed by something, or no JSON are refused with the record', async () => {
  const rows = Array.from({ length: 3000 }, (_, k) => `[${1_706_655_600_000 + 60_000 * k},1,2,1,2,5]`);
  const text = `[${rows.join(',')}]`;
  const read = (given: string) => streamed(given, 'x.json', 999, { as: 'ohlcv' });
  expect(await read(text.slice(0, -1))).toMatch(/the file ends inside its array/);
  expect(await read(text.slice(0, -20))).toMatch(/the file ends inside its array/);
  expect(await read(`${text} x`)).toMatch(/something behind the end of the array/);
  expect(await read(`${text}${' '.repeat(600_000)}`)).toMatchObject({ names: expect.anything() });
  expect(
    await read(`[${[...rows.slice(0, 2500), '[1706805600000,1,2,x,2,5]', ...rows.slice(2501)].join(',')}]`),
  ).toMatch(/x.json: JSON row \d+: this record or one soon after it is not JSON/);
  expect(await read(`[${[...rows.slice(0, 2500), '[1706805600000,1,2,"x",2,5]'].join(',')}]`)).toMatch(
    /x.json: JSON row 2501, column "low": "x" is not a number/,
  );
});
