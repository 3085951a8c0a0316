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
import { GROWTH } from '../../src/codec/growth/decoder.js';
import { ChunkReader } from '../../src/codec/numeric/chunk-reader.js';
import { NUMERIC } from '../../src/codec/numeric/decoder.js';
import { readHeader } from '../../src/codec/numeric/header.js';
import { CHUNK_INTEGERS } from '../../src/codec/numeric/wire.js';
import { compressDataFrame } from '../../src/codec/table-frame.js';
import { bytesOf, type Columns, type TypedArray } from '../../src/dtype.js';
import { candles, HOSTILE_DOUBLES, noise, randomBits } from './frame-samples.js';
import { marketTable } from './market-kinds.js';
import { compounded, returningIntegers, wordsThatReturn } from './word-arrays.js';

const root = path.resolve(import.meta.dirname, '../..');
/** Debian's python3-numpy belongs to the system interpreter. */
const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);

if (python === undefined) console.warn('skipped: no python3 with numpy (Debian: python3-numpy)');

const ROWS = 1500;

/** Every form, layout, predictor and stream between them. */
function everything(): Columns {
  const { timestamp, open, high, low, close, volume } = candles(ROWS);
  let ema = 0;
  let wilder = 0;
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
    average: value((_, i) => {
      let sum = 0;
      for (let k = Math.max(0, i - 27); k <= i; k++) sum += close[k];
      return sum / Math.min(28, i + 1);
    }),
    smoothed: value((_, i) => (ema = i === 0 ? close[0] : ema + (close[i] - ema) * (2 / 29))),
    smoothedOtherwise: value((_, i) => (wilder = i === 0 ? close[0] : wilder * (13 / 14) + close[i] / 14)),
    ramp: value((_, i) => i * i * 25),
    specials,
    noise: randomBits('float64', ROWS),
    steps: value((_, i) => Math.floor(i / 200)),
    constant: value(() => Number.NaN),
    int64: BigInt64Array.from(timestamp, (x, i) => BigInt(x) * 1_000_000n + BigInt(i % 3)),
    uint64: new BigUint64Array(ROWS).map((_, i) => 2n ** 64n - 1n - BigInt(i) ** 5n),
    int32: Int32Array.from(close, (x) => -x * 100),
    uint32: Uint32Array.from(close, (x) => 4_294_967_295 - x * 100),
    int16: Int16Array.from(close, (_, i) => ((i * 37) % 65_536) - 32_768),
    uint16: Uint16Array.from(close, (_, i) => (i * i) % 65_536),
    int8: Int8Array.from(close, (_, i) => (i % 256) - 128),
    uint8: Uint8Array.from(close, (_, i) => i % 17),
    float32: Float32Array.from(close),
    float32Bits: Float32Array.from(close, (_, i) => Math.sin(i / 30) * 50),
  };
}

(python === undefined ? test.skip : test)('reads frames of every level and algorithm', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'atc-python-'));
  try {
    const seen = new Set<string>();
    for (const [level, algorithm] of [...LEVELS.map((it) => [it, 'auto'] as const), [5, 'lz4'], [5, 'zlib']] as const) {
      for (const [table, columns] of Object.entries(tablesAt(level))) {
        const file = path.join(directory, `${table}-${algorithm}-${level}.atc`);
        const bytes = compressDataFrame(columns, { level: level as CompressionLevel, algorithm });
        writeFileSync(file, bytes);
        if (algorithm === 'auto' && level > 0) expect(numericShare(bytes)).toBeGreaterThan(0.8);
        for (const feature of featuresOf(bytes)) seen.add(feature);
        expectDigests(file, columns);
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
    input: `import sys; sys.path.insert(0, sys.argv[1] + '/examples'); import decode_frame\ntry: decode_frame.decode(bytes(${JSON.stringify([...bytes])}))\nexcept ValueError: sys.exit(7)`,
  });
  expect(status).toBe(7);
});

/** Word codecs are tried from level 5 on. */
function tablesAt(level: number): Record<string, Columns> {
  const tables = { everything: everything(), market: market() };
  return level === 5 || level === 9 ? { ...tables, words: words() } : tables;
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

/**
 * Candles that predict each other, a spread that stays, whole part plus fraction as some JSON parsers make it, round
 * lots.
 */
function market(): Columns {
  const columns = marketTable('FX, 5 decimals', ROWS, 3);
  const next = noise(5);
  let spread = 40;
  const ask = Float64Array.from(columns.close as Float64Array, (bid) => {
    spread += (next() >>> 31) - (next() >>> 31);
    return Math.round(bid * 1e5 + spread) / 1e5;
  });
  const split = Float64Array.from({ length: ROWS }, (_, i) => {
    let fraction = (next() >>> 8) % 100_000;
    let digits = 5;
    for (; fraction > 0 && fraction % 10 === 0; digits--) fraction /= 10;
    return (i % 2) + fraction * Number(`1e-${digits}`);
  });
  const lots = Float64Array.from(
    { length: ROWS },
    () => (1 + ((next() >>> 8) % 900)) * [1, 1000, 1_000_000][(next() >>> 8) % 3],
  );
  return { ...columns, ask, split, lots };
}

/** Compounded results of several arithmetics, and words that recur. */
function words(): Columns {
  const { close } = candles(ROWS);
  const ticks = close.map((x) => Math.round(x * 100));
  const table: Record<string, TypedArray> = { averages: wordsThatReturn(ROWS), identifiers: returningIntegers(ROWS) };
  table.quotients = compounded(ticks.map((p) => p / 100));
  table.differences = compounded(
    ticks.map((p) => p / 100),
    { gain: 'difference' },
  );
  table.multiplied = compounded(
    ticks.map((p) => p * 1e-6),
    { flat: 0 },
  );
  table.split = compounded(ticks.map(splitFraction));
  table.specials = compounded(ticks.map((p) => p / 100)).map((x, i) => (i % 300 === 7 ? HOSTILE_DOUBLES[i % 17] : x));
  return table;
}

/** As some JSON parsers read a decimal: its digits without trailing zeros times a power of ten. */
function splitFraction(ticks: number): number {
  let [fraction, digits] = [ticks, 8];
  for (; fraction > 0 && fraction % 10 === 0; digits--) fraction /= 10;
  return fraction * Number(`1e-${digits}`);
}

const LEVELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const EVERYTHING = [
  ...[0, 1, 2, 16, 17, 18].map((it) => `codec ${it}`),
  ...[0, 1, 2].map((it) => `kind ${it}`),
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((it) => `form ${it}`),
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((it) => `predictor ${it}`),
  ...[0, 1, 2, 3].map((it) => `layout ${it}`),
  ...[1, 2, 3].map((it) => `growth form ${it}`),
  ...[0, 1].map((it) => `growth gain ${it}`),
  ...['wide', 'narrow', 'zigzag', 'offset', 'ulps', 'exceptions', 'tick', 'base'],
];

/** What the chunks of a frame are made of. */
function* featuresOf(bytes: Uint8Array): Generator<string> {
  const frame = new FrameReader(memorySource(bytes));
  for (let column = 0; column < frame.columns.length; column++) {
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

function numericShare(bytes: Uint8Array): number {
  const { index } = new FrameReader(memorySource(bytes));
  return index.wireIds.filter((wireId) => wireId >= 16).length / index.wireIds.length;
}
