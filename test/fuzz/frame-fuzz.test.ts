/**
 * Hostile frames: whatever the bytes, a reader answers or throws an AtcError; it never crashes, hangs, reads outside or
 * allocates an amount that a frame merely claimed. `ATC_FUZZ_CASES=1000000 ATC_FUZZ_SEED=7` runs as many as you like,
 * from any seed; a failure prints its case's seed.
 */
import { FrameReader } from '../../src/codec/frame-reader.js';
import { memorySource } from '../../src/codec/frame-source.js';
import { verifyFrame } from '../../src/codec/frame-verify.js';
import { provideNativeCompression } from '../../src/codec/natives.js';
import { decompressPrices } from '../../src/codec/prices.js';
import { decompressDataFrame } from '../../src/codec/table-frame.js';
import { bytesOf, type Columns } from '../../src/dtype.js';
import { isAtcError } from '../../src/errors.js';
import { loadNativeCompression } from '../../src/io/native-compression.js';
import { type Allocations, watchAllocations } from './allocations.js';
import { Dice, damage, forge, invent, seedFrames, takeApart } from './frame-cases.js';
import { forgeFrame } from './frame-forge.js';

const CASES = Number(process.env.ATC_FUZZ_CASES ?? 4000);
const FIRST_SEED = Number(process.env.ATC_FUZZ_SEED ?? 1);
const MAX_BYTES = 1 << 16;
/** A block of a legal frame may have 2^20 rows; nothing may be larger, however large the numbers in a frame are. */
const LARGEST_ALLOCATION = 2 ** 23;

const seeds = seedFrames();

/** The decoded bits, or the code of the error. Anything but an AtcError is a failure. */
function outcome(bytes: Uint8Array): string {
  try {
    const options = { maxBytes: MAX_BYTES };
    const frame = new FrameReader(memorySource(bytes));
    const columns: Columns =
      frame.kind === 'array' ? { '': decompressPrices(bytes, options) } : decompressDataFrame(bytes, options);
    return Object.entries(columns)
      .map(([name, values]) => `${name}:${Buffer.from(bytesOf(values)).toString('base64')}`)
      .join();
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  if (!isAtcError(error)) throw error;
  return error.code;
}

/** Everything else a reader offers; only AtcErrors may come out. */
function readAround(bytes: Uint8Array, dice: Dice): void {
  const attempts = [
    () => verifyFrame(memorySource(bytes)),
    () => {
      const frame = new FrameReader(memorySource(bytes));
      frame.rowAt(dice.below(50));
    },
    () => {
      const frame = new FrameReader(memorySource(bytes));
      const from = dice.below(frame.rows + 1);
      decompressDataFrame(bytes, { from, to: Math.min(frame.rows, from + dice.below(50)), maxBytes: MAX_BYTES });
    },
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (error) {
      codeOf(error);
    }
  }
}

let allocations: Allocations;

beforeAll(() => {
  allocations = watchAllocations();
});

afterAll(() => {
  allocations.restore();
  provideNativeCompression(loadNativeCompression);
});

test('the forger writes the frames that the writer writes: docs/format.md is enough', () => {
  for (const bytes of seeds) expect(Buffer.compare(forgeFrame(takeApart(bytes)), bytes)).toBe(0);
});

test(`${CASES} hostile frames`, () => {
  const counts: Record<string, number> = {};
  for (let i = 0; i < CASES; i++) {
    const seed = FIRST_SEED + i;
    const dice = new Dice(seed);
    const kind = dice.pick(['damaged', 'forged', 'forged', 'forged', 'invented'] as const);
    const original = dice.pick(seeds);
    const bytes =
      kind === 'damaged' ? damage(original, dice) : kind === 'forged' ? forge(original, dice) : invent(dice);
    try {
      allocations.largest = 0;
      provideNativeCompression(undefined);
      const plain = outcome(bytes);
      provideNativeCompression(loadNativeCompression);
      const native = outcome(bytes);
      readAround(bytes, dice);
      const verdict = /^[A-Z_]+$/.test(plain) ? plain : 'decoded';
      counts[`${kind} ${verdict}`] = (counts[`${kind} ${verdict}`] ?? 0) + 1;
      if (native !== plain) throw new Error(`natives: ${native.slice(0, 80)}, TypeScript: ${plain.slice(0, 80)}`);
      if (kind === 'damaged' && verdict === 'decoded') throw new Error('damage was not noticed');
      if (allocations.largest > LARGEST_ALLOCATION) throw new Error(`${allocations.largest} elements were allocated`);
    } catch (error) {
      throw new Error(`case ATC_FUZZ_SEED=${seed} (${kind}): ${(error as Error).stack}`);
    }
  }
  console.info(`${CASES} hostile frames from seed ${FIRST_SEED}:`, counts);
  // Checks the fuzzer: right checksums must let hostile bytes through to the decoders.
  expect(counts['forged CORRUPT']).toBeGreaterThan(CASES / 10);
  expect(counts['forged decoded']).toBeGreaterThan(0);
  expect(counts['damaged CORRUPT']).toBeGreaterThan(CASES / 10);
});
