/**
 * `DELTA_BINARY_PACKED` of Parquet: integers as differences, in blocks of 128 that begin with their least difference.
 */
import { writeVarint } from './parquet-dictionary.js';

const BLOCK = 128;
const MINIBLOCKS = 4;
const MINIBLOCK = BLOCK / MINIBLOCKS;
/** Values this far apart have differences, and differences of differences, that doubles hold exactly. */
const FARTHEST = 2 ** 51;

/** Bytes that `encodeDeltas` may need. */
export function deltaBytes(rows: number): number {
  return 64 + Math.ceil(rows / BLOCK) * (16 + BLOCK * 7);
}

/** Values less the first one into `distances`; false where one is so far away that doubles may not hold it. */
export function distancesOf(values: ArrayLike<number | bigint>, distances: Float64Array): boolean {
  const first = values[0];
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    const distance =
      typeof value === 'number' ? value - (first as number) : Number(BigInt.asIntN(64, value - (first as bigint)));
    if (!(distance > -FARTHEST && distance < FARTHEST)) return false;
    distances[row] = distance;
  }
  return true;
}

/**
 * At least one value, as its distances from the first. Returns the bytes written to `out`. `wraps`: differences are of
 * 32 bits, as those of INT32 have to be.
 */
export function encodeDeltas(
  first: bigint,
  distances: Float64Array,
  rows: number,
  wraps: boolean,
  out: Uint8Array,
): number {
  let at = writeVarint(out, 0, BLOCK);
  at = writeVarint(out, at, MINIBLOCKS);
  at = writeVarint(out, at, rows);
  at = writeBigVarint(out, at, BigInt.asUintN(64, (first << 1n) ^ (first >> 63n)));
  const deltas = new Float64Array(BLOCK);
  for (let start = 1; start < rows; start += BLOCK) {
    const count = Math.min(BLOCK, rows - start);
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < count; k += 1) {
      const delta = distances[start + k] - distances[start + k - 1];
      deltas[k] = wraps ? delta | 0 : delta;
      if (deltas[k] < least) least = deltas[k];
    }
    at = writeVarint(out, at, least < 0 ? -2 * least - 1 : 2 * least);
    const widths = at;
    at += MINIBLOCKS;
    for (let mini = 0; mini < MINIBLOCKS; mini += 1) {
      const from = mini * MINIBLOCK;
      const to = Math.min(from + MINIBLOCK, count);
      let most = 0;
      for (let k = from; k < to; k += 1) if (deltas[k] - least > most) most = deltas[k] - least;
      const width = bitsOf(most);
      out[widths + mini] = width;
      if (width > 0) at = packDeltas(deltas, from, to, least, width, out, at);
    }
  }
  return at;
}

/** 32 differences less the least one, those beyond `to` as 0. */
function packDeltas(
  deltas: Float64Array,
  from: number,
  to: number,
  least: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  const end = at + (MINIBLOCK / 8) * width;
  let next = at;
  let bits = 0;
  let waiting = 0;
  for (let k = from; k < from + MINIBLOCK; k += 1) {
    let rest = k < to ? deltas[k] - least : 0;
    // In parts of at most 24 bits, so that at most 31 wait.
    for (let left = width; left > 0; left -= 24) {
      const part = Math.min(24, left);
      const low = rest % 2 ** part;
      rest = (rest - low) / 2 ** part;
      waiting |= low << bits;
      bits += part;
      while (bits >= 8) {
        out[next++] = waiting;
        waiting >>>= 8;
        bits -= 8;
      }
    }
  }
  return end;
}

/** Bits of a whole number below 2^53. */
function bitsOf(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / 2 ** 32);
}

function writeBigVarint(out: Uint8Array, at: number, value: bigint): number {
  let to = at;
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) out[to++] = Number(rest & 0x7fn) | 0x80;
  out[to++] = Number(rest);
  return to;
}
