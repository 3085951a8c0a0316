/** Frames as they were first written, one for each wire id that came later than the format: every later version reads them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { decompressPrices } from '../../src/codec/prices.js';
import type { TypedArray } from '../../src/dtype.js';
import { candles, HOSTILE_DOUBLES } from './frame-samples.js';
import { hexOf } from './numeric-block.js';
import { compounded, wordsThatReturn } from './word-arrays.js';

const CORPUS = path.resolve('test/corpus/frames');
const ROWS = 500;
const withHoles = (values: Float64Array) => {
  return values.map((x, i) => (i % 60 === 7 ? HOSTILE_DOUBLES[Math.floor(i / 60)] : x));
};

/** By file: the wire id of its chunk and what it holds. Files are never written again. */
const FILES: Record<string, [wireId: number, values: TypedArray]> = {
  'growth-17.atc': [17, withHoles(compounded(candles(ROWS).close))],
  'repeats-18.atc': [18, withHoles(wordsThatReturn(ROWS))],
};

test('every file is known', () => expect(readdirSync(CORPUS).sort()).toEqual(Object.keys(FILES).sort()));

test.each(Object.entries(FILES))('%s', (name, [wireId, values]) => {
  const bytes = readFileSync(path.join(CORPUS, name));
  expect(new FrameReader(memorySource(bytes)).chunk(0, 0).wireId).toBe(wireId);
  expect(hexOf(decompressPrices(bytes))).toBe(hexOf(values));
});
