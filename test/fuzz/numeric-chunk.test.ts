/**
 * Hostile chunks: mutated, cut, spliced and invented bytes straight into the numeric decoder, past the checksums that
 * would stop them in a frame. Whatever comes in, a decoder either fills the block or throws CORRUPT with an offset,
 * quickly, and writes nothing outside the arena's planes. `node test/fuzz/run.js --only numeric --cases 100000 --seed
 * 7` runs more.
 */
import { isAtcError } from '../../src/errors.js';
import type { Kernels } from '../../src/kernels/kernels.js';
import { ARENA_BYTES, INPUT, PLANE_B, SLOT_BYTES, SLOT_COUNT, SLOTS } from '../../src/kernels/offsets.js';
import { createReferenceKernels } from '../../src/kernels/reference/index.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';
import { noise } from '../codec/frame-samples.js';
import { type CodedBlock, decodeColumn, hexOf, readerOf } from '../codec/numeric-block.js';
import { watchAllocations } from './allocations.js';
import { Dice } from './frame-cases.js';
import { damageChunk, inventChunk, sampleBlocks } from './numeric-cases.js';

const CASES = Number(process.env.ATC_FUZZ_CASES ?? 3000);
const FIRST_SEED = Number(process.env.ATC_FUZZ_SEED ?? 1);
/** Largest request, in bytes or elements: the result of the longest block is 8,800 bytes. */
const LARGEST_ALLOCATION = 8800;

/** Bytes of the fixed fields a kernel reads before it looks where it is. */
const MOST_OVERREAD = 8;

const wasm = createWasmKernels()!;
const reference = createReferenceKernels();

/**
 * 'ok' with the bits, or the code of the error; anything but CORRUPT with an offset inside the chunk fails the test.
 */
function outcome(kernels: Kernels, block: CodedBlock, column: number): string {
  try {
    return `ok ${hexOf(decodeColumn(kernels, readerOf(block), column))}`;
  } catch (error) {
    if (!isAtcError(error, 'CORRUPT')) throw error;
    const { offset } = error;
    const most = Math.max(...block.chunks.map((chunk) => chunk?.bytes.length ?? 0));
    if (!(offset !== undefined && offset >= 0 && offset <= most)) throw new Error(`offset ${offset} of ${most} bytes`);
    return 'CORRUPT';
  }
}

/**
 * A block with one hostile chunk, and the column to decode from it; undefined where the dice hit a column that is
 * stored.
 */
function hostile(blocks: readonly CodedBlock[], dice: Dice): { block: CodedBlock; column: number } | undefined {
  const block = dice.pick(blocks);
  const column = dice.below(block.columns.length);
  const victim = dice.chance(3) ? (block.chunks[column]?.refs[0] ?? column) : column;
  const chunk = block.chunks[victim];
  if (chunk === undefined || block.chunks[column] === undefined) return undefined;
  const other = dice.pick(blocks).chunks.find((it) => it !== undefined)!;
  const invented = dice.chance(3);
  const bytes = invented ? inventChunk(dice, block.columns[0].length) : damageChunk(chunk.bytes, other.bytes, dice);
  const refs = dice.chance(20) ? [dice.below(block.columns.length)] : chunk.refs;
  const chunks = block.chunks.map((kept, k) => (k === victim ? { ...chunk, refs, bytes } : kept));
  if (refs.some((ref) => chunks[ref] === undefined)) return undefined;
  return { block: { columns: block.columns, chunks }, column };
}

test(`${CASES} hostile chunks decode or are CORRUPT, alike in both kernel sets`, () => {
  const blocks = sampleBlocks(wasm);
  const allocations = watchAllocations();
  const counts = { decoded: 0, corrupt: 0 };
  try {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const victim = hostile(blocks, new Dice(seed));
      if (victim === undefined) continue;
      try {
        allocations.largest = 0;
        const fast = outcome(wasm, victim.block, victim.column);
        const slow = outcome(reference, victim.block, victim.column);
        // Not expect: it takes longer than a case.
        if (slow !== fast) throw new Error(`WASM: ${fast.slice(0, 80)}, the reference: ${slow.slice(0, 80)}`);
        if (allocations.largest > LARGEST_ALLOCATION) throw new Error(`${allocations.largest} bytes were allocated`);
        counts[fast === 'CORRUPT' ? 'corrupt' : 'decoded']++;
      } catch (error) {
        throw new Error(`case ATC_FUZZ_SEED=${seed}: ${(error as Error).stack}`);
      }
    }
  } finally {
    allocations.restore();
  }
  console.info(`${CASES} hostile chunks from seed ${FIRST_SEED}:`, counts);
  // Both must happen, or the mutations miss the decoder.
  expect(counts.corrupt).toBeGreaterThan(CASES / 10);
  expect(counts.decoded).toBeGreaterThan(CASES / 100);
});

test('damage never reaches the memory behind the slots', () => {
  const guard = SLOTS + SLOT_COUNT * SLOT_BYTES;
  wasm.arena.u8.fill(0xa5, guard, ARENA_BYTES);
  const next = noise(FIRST_SEED);
  for (let i = 0; i < 500; i++) {
    const n = 1 + ((next() >>> 8) % 16_384);
    const length = (next() >>> 8) % 4096;
    for (let k = 0; k < length; k++) wasm.arena.u8[INPUT + k] = k < 40 && i % 2 ? next() >>> 30 : next() >>> 24;
    const wide = i % 3 === 0;
    for (const read of [wasm.unpack, wasm.untans]) {
      const end = read(INPUT, INPUT + length, PLANE_B, n, wide);
      // Where it refuses, the offset it returns may lie behind the end: a header was read across it, from the arena's
      // own bytes.
      expect(end).toBeLessThanOrEqual(INPUT + length);
      expect(-end).toBeLessThanOrEqual(INPUT + length + MOST_OVERREAD);
    }
  }
  expect(wasm.arena.u8.subarray(guard, ARENA_BYTES).every((byte) => byte === 0xa5)).toBe(true);
});
