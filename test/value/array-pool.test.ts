/** Values decoded into memory that is used again. */
import { ArrayPool, compressDataFrame, decodeValue, decompressDataFrame, encodeValue } from '../../src/index.js';
import { firstDifference } from '../../src/value/same-value.js';
import { candles } from '../codec/frame-samples.js';

const { timestamp, close } = candles(3000);
const value = (shift: number) => ({
  close: close.map((x) => x + shift),
  bytes: Buffer.from(close.buffer, 0, 800),
  view: new DataView(close.buffer, 8, 400),
  clamped: new Uint8ClampedArray(500).fill(7),
  raw: close.buffer.slice(0, 1600),
  words: BigInt64Array.from({ length: 200 }, (_, i) => BigInt(i) ** 3n),
  rows: Array.from({ length: 500 }, (_, i) => ({
    timestamp: timestamp[i],
    close: close[i] + shift,
    side: i % 2 ? 'buy' : 'sell',
  })),
});

test('a value from a pool is the value, and its arrays lie in the buffers of the pool', () => {
  const pool = new ArrayPool();
  const decoded = decodeValue(encodeValue(value(1)), { pool }) as ReturnType<typeof value>;
  expect(firstDifference(decoded, value(1))).toBeUndefined();
  expect(Buffer.isBuffer(decoded.bytes)).toBe(true);
  expect(decoded.close.buffer.byteLength).toBeGreaterThanOrEqual(decoded.close.byteLength);
  expect(pool.byteLength).toBeGreaterThan(decoded.close.byteLength);
});

test('after reset the next value has the same memory, and the pool does not grow', () => {
  const pool = new ArrayPool();
  const sizes: number[] = [];
  const buffers: unknown[] = [];
  for (let i = 0; i < 5; i++) {
    pool.reset();
    const decoded = decodeValue(encodeValue(value(i)), { pool }) as ReturnType<typeof value>;
    expect(firstDifference(decoded, value(i))).toBeUndefined();
    sizes.push(pool.byteLength);
    buffers.push(decoded.close.buffer);
  }
  expect(new Set(sizes).size).toBe(1);
  expect(new Set(buffers).size).toBeLessThanOrEqual(2);
});

test('a value that is no pool is ARGUMENT, not damage', () => {
  const bytes = encodeValue(value(1));
  for (const pool of [{}, null, 'pool']) {
    expect(() => decodeValue(bytes, { pool: pool as never })).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
  }
});

test('without reset values do not share memory', () => {
  const pool = new ArrayPool();
  const [one, two] = [1, 2].map((i) => decodeValue(encodeValue(value(i)), { pool }) as ReturnType<typeof value>);
  expect(firstDifference(one, value(1))).toBeUndefined();
  expect(firstDifference(two, value(2))).toBeUndefined();
  pool.reset();
  pool.clear();
  expect(pool.byteLength).toBe(0);
});

/** Bytes of array buffers that `work` allocates through the constructors, large ones alone. */
function allocatedBy(work: () => void): number {
  const globals = globalThis as unknown as Record<string, new (...args: unknown[]) => object>;
  const names = [
    'ArrayBuffer',
    'Float64Array',
    'Uint8Array',
    'Uint16Array',
    'Uint32Array',
    'Int32Array',
    'BigInt64Array',
  ];
  const originals = names.map((name) => globals[name]);
  let bytes = 0;
  names.forEach((name, i) => {
    globals[name] = new Proxy(originals[i], {
      construct(target, args, newTarget) {
        if (typeof args[0] === 'number' && args[0] >= 512) bytes += args[0];
        return Reflect.construct(target, args, newTarget);
      },
    });
  });
  try {
    work();
  } finally {
    names.forEach((name, i) => {
      globals[name] = originals[i];
    });
  }
  return bytes;
}

test('in steady state neither frames nor values allocate a buffer', () => {
  const frame = compressDataFrame({ timestamp, close });
  const into = { timestamp: new Float64Array(3000), close: new Float64Array(3000) };
  const pool = new ArrayPool();
  const numbers = encodeValue({ close, timestamp });
  const work = () => {
    decompressDataFrame(frame, { into });
    pool.reset();
    decodeValue(numbers, { pool });
  };
  work();
  expect(allocatedBy(work)).toBe(0);
  expect(allocatedBy(() => decompressDataFrame(frame))).toBeGreaterThan(0);
  expect(allocatedBy(() => decodeValue(numbers))).toBeGreaterThan(0);
});
