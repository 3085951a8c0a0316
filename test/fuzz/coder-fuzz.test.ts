/**
 * Hostile blocks straight into the general coders: the native and the TypeScript decoder must give the same answer, or
 * none.
 */
import { deflateDecode } from '../../src/codec/deflate.js';
import { deflateEncode } from '../../src/codec/deflate-encode.js';
import { lz4Decode } from '../../src/codec/lz4-decode.js';
import { lz4Encode } from '../../src/codec/lz4-encode.js';
import { provideNativeCompression } from '../../src/codec/natives.js';
import { isAtcError } from '../../src/errors.js';
import { loadNativeCompression } from '../../src/io/native-compression.js';
import { noise } from '../codec/frame-samples.js';
import { Dice, damage } from './frame-cases.js';

const CASES = Number(process.env.ATC_FUZZ_CASES ?? 2000);
const FIRST_SEED = Number(process.env.ATC_FUZZ_SEED ?? 1);
const natives = loadNativeCompression();

afterAll(() => provideNativeCompression(loadNativeCompression));

/** Bytes with matches of many lengths and distances. */
function sample(dice: Dice): Uint8Array {
  const next = noise(dice.below(1 << 30));
  const alphabet = 1 << dice.below(9);
  const period = 1 + dice.below(60);
  return Uint8Array.from(
    { length: dice.below(400) },
    (_, i) => (dice.chance(3) ? i % period : next() >>> 8) % alphabet,
  );
}

type Decode = (block: Uint8Array, length: number) => Uint8Array;

const coders: Record<
  string,
  { encode: (bytes: Uint8Array, target: Uint8Array) => number; plain: Decode; native?: Decode }
> = {
  LZ4: {
    encode: lz4Encode,
    plain(block, length) {
      const out = new Uint8Array(length);
      lz4Decode(block, out);
      return out;
    },
    native(block, length) {
      const out = natives.lz4Decode?.(block, length) ?? new Uint8Array(0);
      if (out.length !== length) throw new Error('another length');
      return out;
    },
  },
  deflate: {
    encode: (bytes, target) => deflateEncode(bytes, target, 6),
    plain(block, length) {
      provideNativeCompression(undefined);
      return deflateDecode(block, new Uint8Array(length));
    },
    native(block, length) {
      provideNativeCompression(() => natives);
      return deflateDecode(block, new Uint8Array(length));
    },
  },
};

function answer(decode: Decode, block: Uint8Array, length: number, plain: boolean): string {
  try {
    return Buffer.from(decode(block, length)).toString('hex');
  } catch (error) {
    if (plain && !isAtcError(error, 'CORRUPT')) throw error;
    return 'refused';
  }
}

test.each(Object.entries(coders))(`%s: ${CASES} hostile blocks`, (name, { encode, plain, native }) => {
  if (native === undefined || natives.lz4Decode === undefined) throw new Error('the native decoders are needed here');
  const counts = { decoded: 0, refused: 0 };
  const differences: string[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
    const dice = new Dice(seed);
    const bytes = sample(dice);
    const target = new Uint8Array(bytes.length + 100);
    const whole = target.slice(0, encode(bytes, target));
    const block = dice.chance(5) ? dice.bytes(dice.below(80)) : damage(whole, dice);
    const length = dice.chance(4) ? dice.below(500) : bytes.length;
    if (length === 0) continue;
    const expected = answer(plain, block, length, true);
    const actual = answer(native, block, length, false);
    counts[expected === 'refused' ? 'refused' : 'decoded']++;
    if (actual !== expected) {
      differences.push(`seed ${seed}, ${Buffer.from(block).toString('hex')} to ${length}: ${actual}, ${expected}`);
    }
  }
  console.info(`${CASES} hostile ${name} blocks from seed ${FIRST_SEED}:`, counts);
  expect(differences.slice(0, 5)).toEqual([]);
  expect(counts.decoded).toBeGreaterThan(CASES / 100);
  expect(counts.refused).toBeGreaterThan(CASES / 10);
});
