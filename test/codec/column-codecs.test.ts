/** What every codec of the list has to do, on the columns of `column-samples.ts`. */
import { readFileSync } from 'node:fs';
import type { CompressionLevel } from '../../src/codec/codec.js';
import { COLUMN_CODECS } from '../../src/codec/column-codecs.js';
import { encoderOf } from '../../src/codec/column-encoder.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { verifyFrame } from '../../src/codec/frame-verify.js';
import { compressPrices, decompressPrices } from '../../src/codec/prices.js';
import { createArray, dtypeOf, type TypedArray } from '../../src/dtype.js';
import { isAtcError } from '../../src/errors.js';
import { encodeColumn, frameOfChunk, levelsOf, outcome } from './column-chunks.js';
import { COLUMN_SAMPLES } from './column-samples.js';
import { hexOf } from './numeric-block.js';

const CODECS = COLUMN_CODECS.map((codec) => [codec.name, codec] as const);

function chosenAt(values: TypedArray, level: number): number {
  return new FrameReader(memorySource(compressPrices(values, { level: level as CompressionLevel }))).index.wireIds[0];
}

test('every codec has samples, and a wire id, a name and a section of docs/format.md of its own', () => {
  expect(Object.keys(COLUMN_SAMPLES).sort()).toEqual(COLUMN_CODECS.map(({ name }) => name).sort());
  expect(new Set(COLUMN_CODECS.map(({ wireId }) => wireId)).size).toBe(COLUMN_CODECS.length);
  const page = readFileSync('docs/format.md', 'utf8');
  const described = [...page.matchAll(/^\| (\d+) +\| (\S.*?) +\| /gm)].map(([, id, name]) => `${id} ${name}`);
  for (const { wireId, name } of COLUMN_CODECS) expect(described).toContain(`${wireId} ${name}`);
});

describe.each(CODECS)('%s', (name, codec) => {
  const samples = COLUMN_SAMPLES[name];
  const cases = samples.flatMap((values) => levelsOf(codec, values).map((level) => ({ values, level })));
  const chunks = cases.map(({ values, level }) => ({ values, bytes: encodeColumn(codec, values, level) }));

  test('gives back the same bits, and makes its samples smaller', () => {
    for (const { values, bytes } of chunks) {
      expect(outcome(codec, bytes, values)).toBe(hexOf(values));
      if (name !== 'stored') expect(bytes.length).toBeLessThan(values.byteLength);
    }
  });

  test('decodes some rows of a block to what all of them hold', () => {
    for (const { values, bytes } of chunks) {
      const frame = new FrameReader(memorySource(frameOfChunk(codec, bytes, values)));
      for (const [from, to] of [
        [0, 1],
        [1, values.length],
        [values.length >> 1, values.length - 1],
      ]) {
        const out = createArray(dtypeOf(values)!, to - from);
        frame.decodeRows([0], from, to, [out]);
        expect(hexOf(out)).toBe(hexOf(values.slice(from, to)));
      }
    }
  });

  test('a chunk cut at any length, or with a byte behind it, is CORRUPT', () => {
    for (const { values, bytes } of chunks) {
      for (let length = 0; length < bytes.length; length++) {
        if (outcome(codec, bytes.subarray(0, length), values) !== 'CORRUPT') throw new Error(`cut at ${length}`);
      }
      expect(outcome(codec, Uint8Array.from([...bytes, 0]), values)).toBe('CORRUPT');
    }
  });

  test('any flipped bit of a chunk decodes to something or is CORRUPT, of its frame it is CORRUPT', () => {
    const { values, bytes } = chunks[0];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      outcome(codec, damaged, values);
    }
    const frame = frameOfChunk(codec, bytes, values);
    verifyFrame(memorySource(frame));
    for (let bit = 0; bit < frame.length * 8; bit += 5) {
      const damaged = frame.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      let code: unknown;
      try {
        decompressPrices(damaged);
      } catch (error) {
        code = isAtcError(error) ? error.code : error;
      }
      expect([bit, code]).toEqual([bit, 'CORRUPT']);
    }
  });

  test('`auto` picks it for a sample at one of its levels, and never below', () => {
    const picked = samples.flatMap((values) =>
      Array.from({ length: 10 }, (_, level) => level).filter((level) => chosenAt(values, level) === codec.wireId),
    );
    if (picked.length === 0) throw new Error('at every level another codec makes every sample smaller, or as small');
    for (const values of samples) {
      const from = codec.fromLevel(dtypeOf(values)!);
      for (let level = 0; level < Math.min(from, 10); level++) expect(chosenAt(values, level)).not.toBe(codec.wireId);
    }
  });

  test('leaves a column alone that it does not make smaller', () => {
    for (const dtype of ['float64', 'uint8'] as const) {
      const one = createArray(dtype, 1);
      const bytes = encoderOf(codec)?.(one, { level: 9, below: one.byteLength });
      expect(bytes === undefined || bytes.length < one.byteLength).toBe(true);
      expect(encoderOf(codec)?.(createArray(dtype, 0), { level: 9, below: 0 })).toBeUndefined();
    }
  });
});
