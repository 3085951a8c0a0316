/**
 * Hostile chunks of every codec of the list, past the checksums of a frame: a decoder fills the column or throws
 * CORRUPT with an offset inside the chunk, with small allocations. `node test/fuzz/run.js --only column --cases 100000
 * --seed 7` runs more.
 */
import { COLUMN_CODECS } from '../../src/codec/column-codecs.js';
import { encodeColumn, levelsOf, outcome } from '../codec/column-chunks.js';
import { COLUMN_SAMPLES } from '../codec/column-samples.js';
import { watchAllocations } from './allocations.js';
import { Dice, damage } from './frame-cases.js';

const CASES = Number(process.env.ATC_FUZZ_CASES ?? 1500);
const FIRST_SEED = Number(process.env.ATC_FUZZ_SEED ?? 1);
/**
 * Elements or bytes in one request: the window of inflate. Working memory exists already, and the results are smaller.
 */
const LARGEST_ALLOCATION = 32_768;

test.each(COLUMN_CODECS.map((codec) => [codec.name, codec] as const))(`%s: ${CASES} hostile chunks`, (name, codec) => {
  const whole = COLUMN_SAMPLES[name].flatMap((values) =>
    levelsOf(codec, values).map((level) => ({ values, bytes: encodeColumn(codec, values, level) })),
  );
  // What a process allocates once is there before counting begins.
  for (const { values, bytes } of whole) outcome(codec, bytes, values);
  const allocations = watchAllocations();
  const counts = { decoded: 0, corrupt: 0 };
  try {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const dice = new Dice(seed);
      const { values, bytes } = dice.pick(whole);
      const hostile = dice.chance(6) ? dice.bytes(dice.below(values.byteLength + 9)) : damage(bytes, dice);
      try {
        allocations.largest = 0;
        counts[outcome(codec, hostile, values) === 'CORRUPT' ? 'corrupt' : 'decoded']++;
        if (allocations.largest > LARGEST_ALLOCATION) throw new Error(`${allocations.largest} bytes were allocated`);
      } catch (error) {
        throw new Error(`case ATC_FUZZ_SEED=${seed}: ${(error as Error).stack}`);
      }
    }
  } finally {
    allocations.restore();
  }
  console.info(`${CASES} hostile chunks of ${name} from seed ${FIRST_SEED}:`, counts);
  expect(counts.corrupt).toBeGreaterThan(CASES / 10);
});
