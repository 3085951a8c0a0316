/**
 * Values as each version first wrote them: every later release reads them, and so does examples/decode_value.py. A file
 * is written once, by `ATC_VECTORS=write npm test -- test/value/corpus`, and never again.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeValue, encodeValue } from 'atc-memory';
import { expectSame } from '../same-value.js';
import { CORPUS } from './corpus-values.js';
import { forgeValue } from './forge.js';

const FOLDER = path.resolve('test/value/corpus');
const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);
if (python === undefined) console.warn('skipped: no python3 with numpy (Debian: python3-numpy)');
const withPython = python === undefined ? test.skip : test;

const fileOf = (name: string) => path.join(FOLDER, `${name}.value`);
if (process.env.ATC_VECTORS === 'write') {
  for (const [name, { value }] of Object.entries(CORPUS)) {
    if (!existsSync(fileOf(name))) writeFileSync(fileOf(name), encodeValue(value));
  }
}

/** What examples/decode_value.py reads, as a value: it prints a structure without sections. */
function readByPython(file: string): unknown {
  const text = execFileSync(python as string, [path.resolve('examples/decode_value.py'), file], { encoding: 'utf8' });
  return decodeValue(forgeValue(`[${text.trim()}]`));
}

test.each(Object.entries(CORPUS))(
  '%s is read as it was written, and written in that version',
  (name, { version, value }) => {
    const bytes = readFileSync(fileOf(name));
    expect([bytes[4], encodeValue(value)[4]]).toEqual([version, version]);
    expectSame(decodeValue(bytes), value);
  },
);

test('the corpus holds the known values only', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(CORPUS).map((name) => `${name}.value`));
});

withPython.each(Object.entries(CORPUS))('%s is read by examples/decode_value.py', (name, { value }) => {
  expectSame(readByPython(fileOf(name)), value);
});

withPython('examples/decode_value.py refuses tuples in version 1, a later version and a wrong checksum', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-value-'));
  try {
    const file = path.join(folder, 'value');
    const bytes = readFileSync(fileOf('version-2'));
    const damaged = Buffer.from(bytes);
    damaged[40] ^= 1;
    const later = Buffer.from(bytes);
    later[4] = 3;
    const early = forgeValue('[{"$":["a",1,["number",1,0,["a"]]]}]');
    for (const [wrong, message] of [
      [damaged, 'checksum'],
      [later, 'version 3'],
      [early, "tag 'a'"],
    ] as const) {
      writeFileSync(file, wrong);
      const { status, stderr } = spawnSync(python as string, [path.resolve('examples/decode_value.py'), file]);
      expect([status, String(stderr)]).toEqual([1, expect.stringContaining(`ValueError: ${message}`)]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
