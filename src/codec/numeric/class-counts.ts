/**
 * The states of a tANS table, shared out among the classes: counts on a scale of four steps an octave, and one class
 * that takes what is left.
 */
import { countOfIndex } from '../../kernels/reference/untans.js';
import { log2Of } from './log2.js';

/** Bits a move has to save. */
const LEAST_GAIN = 0.5;
/** Indexes of up to 2^12 states, the largest table there is, and some to step to. */
const INDEXES = 50;

let stateCounts: Int32Array | undefined;
/** log2 of them. */
const stateLogs = new Float64Array(INDEXES);
/** Bits that the class of the remainder gains when another class goes up or down from an index. */
const gainsUp = new Float64Array(INDEXES);
const gainsDown = new Float64Array(INDEXES);

function countsByIndex(): Int32Array {
  if (stateCounts === undefined) {
    stateCounts = Int32Array.from({ length: INDEXES }, (_, index) => countOfIndex(index));
    for (let index = 0; index < INDEXES; index++) stateLogs[index] = log2Of(stateCounts[index]);
  }
  return stateCounts;
}

/** Largest count index not above `count`, or the next where that is nearer. */
export function nearestIndex(count: number): number {
  const states = countsByIndex();
  let index = 0;
  while (states[index + 1] <= count) index++;
  const below = states[index];
  const above = states[index + 1];
  return count > below && count * count > below * above ? index + 1 : index;
}

/** A step of one class, `by` 0 for none. */
interface Move {
  readonly class: number;
  readonly by: number;
}

/** The step down that makes room at the least cost a state. */
function moveForRoom(indexes: Int32Array, counts: Float64Array, remainder: number): Move {
  const states = countsByIndex();
  let best = { class: -1, by: 0 };
  let bestGain = 0;
  for (let k = 0; k < indexes.length; k++) {
    const index = indexes[k];
    if (k === remainder || index === 0) continue;
    const loss = counts[k] * (stateLogs[index - 1] - stateLogs[index]);
    const gain = loss / (states[index] - states[index - 1]) + 1e9;
    if (gain > bestGain + LEAST_GAIN) {
      best = { class: k, by: -1 };
      bestGain = gain;
    }
  }
  return best;
}

/** The step that saves most bits of the values; the remainder has `left` states and `weight` values. */
function moveForBits(indexes: Int32Array, counts: Float64Array, remainder: number, left: number, size: number): Move {
  const states = countsByIndex();
  const weight = counts[remainder];
  const leftLog = log2Of(left);
  let most = 0;
  for (let k = 0; k < indexes.length; k++) if (k !== remainder && indexes[k] > most) most = indexes[k];
  for (let index = 0; index <= most; index++) {
    const more = states[index + 1];
    const leftThen = left + states[index] - more;
    const isLegal = more < size && leftThen >= 1;
    gainsUp[index] = isLegal ? weight * (log2Of(Math.min(leftThen, size)) - leftLog) : Number.NEGATIVE_INFINITY;
    const leftBelow = index > 0 ? left + states[index] - states[index - 1] : left;
    gainsDown[index] =
      index > 0 && states[index - 1] < size
        ? weight * (log2Of(Math.min(leftBelow, size)) - leftLog)
        : Number.NEGATIVE_INFINITY;
  }
  let best = -1;
  let by = 0;
  let bestGain = 0;
  for (let k = 0; k < indexes.length; k++) {
    if (k === remainder) continue;
    const index = indexes[k];
    const own = stateLogs[index];
    const down = index > 0 ? counts[k] * (stateLogs[index - 1] - own) + gainsDown[index] : Number.NEGATIVE_INFINITY;
    if (down > bestGain + LEAST_GAIN) {
      best = k;
      by = -1;
      bestGain = down;
    }
    const up = counts[k] * (stateLogs[index + 1] - own) + gainsUp[index];
    if (up > bestGain + LEAST_GAIN) {
      best = k;
      by = 1;
      bestGain = up;
    }
  }
  return { class: best, by };
}

/**
 * Moves single classes by one step as long as that makes the values cheaper or is needed for a positive remainder,
 * whose states it returns.
 */
export function balance(indexes: Int32Array, counts: Float64Array, remainder: number, size: number): number {
  const states = countsByIndex();
  let left = size;
  for (let k = 0; k < indexes.length; k++) if (k !== remainder) left -= states[indexes[k]];
  for (let round = 0; round < indexes.length + 64; round++) {
    const { class: moved, by } =
      left < 1 ? moveForRoom(indexes, counts, remainder) : moveForBits(indexes, counts, remainder, left, size);
    if (by === 0) break;
    left += states[indexes[moved]];
    indexes[moved] += by;
    left -= states[indexes[moved]];
  }
  return left;
}

/** Steps from one class's index to the next one's, zigzag. */
export function zigzagSteps(indexes: Int32Array, remainder: number): number[] {
  const steps: number[] = [];
  let previous = 0;
  for (let k = 0; k < indexes.length; k++) {
    if (k === remainder) continue;
    const step = indexes[k] - previous;
    steps.push(step < 0 ? -2 * step - 1 : 2 * step);
    previous = indexes[k];
  }
  return steps;
}
