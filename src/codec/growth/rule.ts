/** Which arithmetic a result was computed with: the one that gives back most elements to the bit. */
import { FORM_DIVIDE, FORM_MULTIPLY, FORM_SPLIT } from '../../kernels/kernels.js';
import { type GainRule, grown, priceOf } from './gain.js';
import type { GrowthPath } from './path.js';
import { GAIN_DIFFERENCE, GAIN_QUOTIENT, ROW_JUMP_TURN, ROW_LITERAL, ROW_SAME, ROW_TURN } from './wire.js';

const SAMPLE = 96;
const MOST_DECIMALS = 10;
/** Smallest moves of a price, in its last decimal; factors of two round alike. */
const TICKS = [1, 5, 25];

interface Step {
  readonly row: number;
  readonly side: number;
}

function sampleSteps({ kinds, steps }: GrowthPath): Step[] {
  const every = Math.max(1, Math.floor(steps / SAMPLE));
  const sample: Step[] = [];
  let side = 1;
  let seen = 0;
  for (let row = 0; row < kinds.length; row++) {
    if (kinds[row] === ROW_SAME || kinds[row] === ROW_LITERAL) continue;
    if (kinds[row] === ROW_TURN || kinds[row] === ROW_JUMP_TURN) side = -side;
    if (seen++ % every === 0) sample.push({ row, side });
  }
  return sample;
}

export function chooseRule(values: Float64Array, path: GrowthPath): GainRule {
  const sample = sampleSteps(path);
  let best: GainRule = { form: FORM_DIVIDE, exponent: 0, tick: 1, gain: GAIN_QUOTIENT };
  let fewest = Number.POSITIVE_INFINITY;
  for (const gain of [GAIN_QUOTIENT, GAIN_DIFFERENCE]) {
    for (const tick of TICKS) {
      for (const form of [FORM_DIVIDE, FORM_SPLIT, FORM_MULTIPLY]) {
        for (let exponent = 0; exponent <= MOST_DECIMALS; exponent++) {
          const rule = { form, exponent, tick, gain };
          let misses = 0;
          for (const { row, side } of sample) {
            const before = priceOf(rule, path.before[row]);
            if (grown(values[row - 1], before, priceOf(rule, path.after[row]), side, gain) !== values[row]) misses++;
          }
          if (misses < fewest) [best, fewest] = [rule, misses];
          if (misses === 0) return best;
        }
      }
    }
  }
  return best;
}
