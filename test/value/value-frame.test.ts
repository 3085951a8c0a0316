import { decodeValue, encodeValue, isAtcError } from 'atc-memory';
import fc from 'fast-check';
import { expectSame } from '../same-value.js';

const bits = (...words: bigint[]) => new Float64Array(BigUint64Array.from(words).buffer);
const HOSTILE = bits(
  0x8000000000000000n, // -0
  0x7ff8000000000001n, // NaN with a payload
  0xfff8dead00000000n,
  0x7ff0000000000000n,
  0xfff0000000000000n,
  1n, // smallest subnormal
  0x4340000000000001n, // 2^53 + 2
);

function candles(count: number) {
  let close = 100;
  return Array.from({ length: count }, (_, i) => {
    const open = close;
    close = Math.round((close + Math.sin(i) / 3) * 100) / 100;
    return {
      timestamp: 1.6e12 + i * 60_000,
      open,
      high: Math.max(open, close) + 0.01,
      low: open - 0.25,
      close,
      volume: i * 7,
    };
  });
}

const shared = { once: [1, 2, 3] };
const VALUES: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  text: 'é\u0000\ud800 lone',
  numbers: [0, -0, Number.NaN, Infinity, -Infinity, 5e-324, 2 ** 53, 2 ** 53 + 2, -1.5, 1e21],
  'many numbers': Array.from({ length: 500 }, (_, i) => (i % 7 === 0 ? -0 : i / 3)),
  'numbers with gaps': Array.from({ length: 200 }, (_, i) =>
    i < 20 ? null : i < 30 ? undefined : i % 5 ? i : Number.NaN,
  ),
  booleans: Array.from({ length: 100 }, (_, i) => i % 3 === 0),
  bigints: [1n, -1n, 2n ** 63n, ...Array.from({ length: 50 }, (_, i) => BigInt(i) * 10n ** 17n)],
  'big bigints': Array.from({ length: 64 }, (_, i) => BigInt(i) ** 20n - 5n),
  dates: Array.from({ length: 64 }, (_, i) => new Date(i === 3 ? Number.NaN : i * 86_400_000)),
  words: Array.from({ length: 300 }, (_, i) => ['BUY', 'SELL', '', '\ud800'][i % 4]),
  'different words': Array.from({ length: 300 }, (_, i) => `order-${i}`),
  'undefined fields': { a: undefined, b: null, '': 1, z: 0, $: 'tag', '1': 'first' },
  'own __proto__': JSON.parse('{"__proto__": {"polluted": true}, "a": [1]}'),
  bare: Object.assign(Object.create(null), { a: 1, b: { c: 2 } }),
  map: new Map<unknown, unknown>([
    [{ key: 1 }, new Set([1, 'a', new Map()])],
    [-0, Number.NaN],
  ]),
  regexp: /a+(?<b>c)/giu,
  sparse: Object.assign([], { length: 5, 0: 1, 2: 3 }),
  'sparse and long': Object.assign([], { length: 4_000_000_000, 7: 'x', 3999999999: 'y' }),
  empty: [[], {}, '', new Map(), new Set(), new Float64Array(), Buffer.alloc(0)],
  hostile: HOSTILE,
  'hostile, long': new Float64Array(Array.from({ length: 50 }, () => [...HOSTILE]).flat()),
  bounds: new Float64Array(1000).fill(7).subarray(3, 40),
  'unaligned buffer': Buffer.from('0123456789'.repeat(40)).subarray(3, 304),
  binaries: {
    u8: Uint8Array.of(1, 2),
    buffer: Buffer.from('x'.repeat(500)),
    raw: new Uint8Array(500).fill(3).buffer,
    view: new DataView(new ArrayBuffer(300), 100, 150),
    clamped: new Uint8ClampedArray(200).fill(9),
    i64: BigInt64Array.from({ length: 40 }, (_, i) => (-BigInt(i)) ** 9n),
    f32: Float32Array.from({ length: 100 }, (_, i) => i / 3),
    i16: Int16Array.from({ length: 100 }, (_, i) => -i),
  },
  candles: candles(2000),
  'columns of numbers': { open: candles(500).map((c) => c.open), close: candles(500).map((c) => c.close), name: 'x' },
  rows: Array.from({ length: 100 }, (_, i) => ({
    id: `order-${i}`,
    side: i % 2 ? 'BUY' : 'SELL',
    at: new Date(i * 1000),
    price: i % 9 ? i / 7 : null,
    open: i % 2 === 0,
    tags: ['a', { b: i }],
    '': -0,
    '7': 1n,
  })),
  'rows of other keys': Array.from({ length: 100 }, (_, i) => (i === 50 ? { b: 1, a: 2 } : { a: 1, b: 2 })),
  'shared references': { a: shared, b: shared, list: [shared, shared.once], typed: [HOSTILE, HOSTILE] },
  deep: Array.from({ length: 450 }).reduce<unknown>((inner) => ({ inner }), 'end'),
};

test.each(Object.keys(VALUES))('%s is restored exactly', (name) => {
  for (const level of [0, 5]) expectSame(decodeValue(encodeValue(VALUES[name], { level })), VALUES[name]);
});

test.each([77, -1, 1.5, Number.NaN, '5'])('a level of %p is refused for the smallest value too', (level) => {
  const encode = () => encodeValue(1, { level: level as number });
  expect(encode).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining('0 (stored)') }));
});

