/**
 * Frames as they were first written, one for each codec: every later version reads them. They are published
 * (docs/vectors), each beside its elements in hex, for authors of other readers. A vector is written once, by
 * `ATC_VECTORS=write npm test -- test/codec/corpus`, and never again.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { COLUMN_CODECS } from '../../src/codec/column-codecs.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { verifyFrame } from '../../src/codec/frame-verify.js';
import { createArray } from '../../src/dtype.js';
import { hexOf } from './numeric-block.js';
import { VECTORS, type Vector } from './vectors.js';

const FOLDER = path.resolve('docs/vectors');
const fileOf = (name: string, ending: string) => path.join(FOLDER, `${name}.${ending}`);

/** What stands beside a frame for readers in other languages. */
function descriptionOf(name: string, { about, columns }: Vector): string {
  const described = columns.map(({ name: column, dtype, values }) => ({
    name: column,
    dtype,
    elements: hexOf(values),
  }));
  return `${JSON.stringify({ name, about, columns: described }, undefined, 1)}\n`;
}

function writeMissing(name: string, vector: Vector): void {
  if (existsSync(fileOf(name, 'atc'))) return;
  if (process.env.ATC_VECTORS !== 'write')
    throw new Error(`${name}.atc is missing; a new one is written by ATC_VECTORS=write`);
  writeFileSync(fileOf(name, 'atc'), vector.write());
}

test('docs/vectors holds the known vectors and nothing else', () => {
  const names = Object.keys(VECTORS).flatMap((name) => [`${name}.atc`, `${name}.json`]);
  if (process.env.ATC_VECTORS !== 'write') expect(readdirSync(FOLDER).sort()).toEqual(names.sort());
});

test.each(Object.entries(VECTORS))('%s holds the same bits as when it was written', (name, vector) => {
  writeMissing(name, vector);
  const description = descriptionOf(name, vector);
  if (process.env.ATC_VECTORS === 'write') writeFileSync(fileOf(name, 'json'), description);
  expect(readFileSync(fileOf(name, 'json'), 'utf8')).toBe(description);
  const source = memorySource(readFileSync(fileOf(name, 'atc')));
  verifyFrame(source);
  const frame = new FrameReader(source);
  expect(frame.columns).toEqual(vector.columns.map(({ name: column, dtype }) => ({ name: column, dtype })));
  const decoded = vector.columns.map(({ dtype }) => createArray(dtype, frame.rows));
  frame.decodeRows(
    decoded.map((_, i) => i),
    0,
    frame.rows,
    decoded,
  );
  expect(decoded.map(hexOf)).toEqual(vector.columns.map(({ values }) => hexOf(values)));
  for (const wireId of vector.wireIds) expect([...frame.index.wireIds]).toContain(wireId);
});

test('every codec has a vector', () => {
  const covered = new Set(Object.values(VECTORS).flatMap(({ wireIds }) => wireIds));
  expect(COLUMN_CODECS.filter(({ wireId }) => !covered.has(wireId))).toEqual([]);
});
