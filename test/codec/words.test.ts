/** Compounded results and words that recur: the same bits, few bytes, and nothing else is mistaken for them. */
import fc from 'fast-check';
import type { CompressionLevel } from '../../src/codec/codec.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { GROWTH } from '../../src/codec/growth/decoder.js';
import { growthPath } from '../../src/codec/growth/path.js';
import { denominatorOf } from '../../src/codec/growth/rational.js';
import { NUMERIC } from '../../src/codec/numeric/decoder.js';
import { compressPrices, decompressPrices } from '../../src/codec/prices.js';
import { REPEATS } from '../../src/codec/repeats/decoder.js';
import { isRepetitive } from '../../src/codec/repeats/encoder.js';
import { dtypeOf, type TypedArray } from '../../src/dtype.js';
import { createReferenceKernels } from '../../src/kernels/reference/index.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';
import { candles, HOSTILE_DOUBLES, randomBits } from './frame-samples.js';
import { doubles } from './numeric-arrays.js';
import { hexOf } from './numeric-block.js';
import { compounded, returningIntegers, wordsThatReturn } from './word-arrays.js';
import { decodeWords, encodeWords, type WordCodec, wordDecoder } from './word-chunks.js';

const reference = createReferenceKernels();
const wasm = createWasmKernels()!;
const ROWS = 5000;
const { close } = candles(ROWS);

function wireIdAt(values: TypedArray, level: number): { wireId: number; ratio: number } {
  const bytes = compressPrices(values, { level: level as CompressionLevel });
  expect(hexOf(decompressPrices(bytes))).toBe(hexOf(values));
  const { wireId } = new FrameReader(memorySource(bytes)).chunk(0, 0);
  return { wireId, ratio: values.byteLength / bytes.length };
}

/** Both kernel sets make the same bytes and read them back to the same bits; the bytes, if there are any. */
function expectSame(codec: WordCodec, values: TypedArray, level = 5): Uint8Array | undefined {
  const bytes = encodeWords(wasm, codec, values, level);
  const slow = encodeWords(reference, codec, values, level);
  expect(slow && Buffer.from(slow).toString('hex')).toBe(bytes && Buffer.from(bytes).toString('hex'));
  if (bytes === undefined) return undefined;
  for (const kernels of [wasm, reference]) {
    const back = decodeWords(wordDecoder(kernels, codec), bytes, dtypeOf(values)!, values.length);
    expect(hexOf(back)).toBe(hexOf(values));
  }
  return bytes;
}

describe('compounded results', () => {
  test.each([
    ['quotients', compounded(close)],
    ['differences', compounded(close, { gain: 'difference' })],
    ['always in the market', compounded(close, { flat: 0 })],
    ['out of it one row in five', compounded(close, { flat: 5 })],
    ['ticks of 0.25', compounded(close.map((x) => Math.round(x) / 4))],
    ['five decimals', compounded(close.map((x) => Math.round(x * 13.37) / 1e5))],
    ['an amount of money', compounded(close).map((x) => x * 4096)],
  ])('%s: a quarter of the bytes', (_, values) => {
    expect(expectSame('growth', values)!.length * 4).toBeLessThan(values.byteLength);
    expect(wireIdAt(values, 5).wireId).toBe(GROWTH.wireId);
    expect(wireIdAt(values, 9).wireId).toBe(GROWTH.wireId);
    expect(wireIdAt(values, 4).wireId).toBeLessThan(GROWTH.wireId);
  });

  test('the price path is found, up to a common factor', () => {
    const path = growthPath(compounded(close, { flat: 0 }))!;
    const factor = Math.round(close[ROWS - 1] * 100) / path.after[ROWS - 1];
    let wrong = 0;
    for (let i = 100; i < ROWS; i++) {
      if (path.after[i] !== 0 && Math.round(close[i] * 100) !== factor * path.after[i]) wrong++;
    }
    expect(Number.isInteger(factor)).toBe(true);
    expect(wrong).toBeLessThan(ROWS / 50);
  });

  test('hostile elements among them keep their bits', () => {
    const values = compounded(close).map((x, i) => (i % 200 < 2 ? HOSTILE_DOUBLES[i % HOSTILE_DOUBLES.length] : x));
    expect(expectSame('growth', values)!.length * 3).toBeLessThan(values.byteLength);
  });

  test('fees, subnormals and ruin keep their bits with any codec', () => {
    for (const values of [
      compounded(close, { fee: 1e-6 }),
      compounded(close).map((x) => x * 2 ** -1060),
      compounded(close).map((x) => x * 2 ** 1020),
      compounded(close.map((x, i) => (i % 997 === 3 ? 0 : x))),
    ]) {
      expectSame('growth', values);
      wireIdAt(values, 5);
    }
  });

  test('other columns are not encoded as growth', () => {
    const smooth = close.map((_, i) => 100 + Math.sin(i / 30));
    for (const values of [smooth, randomBits('float64', ROWS), new Float64Array(ROWS).fill(3), close.map(Math.log)]) {
      expect(growthPath(values as Float64Array)).toBeUndefined();
    }
    // Changes of prices are fractions of small numbers too, but prices are smaller as what they are.
    expect(wireIdAt(close, 5).wireId).toBe(NUMERIC.wireId);
  });

  test('the denominator behind a quotient is found', () => {
    expect([1 / 3, -22 / 7, 123_457 / 4_200_013, 0].map(denominatorOf)).toEqual([3, 7, 4_200_013, 1]);
    expect([Number.NaN, Number.POSITIVE_INFINITY, 2 ** -60].map(denominatorOf)).toEqual([0, 0, 1]);
    // Numbers that no small fraction stands for: a large one, or none.
    for (const x of [Math.PI - 3, Math.SQRT2, Math.E]) expect((denominatorOf(x) - 1) >>> 0).toBeGreaterThan(2 ** 24);
  });
});

