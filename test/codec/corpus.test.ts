/**
 * Frames as they were first written: every later version reads them, or refuses them for the same reason. They are
 * published (vectors), each beside what it holds, for authors of other readers. A vector is written once, by
 * `ATC_VECTORS=write npm test -- test/codec/corpus`, and never again.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { COLUMN_CODECS } from '../../src/codec/column-codecs.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { verifyFrame } from '../../src/codec/frame-verify.js';
import { decompressPrices } from '../../src/codec/prices.js';
import { decompressDataFrame } from '../../src/codec/table-frame.js';
import { createArray } from '../../src/dtype.js';
import { isAtcError } from '../../src/errors.js';
import { EVERYTHING, featuresOf } from './chunk-features.js';
import { hexOf } from './numeric-block.js';
import { REFUSED } from './refused-vectors.js';
import { VECTORS, type Vector } from './vectors.js';

const FOLDER = path.resolve('vectors');
const isWriting = process.env.ATC_VECTORS === 'write';
const refused = Object.entries(REFUSED).map(([name, vector]) => [`refused-${name}`, vector] as const);
const fileOf = (name: string, ending: string) => path.join(FOLDER, `${name}.${ending}`);

/** What stands beside a frame for readers in other languages. */
function descriptionOf(name: string, { about, shape, columns }: Vector): string {
  const described = columns.map(({ name: column, dtype, values }) => ({
    name: column,
    dtype,
    elements: hexOf(values),
  }));
  return `${JSON.stringify({ name, about, shape, columns: described }, undefined, 1)}\n`;
}

/** The frame and the description of a vector; writes what is missing when that was asked for. */
function stored(name: string, write: () => Uint8Array, description: () => string): { bytes: Uint8Array; text: string } {
  if (isWriting) {
    if (!existsSync(fileOf(name, 'atc'))) writeFileSync(fileOf(name, 'atc'), write());
    if (!existsSync(fileOf(name, 'json'))) writeFileSync(fileOf(name, 'json'), description());
  } else if (!existsSync(fileOf(name, 'atc'))) {
    throw new Error(`vectors/${name}.atc is missing; ATC_VECTORS=write writes a new vector, restore an old one`);
  }
  return { bytes: readFileSync(fileOf(name, 'atc')), text: readFileSync(fileOf(name, 'json'), 'utf8') };
}

test.each(Object.entries(VECTORS))('%s is read to the bits that were written', (name, vector) => {
  const { bytes, text } = stored(name, vector.write, () => descriptionOf(name, vector));
  const expected = JSON.parse(text);
  const source = memorySource(bytes);
  verifyFrame(source);
  const frame = new FrameReader(source);
  const decoded = frame.columns.map(({ dtype }) => createArray(dtype, frame.rows));
  frame.decodeRows([...decoded.keys()], 0, frame.rows, decoded);
  const columns = frame.columns.map((column, i) => ({ ...column, elements: hexOf(decoded[i]) }));
  expect({ name, about: vector.about, shape: frame.index.shape, columns }).toEqual(expected);
  expect(columns.map((column) => column.name)).toEqual(vector.columns.map((column) => column.name));
  for (const wireId of vector.wireIds) expect([...frame.index.wireIds]).toContain(wireId);
});

test.each(refused)('%s is refused', (name, { about, code, because, write }) => {
  const { bytes, text } = stored(name, write, () => `${JSON.stringify({ name, about, refuse: code }, undefined, 1)}\n`);
  expect(JSON.parse(text)).toEqual({ name, about, refuse: code });
  const isTable = bytes[6] === 1;
  let error: unknown;
  try {
    if (isTable) decompressDataFrame(bytes);
    else decompressPrices(bytes);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code, message: expect.stringContaining(because) });
  expect(isAtcError(error)).toBe(true);
});

test('vectors holds the known vectors only', () => {
  const names = [...Object.keys(VECTORS), ...refused.map(([name]) => name)];
  const found = readdirSync(FOLDER, { withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(files.sort()).toEqual(names.flatMap((name) => [`${name}.atc`, `${name}.json`]).sort());
  // Folders of other kinds have tests of their own (test/vectors).
  const folders = found.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(folders.sort()).toEqual(['candles', 'datasets', 'values']);
});

test('the vectors use every codec, form, bit layout and predictor', () => {
  const seen = new Set<string>();
  for (const name of Object.keys(VECTORS))
    for (const one of featuresOf(readFileSync(fileOf(name, 'atc')))) seen.add(one);
  expect(EVERYTHING.filter((feature) => !seen.has(feature))).toEqual([]);
  expect(COLUMN_CODECS.filter(({ wireId }) => !seen.has(`codec ${wireId}`))).toEqual([]);
});

test('the annotated dump of docs/format.md is the vector `dump`', () => {
  const [, dump] = /^### A frame, byte by byte$.*?^```\n(.*?)^```/ms.exec(readFileSync('docs/format.md', 'utf8'))!;
  const hex = dump.split('\n').map((line) => /^((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: {2,}|$)/.exec(line)?.[1] ?? '');
  expect(hex.join('').replaceAll(' ', '')).toBe(readFileSync(fileOf('dump', 'atc')).toString('hex'));
});
