/** What a cache has to give back exactly. Every one of these is lost or changed by JSON. */
import { candles } from '../services/stores/sample-values.js';

function nanWithPayload(): Float64Array {
  const values = new Float64Array(40).fill(1.25);
  new BigUint64Array(values.buffer)[7] = 0x7ff4dead_beef0001n;
  return values;
}

const window = new Float64Array(1000).map((_, i) => i / 3).subarray(100, 400);

export const CACHE_VALUES: Readonly<Record<string, unknown>> = {
  null: null,
  'an empty text': '',
  'a text that looks like JSON of Keyv': '{"value":"x","expires":null}',
  'a text that begins with a colon': ':base64:aGk=',
  NaN: Number.NaN,
  'minus zero': -0,
  infinities: [Infinity, -Infinity],
  'edges of doubles': [5e-324, 2 ** 53 - 1, 2 ** 53 + 2, 1.7976931348623157e308],
  bigint: 2n ** 80n,
  date: new Date(1.6e12),
  'invalid date': new Date(Number.NaN),
  regexp: /a+b/gi,
  map: new Map<unknown, unknown>([
    ['a', 1],
    [{ key: 'object' }, new Set([1, 'x'])],
  ]),
  'typed array': Float64Array.from({ length: 500 }, (_, i) => Math.sqrt(i)),
  'bits of NaN': nanWithPayload(),
  'a window of a larger array': window,
  'an empty typed array': new Int32Array(0),
  int64: BigInt64Array.from([-1n, 2n ** 62n]),
  buffer: Buffer.from('bytes'),
  arraybuffer: Uint8Array.from([1, 2, 3]).buffer,
  dataview: new DataView(new ArrayBuffer(12), 4, 4),
  candles: candles(300),
  'candles with gaps': candles(100).map((row, i) => ({ ...row, volume: i % 7 === 0 ? undefined : row.volume })),
  'undefined in objects and arrays': { a: undefined, b: [undefined, null] },
  // biome-ignore lint/suspicious/noSparseArray: that is the point.
  'a sparse array': [1, , 3],
  'an object like an envelope': { value: 1 },
  'an object like an envelope with time': { value: 1, expires: 5 },
  'prototype names': JSON.parse('{"__proto__":{"x":1},"constructor":2,"hasOwnProperty":3}'),
  'no prototype': Object.assign(Object.create(null), { a: 1 }),
  'stats object': { sharpe: 1.25, trades: 12, equity: Float64Array.from([1, 1.1, 1.05]), note: 'é😀\ud800' },
};

/** Texts that file names, prototypes and normalisers trip over. */
export const HOSTILE_KEYS: readonly string[] = [
  '../../etc/passwd',
  '/etc/passwd',
  '..',
  '.',
  '',
  'C:\\windows\\system32',
  'a\0b',
  'CON',
  'x'.repeat(10_000),
  '🦄🚀',
  'é',
  'e\u0301',
  '\ud800',
  '\ud801',
  '\ufffd',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'valueOf',
  'toString',
  '%2e%2e%2f',
  'line\nbreak',
  'Case',
  'case',
];