describe('words that recur', () => {
  test.each([
    ['doubles', wordsThatReturn(ROWS), 1.5],
    ['int64', returningIntegers(ROWS), 1.5],
    ['uint64', new BigUint64Array(returningIntegers(ROWS).buffer), 1.5],
  ])('%s', (_, values, ratio) => {
    expect(isRepetitive(values)).toBe(true);
    expectSame('repeats', values);
    const found = wireIdAt(values, 5);
    expect(found.wireId).toBe(REPEATS.wireId);
    expect(found.ratio).toBeGreaterThan(ratio);
    expect(wireIdAt(values, 9).ratio).toBeGreaterThanOrEqual(found.ratio * 0.999);
  });

  test('a column of fewer words than the list holds keeps its bits', () => {
    expectSame(
      'repeats',
      Float64Array.from({ length: ROWS }, (_, i) => [Math.PI, -Math.E, 0, -0][((i * i) % 7) & 3]),
    );
    expectSame('repeats', new Float64Array(ROWS));
  });

  test('columns without recurring words are not encoded as repeats', () => {
    expect(isRepetitive(randomBits('float64', ROWS))).toBe(false);
    expect(isRepetitive(wordsThatReturn(63))).toBe(false);
    expect(isRepetitive(new Int32Array(ROWS))).toBe(false);
  });

  test('every distance of two words is encoded exactly', () => {
    const words = BigUint64Array.from({ length: 300 }, (_, i) => {
      const power = 1n << BigInt((i * 7) % 64);
      return BigInt.asUintN(64, [power, -power, power - 1n, -1n, 0n][i % 5]);
    });
    expectSame('repeats', words);
    expectSame('repeats', new Float64Array(words.buffer));
  });
});

test('a higher level is never larger', () => {
  const smooth = close.map((_, i) => 100 + Math.sin(i / 30));
  let sum = 0;
  // Averages of few ticks recur, and are quotients as well: several coders are near each other.
  const average = close.map(
    (x, i) => (sum += Math.round(x) - (i < 9 ? 0 : Math.round(close[i - 9]))) / Math.min(i + 1, 9),
  );
  for (const values of [compounded(close), wordsThatReturn(ROWS), returningIntegers(ROWS), smooth, average]) {
    const sizes = Array.from({ length: 10 }, (_, level) => {
      return compressPrices(values, { level: level as CompressionLevel }).length;
    });
    for (let level = 1; level < 10; level++) expect(sizes[level]).toBeLessThanOrEqual(sizes[level - 1] * 1.001);
  }
});

test('any doubles keep their bits as repeats and as growth', () => {
  fc.assert(
    fc.property(doubles, fc.constantFrom(5, 6, 9), (values, level) => {
      expectSame('repeats', values, level);
      expectSame('growth', values, level);
    }),
    { numRuns: Number(process.env.NUMERIC_RUNS ?? 120) },
  );
});

test('one row, a block, and a row more keep their bits', () => {
  for (const rows of [1, 64, 65, 16_384, 16_385]) {
    wireIdAt(wordsThatReturn(rows), 5);
    wireIdAt(compounded(candles(rows).close), 5);
  }
});

test('chunks of another dtype, with references or of too many rows are damage', () => {
  const bytes = { growth: expectSame('growth', compounded(close))!, repeats: expectSame('repeats', close)! };
  for (const codec of ['growth', 'repeats'] as const) {
    const decoder = wordDecoder(wasm, codec);
    for (const decode of [
      () => decodeWords(decoder, bytes[codec], 'float32', ROWS),
      () => decodeWords(decoder, bytes[codec], 'float64', ROWS, [0]),
      () => decodeWords(decoder, bytes[codec], 'float64', 16_385),
      () => decodeWords(decoder, bytes[codec], 'float64', ROWS - 1),
      () => decodeWords(decoder, new Uint8Array(1 << 19), 'float64', ROWS),
    ]) {
      expect(() => decode()).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
    }
  }
});
