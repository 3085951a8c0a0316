import { SHUFFLE_DEFLATE, SHUFFLE_LZ4, STORED } from '../../src/codec/byte-codecs.js';
import type { CompressionAlgorithm } from '../../src/codec/codec.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { NUMERIC } from '../../src/codec/numeric/decoder.js';
import type { TypedArray } from '../../src/dtype.js';
import { compressPrices } from '../../src/index.js';
import { candles, randomBits } from './frame-samples.js';

const { close } = candles(5000);
const text = new TextEncoder().encode(
  JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, side: 'buy', status: id % 3 ? 'open' : 'closed' }))),
);

/** Wire ids of the chunks of an array. */
function codecs(values: TypedArray, level: number, algorithm: CompressionAlgorithm = 'auto'): number[] {
  return [...new FrameReader(memorySource(compressPrices(values, { level, algorithm }))).index.wireIds];
}

test('level 0 stores, whatever the algorithm', () => {
  for (const algorithm of ['auto', 'lz4', 'zlib'] as const)
    expect(codecs(close, 0, algorithm)).toEqual([STORED.wireId]);
});

test('an algorithm that is asked for is the one that is used, or none', () => {
  expect(codecs(close, 5, 'lz4')).toEqual([SHUFFLE_LZ4.wireId]);
  expect(codecs(close, 5, 'zlib')).toEqual([SHUFFLE_DEFLATE.wireId]);
  for (const algorithm of ['lz4', 'zlib'] as const) {
    expect(codecs(randomBits('uint8', 500), 9, algorithm)).toEqual([STORED.wireId]);
  }
});

test('auto: numbers go to the numeric codec, text to LZ4, from the default level on to deflate', () => {
  for (const level of [1, 5, 9]) expect(codecs(close, level)).toEqual([NUMERIC.wireId]);
  expect(codecs(text, 4)).toEqual([SHUFFLE_LZ4.wireId]);
  expect(codecs(text, 5)).toEqual([SHUFFLE_DEFLATE.wireId]);
  expect(codecs(randomBits('float64', 500), 9)).toEqual([STORED.wireId]);
});

test('a higher level is not larger', () => {
  for (const values of [close, text]) {
    const sizes = [0, 1, 4, 5, 9].map((level) => compressPrices(values, { level }).length);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  }
});
