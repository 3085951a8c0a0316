/**
 * The second decoder, examples/decode_frame.py, reads what we write: a file does not depend on this package being
 * alive.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CompressionLevel } from '../../src/codec/codec.js';
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { compressDataFrame } from '../../src/codec/table-frame.js';
import { bytesOf, type Columns } from '../../src/dtype.js';
import { EVERYTHING, featuresOf } from './chunk-features.js';
import { COLUMN_SAMPLES } from './column-samples.js';
import { everything, market, words } from './feature-tables.js';
import { candles } from './frame-samples.js';

const root = path.resolve(import.meta.dirname, '../..');
/** Debian's python3-numpy belongs to the system interpreter. */
const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);

if (python === undefined) console.warn('skipped: no python3 with numpy (Debian: python3-numpy)');

const ROWS = 1500;

(python === undefined ? test.skip : test)('reads frames of every level, algorithm and codec', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-python-'));
  try {
    const seen = new Set<string>();
    const read = (name: string, columns: Columns, bytes: Uint8Array) => {
      const file = path.join(directory, `${name}.atc`);
      writeFileSync(file, bytes);
      for (const feature of featuresOf(bytes)) seen.add(feature);
      expectDigests(file, columns);
    };
    for (const [codec, [column]] of Object.entries(COLUMN_SAMPLES)) {
      read(`sample-${codec}`, { column }, compressDataFrame({ column }, { level: 9 }));
    }
    for (const [level, algorithm] of [...LEVELS.map((it) => [it, 'auto'] as const), [5, 'lz4'], [5, 'zlib']] as const) {
      for (const [table, columns] of Object.entries(tablesAt(level))) {
        const bytes = compressDataFrame(columns, { level: level as CompressionLevel, algorithm });
        if (algorithm === 'auto' && level > 0) expect(numericShare(bytes)).toBeGreaterThan(0.8);
        read(`${table}-${algorithm}-${level}`, columns, bytes);
      }
    }
    // Whatever an encoder can write was there to be read.
    expect([...seen].sort()).toEqual([...EVERYTHING].sort());
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

(python === undefined ? test.skip : test)('damage is an error there too', () => {
  const bytes = compressDataFrame({ close: candles(ROWS).close });
  bytes[bytes.length >> 1] ^= 1;
  const { status } = spawnSync(python!, ['-', root], {
    input:
      "import sys; sys.path.insert(0, sys.argv[1] + '/examples'); import decode_frame\n" +
      `try: decode_frame.decode(bytes(${JSON.stringify([...bytes])}))\n` +
      'except ValueError: sys.exit(7)',
  });
  expect(status).toBe(7);
});

/** Word codecs are tried from level 5 on. */
function tablesAt(level: number): Record<string, Columns> {
  const tables = { everything: everything(ROWS), market: market(ROWS) };
  return level === 5 || level === 9 ? { ...tables, words: words(ROWS) } : tables;
}

/** What the second decoder makes of a file. */
function expectDigests(file: string, columns: Columns): void {
  const text = execFileSync(python!, [path.join(root, 'examples/decode_frame.py'), file], { encoding: 'utf8' });
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  const digests = Object.fromEntries(lines.map((it) => [it[0], it[3]]));
  for (const [name, values] of Object.entries(columns)) {
    expect([name, digests[name]]).toEqual([name, createHash('sha256').update(bytesOf(values)).digest('hex')]);
  }
}

const LEVELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

function numericShare(bytes: Uint8Array): number {
  const { index } = new FrameReader(memorySource(bytes));
  return index.wireIds.filter((wireId) => wireId >= 16).length / index.wireIds.length;
}