test('a shared object is shared again, a view is restored with a buffer of its own', () => {
  const back = decodeValue(encodeValue(VALUES['shared references'])) as {
    a: unknown;
    b: unknown;
    list: unknown[];
    typed: unknown[];
  };
  expect(back.a).toBe(back.b);
  expect(back.list[0]).toBe(back.a);
  expect(back.list[1]).toBe((back.a as typeof shared).once);
  expect(back.typed[0]).toBe(back.typed[1]);
  const part = decodeValue(encodeValue(VALUES.bounds)) as Float64Array;
  expect(part.buffer.byteLength).toBe(37 * 8);
});

test('anything JSON-like and more is restored exactly', () => {
  const options = {
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
    key: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('$', '__proto__', 'toString', '0')),
    maxDepth: 4,
  };
  fc.assert(
    fc.property(fc.anything(options), (value) => {
      expectSame(decodeValue(encodeValue(value)), value);
    }),
    { numRuns: 1500 },
  );
});

class Order {
  constructor(readonly price: number) {}
}
const cycle: { list: unknown[] } = { list: [1] };
cycle.list.push({ back: cycle });

test.each<[string, unknown, string]>([
  ['a cycle', { a: cycle }, 'value.a.list[1].back is a reference to something it is part of (a cycle)'],
  ['a class instance', { orders: [new Order(1)] }, 'value.orders[0] is an instance of Order'],
  ['a class instance in rows', Array.from({ length: 40 }, () => ({ o: new Order(1) })), 'is an instance of Order'],
  ['a function', [() => 1], 'value[0] is a function'],
  ['a symbol', { s: Symbol('s') }, 'value.s is a symbol'],
  ['a symbol key', { [Symbol('s')]: 1 }, 'value is an object with symbols or hidden properties'],
  ['a hidden key', Object.defineProperty({}, 'a', { value: 1 }), 'hidden properties'],
  ['an array with properties', Object.assign([1], { note: 'x' }), 'an array with properties of its own'],
  ['an extended array', new (class Prices extends Array {})(), 'extends Array'],
  ['an extended typed array', new (class Prices extends Float64Array {})(3), 'an instance of Prices'],
  ['an extended map', new (class Book extends Map {})(), 'an instance of Book'],
  ['an extended date', new (class Day extends Date {})(), 'an instance of Day'],
  ['an error', new RangeError('x'), 'an instance of RangeError'],
  ['a promise', Promise.resolve(1), 'an instance of Promise'],
  ['a boxed number', Object(1), 'an instance of Number'],
  ['an object with a strange prototype', Object.create({ inherited: 1 }), 'an instance of'],
  ['shared memory', new Float64Array(new SharedArrayBuffer(800)), 'shared memory'],
  ['nesting without end', Array.from({ length: 3000 }).reduce<unknown>((inner) => [inner], 1), 'nested deeper than'],
])('%s is refused with its path', (_, value, message) => {
  let error: unknown;
  try {
    encodeValue(value);
  } catch (thrown) {
    error = thrown;
  }
  expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
  expect((error as Error).message).toContain(message);
});

test('candles take less than a fifth of their JSON', () => {
  const value = { symbol: 'BTCUSDT', candles: candles(10_000) };
  expect(encodeValue(value).length).toBeLessThan(JSON.stringify(value).length / 5);
});

describe('maxBytes bounds what small bytes may unfold to', () => {
  const million = 1_000_000;
  const bombs: Record<string, unknown> = {
    'a constant array': new Float64Array(million),
    'many constant arrays': Array.from({ length: 50 }, () => ({ x: new Float64Array(million / 50) })),
    'a long text': 'x'.repeat(8 * million),
    'a list of one number': new Array(million).fill(7),
    'equal rows': Array.from({ length: million / 5 }, () => ({ a: 1, b: 2 })),
    flags: new Array(million).fill(true),
  };
  test.each(Object.entries(bombs))('%s', (_, value) => {
    const bytes = encodeValue(value);
    expect(bytes.length).toBeLessThan(100_000);
    let error: unknown;
    try {
      decodeValue(bytes, { maxBytes: 7 * million });
    } catch (thrown) {
      error = thrown;
    }
    expect(isAtcError(error, 'ARGUMENT')).toBe(true);
    expect((error as Error).message).toContain('maxBytes');
    expectSame(decodeValue(bytes, { maxBytes: 40 * million }), value);
  });

  test('a limit that is no number is ARGUMENT', () => {
    expect(() => decodeValue(encodeValue(1), { maxBytes: Number.NaN })).toThrow(/maxBytes must be a number/);
  });

  test('a BigInt that would take seconds to read is not written', () => {
    expect(() => encodeValue({ big: 1n << 4_000_000n })).toThrow(/value.big is a BigInt of about a million digits/);
    expectSame(decodeValue(encodeValue(-(1n << 200_000n))), -(1n << 200_000n));
  });
});

describe('damage', () => {
  const bytes = encodeValue({ symbol: 'X', candles: candles(60), note: 'n'.repeat(200) });

  function codeOf(damaged: Uint8Array): string {
    try {
      decodeValue(damaged);
      return 'none';
    } catch (error) {
      return isAtcError(error) ? error.code : `not ours: ${String(error)}`;
    }
  }

  test('bytes cut at any length are CORRUPT', () => {
    for (let length = 0; length < bytes.length; length++) expect(codeOf(bytes.subarray(0, length))).toBe('CORRUPT');
  });

  test('a flipped bit is CORRUPT, or FORMAT_VERSION', () => {
    for (let i = 0; i < bytes.length; i++) {
      const flipped = bytes.slice();
      flipped[i] ^= 1 << (i % 8);
      expect(codeOf(flipped)).toMatch(/^(CORRUPT|FORMAT_VERSION)$/);
    }
  });

  test('a value that is no bytes is refused', () => {
    expect(codeOf('text' as unknown as Uint8Array)).toBe('ARGUMENT');
  });
});
