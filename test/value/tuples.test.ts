/** Rows that are lists of numbers, as exchanges return candles and order books, are coded as columns. */
import { decodeValue, encodeValue, isAtcError, onMemoryEvent, withCompression } from 'atc-memory';
import { expectSame } from '../same-value.js';
import { forgeValue } from './forge.js';

const candle = (i: number) => [1_700_000_040_000 + i * 60_000, 1, 2, 0.5, 1 + (i % 7) / 100, i % 11];
const candles = Array.from({ length: 500 }, (_, i) => candle(i));
const versionOf = (value: unknown) => encodeValue(value)[4];
const list = (make: (i: number) => unknown, length = 64) => Array.from({ length }, (_, i) => make(i));

const TUPLES: Record<string, readonly unknown[]> = {
  candles,
  'as many as make columns': candles.slice(0, 32),
  'hostile numbers': list((i) => [i, [-0, Number.NaN, Infinity, -Infinity, 5e-324, 2 ** 53 + 2, 0.1][i % 7]]),
  'a volume that is missing at times': list((i) => [i, i / 3, i % 5 ? i : null]),
  'a volume that is always missing': list((i) => [i, i / 3, null]),
  'a value that is undefined at times': list((i) => [i, [undefined, null, -0][i % 3]]),
  'an order book': list((i) => [100 - i / 100, i % 9]),
  'tuples of one': list((i) => [i * 1.5]),
  'tuples of 31': list((i) => list((k) => i + k / 7, 31)),
  'integers beyond 32 bits': list((i) => [i - 32, 2 ** 40 + i, -(2 ** 31) - i]),
  'a frozen tuple': list((i) => Object.freeze([i, i])),
};

test.each(Object.entries(TUPLES))('%s are coded as tuples, restored exactly and as plain arrays', (_, value) => {
  expect(versionOf(value)).toBe(2);
  for (const level of [0, 5, 9]) {
    const back = decodeValue(encodeValue({ value }, { level })) as { value: unknown[][] };
    expectSame(back, { value });
    back.value[0].push(1);
    expect(back.value[1]).toHaveLength((value[1] as unknown[]).length);
  }
});

const OTHERS: Record<string, readonly unknown[]> = {
  'few rows': candles.slice(0, 31),
  'a row of another length': candles.map((row, i) => (i === 100 ? row.slice(1) : row)),
  'text in a row': candles.map((row, i) => (i === 100 ? [...row.slice(0, 5), '7'] : row)),
  'text in every row': candles.map((row) => row.map(String)),
  'a BigInt': candles.map((row, i) => (i === 0 ? [1n, ...row.slice(1)] : row)),
  'a list in a row': list((i) => [i, [i]]),
  'a row that is an object': list((i) => (i === 9 ? { 0: 1, 1: 2 } : [1, 2])),
  'a row with a hole': list((i) => (i === 9 ? Object.assign(new Array(2), { 0: 1 }) : [1, 2])),
  'rows of nothing': list(() => []),
  'rows of null': list(() => [null, undefined]),
  'long rows': list((i) => list((k) => i * k, 32)),
  'typed arrays': list((i) => Float64Array.of(i, 1)),
};

test.each(Object.entries(OTHERS))('%s: no tuples, version 1, restored exactly', (_, value) => {
  expect(versionOf(value)).toBe(1);
  expectSame(decodeValue(encodeValue(value)), value);
});

test.each<[string, unknown]>([
  ['properties of its own', Object.assign([1, 2], { note: 'x' })],
  ['a symbol', Object.assign([1, 2], { [Symbol('s')]: 1 })],
  ['a class of its own', new (class Row extends Array<number> {})(1, 2)],
])('a row with %s is refused as before, not stripped of it', (_, row) => {
  let error: unknown;
  try {
    encodeValue(list((i) => (i === 40 ? row : [1, 2])));
  } catch (thrown) {
    error = thrown;
  }
  expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
  expect((error as Error).message).toContain('value[40]');
});

test('candles as tuples take what they take as objects', () => {
  const objects = candles.map(([timestamp, open, high, low, close, volume]) => ({
    timestamp,
    open,
    high,
    low,
    close,
    volume,
  }));
  expect(encodeValue(candles).length).toBeLessThan(1.1 * encodeValue(objects).length);
});

test('maxBytes bounds the rows that tuples unfold to, not only their columns', () => {
  const rows = 100_000;
  const bytes = encodeValue(list(() => [7, 7], rows));
  expect(bytes.length).toBeLessThan(1000);
  // The columns take 1.6 MB, the rows 88 bytes each.
  expect(() => decodeValue(bytes, { maxBytes: 5e6 })).toThrow(/maxBytes/);
  expect(decodeValue(bytes, { maxBytes: 11e6 })).toHaveLength(rows);
});

test('a reader of version 1 refuses tuples by the version, and this one refuses them under version 1', () => {
  const bytes = encodeValue(candles);
  expect(bytes[4]).toBe(2);
  const node = JSON.stringify([{ $: ['a', 3, ['number', 3, 0, ['a']]] }]);
  expect(() => decodeValue(forgeValue(node))).toThrow(/tuples in a value of version 1/);
});

test.each(['bytes', 'text'] as const)(
  'a wrapped store (%s) returns tuples, and verify finds no difference',
  async (carrier) => {
    for (const mode of [true, 'verify'] as const) {
      const map = new Map<string, unknown>();
      const events: string[] = [];
      const stops = (['difference', 'verified'] as const).map((name) => onMemoryEvent(name, () => events.push(name)));
      const store = withCompression(
        {
          async get(key: string) {
            return map.get(key);
          },
          async set(key: string, value: unknown) {
            map.set(key, value);
          },
        },
        { mode, carrier, service: 'Tuples' },
      );
      await store.set('BTC', { rows: TUPLES['hostile numbers'], candles });
      expectSame(await store.get('BTC'), { rows: TUPLES['hostile numbers'], candles });
      for (const stop of stops) stop();
      if (mode === 'verify') expect(events).toContain('verified');
      expect(events).not.toContain('difference');
      const stored = map.get('BTC');
      if (mode === true) expect(typeof stored === 'string' ? 'text' : 'bytes').toBe(carrier);
    }
  },
);
