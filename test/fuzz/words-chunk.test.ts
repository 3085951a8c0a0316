/**
 * Hostile chunks of the word codecs, past the checksums of a frame: growth and repeats. Whatever comes in, a decoder
 * either fills the block or throws CORRUPT with an offset, with small allocations, alike over both kernel sets.
 * `node test/fuzz/run.js --only words --cases 100000 --seed 7` runs more.
 */
import type { ChunkDecoder } from '../../src/codec/codec.js';
import { isAtcError } from '../../src/errors.js';
import { createReferenceKernels } from '../../src/kernels/reference/index.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';
import { candles, HOSTILE_DOUBLES, randomBits } from '../codec/frame-samples.js';
import { hexOf } from '../codec/numeric-block.js';
import { compounded, wordsThatReturn } from '../codec/word-arrays.js';
import { decodeWords, encodeWords, type WordCodec, wordDecoder } from '../codec/word-chunks.js';
import { watchAllocations } from './allocations.js';
import { Dice } from './frame-cases.js';
import { damageChunk, stream, varint } from './numeric-cases.js';

const CASES = Number(process.env.ATC_FUZZ_CASES ?? 3000);
const FIRST_SEED = Number(process.env.ATC_FUZZ_SEED ?? 1);
const ROWS = 300;
/** The result is 2,400 bytes. */
const LARGEST_ALLOCATION = 8800;

const wasm = createWasmKernels()!;
const reference = createReferenceKernels();

function samples(codec: WordCodec): Uint8Array[] {
  const { close } = candles(ROWS);
  const holes = compounded(close).map((x, i) => (i % 50 === 3 ? HOSTILE_DOUBLES[(i / 50) | 0] : x));
  const values =
    codec === 'growth'
      ? [
          compounded(close),
          compounded(close, { flat: 4, gain: 'difference' }),
          compounded(close.map(Math.round)),
          holes,
        ]
      : [wordsThatReturn(ROWS), holes, randomBits('float64', ROWS), new Float64Array(ROWS)];
  return values.flatMap((it) => [5, 9].map((level) => encodeWords(wasm, codec, it, level)!));
}

/** A chunk along the grammar of docs/format.md, with numbers no encoder would write. */
function invented(codec: WordCodec, dice: Dice): Uint8Array {
  const some = () => dice.below(ROWS + 2);
  if (codec === 'repeats') {
    const counts = [dice.below(ROWS), dice.below(dice.chance(4) ? ROWS : 20)];
    const symbols = [ROWS - counts[0] - counts[1], ...counts].map((count) => stream(dice, Math.max(0, count), false));
    const news = some();
    const bytes = [...symbols.flat(), ...stream(dice, news, false), ...stream(dice, news, true)];
    return Uint8Array.from([...counts.flatMap((count) => leb(count)), ...bytes]);
  }
  const rule = [dice.below(dice.chance(9) ? 256 : 16), dice.below(dice.chance(9) ? 256 : 16)];
  const numbers = dice.chance(3) ? [...varint(dice), ...varint(dice)] : [1, ...leb(dice.below(1 << 20))];
  // Kinds of row: one literal, then whatever a class table of small symbols gives.
  const kinds = stream(dice, ROWS, false);
  const streams = [0, 1, 2].map(() => stream(dice, some(), false));
  return Uint8Array.from([...rule, ...numbers, ...kinds, ...streams.flat(), ...dice.bytes(8 * dice.below(4))]);
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

function outcome(decoder: ChunkDecoder, bytes: Uint8Array): string {
  try {
    return `ok ${hexOf(decodeWords(decoder, bytes, 'float64', ROWS))}`;
  } catch (error) {
    if (!isAtcError(error, 'CORRUPT')) throw error;
    const { offset } = error;
    if (!(offset !== undefined && offset >= 0 && offset <= bytes.length)) throw new Error(`offset ${offset}`);
    return 'CORRUPT';
  }
}

test.each(['growth', 'repeats'] as const)(`%s: ${CASES} hostile chunks decode or are CORRUPT`, (codec) => {
  const whole = samples(codec);
  const decoders = [wasm, reference].map((kernels) => wordDecoder(kernels, codec));
  const allocations = watchAllocations();
  const counts = { decoded: 0, corrupt: 0 };
  try {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const dice = new Dice(seed);
      const isInvented = dice.chance(3);
      const bytes = isInvented ? invented(codec, dice) : damageChunk(dice.pick(whole), dice.pick(whole), dice);
      try {
        allocations.largest = 0;
        const [fast, slow] = decoders.map((decoder) => outcome(decoder, bytes));
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
  console.info(`${CASES} hostile ${codec} chunks from seed ${FIRST_SEED}:`, counts);
  expect(counts.corrupt).toBeGreaterThan(CASES / 10);
  expect(counts.decoded).toBeGreaterThan(CASES / 100);
});

test.each(['growth', 'repeats'] as const)('%s: cut at any length is CORRUPT', (codec) => {
  const decoder = wordDecoder(wasm, codec);
  for (const bytes of samples(codec)) {
    for (let length = 0; length < bytes.length; length++) {
      if (outcome(decoder, bytes.subarray(0, length)) !== 'CORRUPT')
        throw new Error(`${length} of ${bytes.length} bytes`);
    }
    expect(outcome(decoder, Uint8Array.from([...bytes, 0]))).toBe('CORRUPT');
  }
});
