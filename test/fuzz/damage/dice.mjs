/** Repeatable choices, and the accidents that bytes have. */

/** Numbers that lengths, counts and ids like least, as the bytes of a file hold them. */
const EDGES = [0, 1, 2, 3, 15, 16, 127, 128, 255];
const EDGES_32 = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 20, 2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** A generator that a case's number repeats: neighbouring numbers give unrelated choices. */
export class Dice {
  #state;

  constructor(seed, number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(number % 2 ** 32, 0x85ebca6b)) >>> 0;
    this.below(2);
  }

  /** A whole number in [0, sides). */
  below(sides) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * sides);
  }

  chance(oneIn) {
    return this.below(oneIn) === 0;
  }

  pick(values) {
    return values[this.below(values.length)];
  }
}

/** Changes a byte, or four, of [from, to) in place. */
export function scratchBytes(bytes, from, to, dice) {
  if (to <= from) return;
  const at = from + dice.below(to - from);
  switch (dice.below(5)) {
    case 0:
      bytes[at] ^= 1 << dice.below(8);
      break;
    case 1:
      bytes[at] = dice.pick(EDGES);
      break;
    case 2:
      bytes[at] = (bytes[at] + dice.pick([1, 255])) & 255;
      break;
    case 3: {
      const value = dice.pick(EDGES_32);
      for (let k = 0; k < 4 && at + k < to; k++) bytes[at + k] = value >>> (8 * k);
      break;
    }
    default:
      bytes[at] = dice.below(256);
  }
}

/**
 * Accidents that change the length: cut, lost, doubled, foreign bytes, another file behind or in place of it; `at` is
 * where.
 */
export function resized(bytes, other, dice) {
  const at = dice.below(bytes.length + 1);
  const length = Math.min(1 + dice.below(40), bytes.length - at);
  const parts = [
    () => [bytes.subarray(0, at)],
    () => [bytes.subarray(0, at), bytes.subarray(at + length)],
    () => [bytes.subarray(0, at + length), bytes.subarray(at)],
    () => [bytes.subarray(0, at), other.subarray(0, 1 + dice.below(40)), bytes.subarray(at)],
    () => [bytes, other.subarray(0, dice.below(other.length + 1))],
    () => [bytes.subarray(0, at), other.subarray(Math.min(at, other.length))],
  ];
  return { at, bytes: join(...dice.pick(parts)()) };
}

function join(...parts) {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const sameBytes = (a, b) => Buffer.compare(a, b) === 0;
