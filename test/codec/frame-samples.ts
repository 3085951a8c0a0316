import { ByteWriter } from '../../src/codec/byte-stream.js';
import type { FrameSource } from '../../src/codec/frame-source.js';
import { FrameWriter, type FrameWriterOptions } from '../../src/codec/frame-writer.js';
import { bytesOf, type Columns, createArray, DTYPES, type Dtype, dtypeOf, type TypedArray } from '../../src/dtype.js';

/** Doubles by their bits: what a decimal or arithmetic path would change. */
export const HOSTILE_DOUBLES = new Float64Array(
  BigUint64Array.of(
    0x0000000000000000n, // 0
    0x8000000000000000n, // -0
    0x7ff8000000000000n, // NaN as V8 writes it
    0x7ff8dead0000beefn, // quiet NaN with a payload
    0xfff8000000000001n, // negative NaN
    0x7ff0000000000001n, // signalling NaN
    0x7ff0000000000000n, // Infinity
    0xfff0000000000000n, // -Infinity
    0x0000000000000001n, // smallest subnormal
    0x800fffffffffffffn, // largest negative subnormal
    0x0010000000000000n, // smallest normal
    0x7fefffffffffffffn, // largest
    0x433fffffffffffffn, // 2^53 - 1
    0x4340000000000000n, // 2^53
    0x4340000000000001n, // 2^53 + 2: the double after it
    0x3fb999999999999an, // 0.1
    0x3f0bf1f9f0b0c5e1n, // an ulp off a short decimal
  ).buffer,
);

/** Deterministic 32-bit numbers, so that a failure repeats. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
}

/** Any dtype, filled with random bytes: every bit pattern is a value. */
export function randomBits(dtype: Dtype, length: number, seed = 1): TypedArray {
  const values = createArray(dtype, length);
  const next = noise(seed);
  const bytes = bytesOf(values);
  for (let i = 0; i < bytes.length; i++) bytes[i] = next() >>> 24;
  return values;
}

/** Candles that look like candles: a walk in ticks of 0.01, one a minute. */
export function candles(rows: number, seed = 7) {
  const next = noise(seed);
  const columns = {
    timestamp: new Float64Array(rows),
    open: new Float64Array(rows),
    high: new Float64Array(rows),
    low: new Float64Array(rows),
    close: new Float64Array(rows),
    volume: new Float64Array(rows),
  };
  let price = 1_000_000;
  for (let i = 0; i < rows; i++) {
    const close = price + ((next() >>> 24) - 128);
    columns.timestamp[i] = 1_600_000_000_000 + i * 60_000;
    columns.open[i] = price / 100;
    columns.high[i] = (Math.max(price, close) + (next() >>> 27)) / 100;
    columns.low[i] = (Math.min(price, close) - (next() >>> 27)) / 100;
    columns.close[i] = close / 100;
    columns.volume[i] = (next() >>> 12) / 1000;
    price = close;
  }
  return columns;
}

/** One column of every dtype. */
export function everyDtype(rows: number): Columns {
  return Object.fromEntries(DTYPES.map((dtype, i) => [dtype, randomBits(dtype, rows, i + 1)]));
}

/** Equal dtype, length and bits. */
export function expectSameBits(actual: TypedArray, expected: TypedArray): void {
  expect(Object.prototype.toString.call(actual)).toBe(Object.prototype.toString.call(expected));
  expect(actual.length).toBe(expected.length);
  expect(Buffer.compare(bytesOf(actual), bytesOf(expected))).toBe(0);
}

export function expectSameColumns(actual: Columns, expected: Columns): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const name of Object.keys(expected)) expectSameBits(actual[name], expected[name]);
}

/** The frame of a table, or of an array for the one column '', written through a writer with its options. */
export function inBlocks(columns: Columns, options: FrameWriterOptions): Uint8Array {
  const out = new ByteWriter();
  const schema = Object.entries(columns).map(([name, values]) => ({ name, dtype: dtypeOf(values) as Dtype }));
  const kind = '' in columns ? 'array' : 'table';
  const writer = new FrameWriter((bytes) => out.bytes(bytes), { kind, columns: schema }, options);
  writer.write(Object.values(columns));
  writer.finish();
  return out.toBytes();
}

/** Memory that counts what is read of it. */
export function countingSource(bytes: Uint8Array): FrameSource & { reads: Array<[offset: number, length: number]> } {
  const reads: Array<[number, number]> = [];
  return {
    path: 'counted.atc',
    byteLength: bytes.length,
    reads,
    read(offset, length) {
      reads.push([offset, length]);
      return bytes.subarray(offset, offset + length);
    },
  };
}
