import { cappedEncoder } from '../../src/codec/capped-encoder.js';
import type { Block, Chunk } from '../../src/codec/codec.js';

const values = new Float64Array(100);
const block: Block = {
  schema: ['a', 'b'].map((name) => ({ name, dtype: 'float64' })),
  rows: 100,
  columns: [values, values],
};
const chunk = (length: number): Chunk => ({ wireId: 40, refs: [], bytes: new Uint8Array(length) });

test('a joint encoder is left alone while every chunk is at most raw', () => {
  const chunks = [chunk(800), chunk(0)];
  expect(cappedEncoder(() => chunks)(block)).toBe(chunks);
});

test('one chunk above raw: the whole block is coded as bytes, since chunks may need each other', () => {
  const coded = cappedEncoder(() => [chunk(801), chunk(1)])(block);
  expect(coded.map(({ wireId }) => wireId)).toEqual([1, 1]);
  for (const { bytes } of coded) expect(bytes.length).toBeLessThan(50);
});
