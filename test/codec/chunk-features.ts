/** What the chunks of a frame are made of, so that a test can show that nothing was left out. */
import { COLUMN_CODECS } from '../../src/codec/column-codecs.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { GROWTH } from '../../src/codec/growth/decoder.js';
import { ChunkReader } from '../../src/codec/numeric/chunk-reader.js';
import { NUMERIC } from '../../src/codec/numeric/decoder.js';
import { readHeader } from '../../src/codec/numeric/header.js';
import { CHUNK_INTEGERS } from '../../src/codec/numeric/wire.js';

/** All that `featuresOf` may find, which an encoder can write. */
export const EVERYTHING = [
  ...COLUMN_CODECS.map(({ wireId }) => `codec ${wireId}`),
  ...[0, 1, 2].map((it) => `kind ${it}`),
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((it) => `form ${it}`),
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((it) => `predictor ${it}`),
  ...[0, 1, 2, 3].map((it) => `layout ${it}`),
  ...[1, 2, 3].map((it) => `growth form ${it}`),
  ...[0, 1].map((it) => `growth gain ${it}`),
  ...['wide', 'narrow', 'zigzag', 'offset', 'ulps', 'exceptions', 'tick', 'base'],
];

/** What the chunks of a frame are made of. */
export function* featuresOf(bytes: Uint8Array): Generator<string> {
  const frame = new FrameReader(memorySource(bytes));
  for (let column = 0; column < frame.columns.length && frame.blocks > 0; column++) {
    const chunk = frame.chunk(0, column);
    yield `codec ${chunk.wireId}`;
    if (chunk.wireId === GROWTH.wireId) yield* growthFeatures(chunk.bytes);
    if (chunk.wireId !== NUMERIC.wireId) continue;
    const reader = new ChunkReader(chunk.bytes);
    const kind = reader.byte();
    yield `kind ${kind}`;
    if (kind !== CHUNK_INTEGERS) continue;
    const { form, wide, start, layout, hasUlps, hasExceptions, tick, base } = readHeader(reader);
    yield `form ${form}`;
    yield `predictor ${start.kind}`;
    yield `layout ${layout}`;
    yield wide ? 'wide' : 'narrow';
    yield start.zigzag ? 'zigzag' : 'offset';
    if (hasUlps) yield 'ulps';
    if (hasExceptions) yield 'exceptions';
    if (tick !== 1n) yield 'tick';
    if (base !== 0n) yield 'base';
  }
}

/** How prices and gains of a growth chunk are computed; the digests tell the kinds of row apart. */
function* growthFeatures(bytes: Uint8Array): Generator<string> {
  yield `growth form ${bytes[0] & 7}`;
  yield `growth gain ${bytes[0] >> 3}`;
}
