/** What a cache is given in the suite: values that JSON loses, and keys that file names and prototypes trip over. */
import { encodeValue } from '../value/value-frame.js';

/** Candles with two decimals, an hour of minutes by default. */
export function candles(count = 60): object[] {
  return Array.from({ length: count }, (_, i) => {
    const close = 100 + ((i * 37) % 200) / 100;
    return {
      timestamp: 1.6e12 + i * 60_000,
      open: close - 0.25,
      high: close + 0.5,
      low: close - 0.5,
      close,
      volume: i * 7,
    };
  });
}

function nanWithPayload(): Float64Array {
  const values = new Float64Array(40).fill(1.25);
  new BigUint64Array(values.buffer)[7] = 0x7ff4dead_beef0001n;
  return values;
}

/** Built for each test: what a store does to a value must not reach another test. */
export const VALUES: Readonly<Record<string, () => unknown>> = {
  'a Date': () => new Date(1.6e12),
  'an invalid Date': () => new Date(Number.NaN),
  NaN: () => Number.NaN,
  'minus zero': () => -0,
  infinities: () => [Infinity, -Infinity],
  'edges of doubles': () => [5e-324, 2 ** 53 - 1, 2 ** 53 + 2, 1.7976931348623157e308],
  'a BigInt': () => 2n ** 80n,
  'a Map with object keys': () =>
    new Map<unknown, unknown>([
      ['a', 1],
      [{ key: 'object' }, new Set([1, 'x'])],
    ]),
  'a Set': () => new Set([1, 'a', Number.NaN]),
  'a RegExp': () => /a+b/gi,
  'a Float64Array': () => Float64Array.from({ length: 500 }, (_, i) => Math.sqrt(i)),
  'the payload of a NaN': nanWithPayload,
  'a window of a larger array': () => new Float64Array(1000).map((_, i) => i / 3).subarray(100, 400),
  'an empty typed array': () => new Int32Array(0),
  'a BigInt64Array': () => BigInt64Array.from([-1n, 2n ** 62n]),
  'a Buffer': () => Buffer.from('bytes'),
  'an ArrayBuffer': () => Uint8Array.from([1, 2, 3]).buffer,
  'undefined in objects and arrays': () => ({ a: undefined, b: [undefined, null] }),
  // biome-ignore lint/suspicious/noSparseArray: that is the point.
  'a sparse array': () => [1, , 3],
  'keys of prototypes': () => JSON.parse('{"__proto__":{"x":1},"constructor":2,"hasOwnProperty":3}'),
  'an object without a prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'a lone surrogate': () => ({ note: 'é😀\ud800' }),
  candles: () => candles(300),
  'candles with gaps': () => candles(100).map((row, i) => ({ ...row, volume: i % 7 === 0 ? undefined : i })),
};

/** What could be taken for an entry of ours; it has to be returned as it was put in. */
export const LOOKALIKES: Readonly<Record<string, () => unknown>> = {
  'bytes that are an encoded value': () => Buffer.from(encodeValue({ rows: candles() })),
  'bytes that begin like one': () => Buffer.concat([Buffer.from([0xd1, 0x41, 0x54, 0x56, 1, 1]), Buffer.alloc(600, 9)]),
  'text that begins like one': () => `atc-memory:1:0UFUVgEB${'not really '.repeat(60)}`,
  'text that is one': () => `atc-memory:1:${Buffer.from(encodeValue({ rows: candles() })).toString('base64')}`,
};

/** Each is another key. */
export const KEYS: readonly string[] = [
  ...['candles:BTC/USDT', 'candles:btc/usdt', '__proto__', 'constructor', 'toString', 'hasOwnProperty'],
  ...[
    '../../etc/passwd',
    '..',
    'C:\\windows',
    'CON',
    '%2e%2e',
    'a b',
    'é',
    'e\u0301',
    '🦄🚀',
    'x'.repeat(300),
    'x'.repeat(299),
  ],
];
