/** The second decoder, examples/decode_frame.py, reads what we write: a file does not depend on this package being alive. */
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
import { candles, HOSTILE_DOUBLES, randomBits } from './frame-samples.js';

const root = path.resolve(import.meta.dirname, '../..');
/** Debian's python3-numpy belongs to the system interpreter. */
const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);

if (python === undefined) console.warn('skipped: no python3 with numpy (Debian: python3-numpy)');

const ROWS = 1500;

/** Every form, layout, predictor and stream between them. */
function everything(): Columns {
  const { timestamp, open, high, low, close, volume } = candles(ROWS);
  const value = (f: (x: number, i: number) => number) => Float64Array.from(close, f);
  const specials = value((x, i) => (i % 50 < 2 ? HOSTILE_DOUBLES[(i % 50) + (Math.floor(i / 50) % 15)] : x));
  return {
    timestamp,
    open,
    high,
    low,
    close,
    volume,
    lots: value((_, i) => ((i * 7919) % 1000) * [1, 1000, 10][i % 3] + 0.5 * (i % 2)),
    long: value((x, i) => (i % 11 === 0 ? x + 0.00000123 : Math.round(x * 10) / 10)),
    multiplied: value((x) => Math.round(x * 100) * 1e-8),
    split: value((x) => Math.floor(x) + (Math.round(x * 1e5) % 1e5) * 1e-5),
    ulps: value((x, i) => (i % 7 === 0 ? x * (1 + 2 ** -52) : x)),
    single: value((x) => Math.fround(x)),
    smooth: value((_, i) => Math.sin(i / 30) * 50 + 400),
    ramp: value((_, i) => i * i * 25),
    specials,
    noise: randomBits('float64', ROWS),
    steps: value((_, i) => Math.floor(i / 200)),
    constant: value(() => Number.NaN),
    int64: BigInt64Array.from(timestamp, (x, i) => BigInt(x) * 1_000_000n + BigInt(i % 3)),
    uint64: new BigUint64Array(ROWS).map((_, i) => 2n ** 64n - 1n - BigInt(i) ** 5n),
    int32: Int32Array.from(close, (x) => -x * 100),
    uint8: Uint8Array.from(close, (_, i) => i % 17),
    float32: Float32Array.from(close),
    float32Bits: Float32Array.from(close, (_, i) => Math.sin(i / 30) * 50),
  };
}

(python === undefined ? test.skip : test)('reads frames of every level and algorithm', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-python-'));
  try {
    const columns = everything();
    for (const [level, algorithm] of [
      [2, 'auto'],
      [5, 'auto'],
      [9, 'auto'],
      [5, 'lz4'],
      [5, 'zlib'],
    ] as const) {
      const file = path.join(directory, `${algorithm}-${level}.atc`);
      const bytes = compressDataFrame(columns, { level: level as CompressionLevel, algorithm });
      writeFileSync(file, bytes);
      if (algorithm === 'auto') expect(numericShare(bytes)).toBeGreaterThan(0.8);
      const text = execFileSync(python!, [path.join(root, 'examples/decode_frame.py'), file], { encoding: 'utf8' });
      const digests = Object.fromEntries(
        text
          .trimEnd()
          .split('\n')
          .map((line) => line.split('\t'))
          .map((it) => [it[0], it[3]]),
      );
      for (const [name, values] of Object.entries(columns)) {
        expect([name, digests[name]]).toEqual([name, createHash('sha256').update(bytesOf(values)).digest('hex')]);
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

(python === undefined ? test.skip : test)('damage is an error there too', () => {
  const bytes = compressDataFrame({ close: candles(ROWS).close });
  bytes[bytes.length >> 1] ^= 1;
  const { status } = spawnSync(python!, ['-', root], {
    input: `import sys; sys.path.insert(0, sys.argv[1] + '/examples'); import decode_frame\ntry: decode_frame.decode(bytes(${JSON.stringify([...bytes])}))\nexcept ValueError: sys.exit(7)`,
  });
  expect(status).toBe(7);
});

function numericShare(bytes: Uint8Array): number {
  const { index } = new FrameReader(memorySource(bytes));
  return index.wireIds.filter((wireId) => wireId === 16).length / index.wireIds.length;
}
