/**
 * Hostile chunks: mutated, cut, spliced and invented bytes straight into the numeric decoder, past the checksums that would stop
 * them in a frame. Whatever comes in, a decoder either fills the block or throws CORRUPT with an offset, quickly, and writes
 * nothing outside the arena's planes. `FUZZ_CASES=100000 npm test -- --testPathPatterns=test/fuzz` runs more.
 */

import type { TypedArray } from '../../src/dtype.js';
import { isAtcError } from '../../src/errors.js';
import { ARENA_BYTES, INPUT, PLANE_B, SLOT_BYTES, SLOT_COUNT, SLOTS } from '../../src/kernels/arena.js';
import type { Kernels } from '../../src/kernels/kernels.js';
import { createReferenceKernels } from '../../src/kernels/reference/index.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';
import { candles, noise, randomBits } from '../codec/frame-samples.js';
import { type CodedBlock, decodeColumn, encodeBlock, hexOf, readerOf } from '../codec/numeric-block.js';

const CASES = Number(process.env.FUZZ_CASES ?? 3000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const ROWS = 300;

const wasm = createWasmKernels()!;
const reference = createReferenceKernels();

/** Blocks whose chunks use every form, layout and stream between them. */
function samples(): CodedBlock[] {
  const { timestamp, open, high, low, close, volume } = candles(ROWS);
  const long = close.map((x, i) => (i % 9 === 0 ? x + 0.00001 : Math.round(x)));
  const dirty = close.map((x) => x * 100 * 1e-8);
  const ulps = close.map((x, i) => (i % 5 === 0 ? x * (1 + 2 ** -52) : x));
  const lots = volume.map((x, i) => Math.round(x) * (i % 3 === 0 ? 1000 : 1) + (i % 3 === 1 ? 0.5 : 0));
  const smooth = close.map((_, i) => Math.sin(i / 20) * 100 + 1000);
  const holes = close.map((x, i) => (i % 40 === 0 ? Number.NaN : x));
  const steps = close.map((_, i) => Math.floor(i / 100));
  const mean = close.map((x, i) => (x + close[Math.max(0, i - 1)] + close[Math.max(0, i - 2)]) / 3);
  let ema = close[0];
  const smoothed = close.map((x) => (ema += (x - ema) * 0.1));
  const tables: TypedArray[][] = [
    [mean, smoothed],
    [timestamp, open, high, low, close, volume],
    [long, lots, dirty, ulps, smooth, holes, steps],
    [BigInt64Array.from(timestamp, BigInt), Int32Array.from(close, (x) => x * 100), Float32Array.from(close)],
    [randomBits('float64', ROWS), randomBits('float32', ROWS), new Float64Array(ROWS).fill(7)],
  ];
  return tables.flatMap((columns) => [2, 6, 9].map((level) => encodeBlock(wasm, columns, level)));
}

/** Damages a chunk: bit flips, bytes set, cut, grown, spliced with another, or all invented behind a plausible start. */
function mutate(bytes: Uint8Array, other: Uint8Array, next: () => number): Uint8Array {
  const pick = (limit: number) => (next() >>> 8) % Math.max(1, limit);
  let out = bytes.slice();
  for (let round = 1 + pick(3); round > 0; round--) {
    const at = pick(2) === 0 ? pick(Math.min(out.length, 24)) : pick(out.length);
    switch (pick(6)) {
      case 0:
        out[at] ^= 1 << pick(8);
        break;
      case 1:
        out[at] = [0, 1, 2, 127, 128, 255][pick(6)];
        break;
      case 2:
        out = out.slice(0, at);
        break;
      case 3:
        out = Uint8Array.from([...out, ...other.subarray(0, pick(other.length))]);
        break;
      case 4:
        out.set(other.subarray(0, pick(Math.min(out.length, other.length))), 0);
        break;
      default:
        for (let i = at; i < out.length; i++) out[i] = next() >>> 24;
    }
  }
  return out;
}

/** 'ok' with the bits, or the code of the error; anything but CORRUPT with an offset inside the chunk fails the test. */
function outcome(kernels: Kernels, block: CodedBlock, column: number): string {
  try {
    return `ok ${hexOf(decodeColumn(kernels, readerOf(block), column))}`;
  } catch (error) {
    if (!isAtcError(error, 'CORRUPT')) throw error;
    const { offset } = error;
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset).toBeLessThanOrEqual(Math.max(...block.chunks.map((chunk) => chunk?.bytes.length ?? 0)));
    return 'CORRUPT';
  }
}

test(`${CASES} damaged chunks decode or are CORRUPT, alike in both kernel sets`, () => {
  const blocks = samples();
  const next = noise(SEED);
  const pick = (limit: number) => (next() >>> 8) % limit;
  const counts = { ok: 0, corrupt: 0 };
  for (let i = 0; i < CASES; i++) {
    const block = blocks[pick(blocks.length)];
    const column = pick(block.columns.length);
    const victim = pick(3) === 0 ? (block.chunks[column]?.refs[0] ?? column) : column;
    const other = blocks[pick(blocks.length)].chunks.find((chunk) => chunk !== undefined)!;
    const chunk = block.chunks[victim];
    if (chunk === undefined || block.chunks[column] === undefined) continue;
    const refs = pick(20) === 0 ? [pick(block.columns.length)] : chunk.refs;
    const damaged = { ...chunk, refs, bytes: mutate(chunk.bytes, other.bytes, next) };
    const chunks = block.chunks.map((kept, k) => (k === victim ? damaged : kept));
    if (refs.some((ref) => chunks[ref] === undefined)) continue;
    const fast = outcome(wasm, { columns: block.columns, chunks }, column);
    const slow = outcome(reference, { columns: block.columns, chunks }, column);
    expect(slow === 'CORRUPT').toBe(fast === 'CORRUPT');
    counts[fast === 'CORRUPT' ? 'corrupt' : 'ok']++;
  }
  // Both must happen, or the mutations miss the decoder.
  expect(counts.corrupt).toBeGreaterThan(CASES / 10);
  expect(counts.ok).toBeGreaterThan(CASES / 100);
});

test('damage never reaches the memory behind the slots', () => {
  const guard = SLOTS + SLOT_COUNT * SLOT_BYTES;
  wasm.arena.u8.fill(0xa5, guard, ARENA_BYTES);
  const next = noise(SEED + 1);
  for (let i = 0; i < 500; i++) {
    const n = 1 + ((next() >>> 8) % 16_384);
    const length = (next() >>> 8) % 4096;
    for (let k = 0; k < length; k++) wasm.arena.u8[INPUT + k] = k < 40 && i % 2 ? next() >>> 30 : next() >>> 24;
    const wide = i % 3 === 0;
    for (const read of [wasm.unpack, wasm.untans]) {
      const end = read(INPUT, INPUT + length, PLANE_B, n, wide);
      expect(Math.abs(end)).toBeLessThanOrEqual(INPUT + length);
    }
  }
  expect(wasm.arena.u8.subarray(guard, ARENA_BYTES).every((byte) => byte === 0xa5)).toBe(true);
});
