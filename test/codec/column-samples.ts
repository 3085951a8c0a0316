/**
 * What each codec of `src/codec/column-codecs.ts` is tested with: columns that it makes smaller. From one entry follow
 * the round trips, cuts and flipped bits of `column-codecs.test.ts`, the hostile chunks of
 * `test/fuzz/column-codecs.test.ts`, and, from its first column, the vector of `vectors` that every later version
 * has to read.
 */
import { createArray, type TypedArray } from '../../src/dtype.js';
import { candles, HOSTILE_DOUBLES, randomBits } from './frame-samples.js';
import { compounded, returningIntegers, wordsThatReturn } from './word-arrays.js';

const ROWS = 500;
const { close, volume } = candles(ROWS);
const text = new TextEncoder().encode(JSON.stringify(Array.from({ length: 20 }, (_, id) => ({ id, side: 'buy' }))));

/** Bit patterns that arithmetic would change, among the values. */
const withHoles = (values: Float64Array) =>
  values.map((x, i) => (i % 60 === 7 ? HOSTILE_DOUBLES[Math.floor(i / 60)] : x));

function steps(dtype: 'int16' | 'uint64', rows: number): TypedArray {
  const values = createArray(dtype, rows);
  for (let i = 0; i < rows; i++) values[i] = dtype === 'uint64' ? (BigInt(i >> 3) as never) : i >> 3;
  return values;
}

/** By name of the codec. The first column of an entry never changes: its vector is written once. */
export const COLUMN_SAMPLES: Readonly<Record<string, readonly TypedArray[]>> = {
  stored: [HOSTILE_DOUBLES, randomBits('uint8', 40), new BigInt64Array(3)],
  numeric: [withHoles(close), volume, Float32Array.from(close), steps('uint64', 90), new Float64Array(70).fill(-0)],
  growth: [withHoles(compounded(close)), compounded(close.subarray(0, 120), { gain: 'difference' })],
  repeats: [withHoles(wordsThatReturn(ROWS)), returningIntegers(200)],
  'shuffle+lz4': [steps('int16', 300), steps('uint64', 60), text],
  'shuffle+deflate': [text, steps('int16', 300), withHoles(close.subarray(0, 100))],
};
