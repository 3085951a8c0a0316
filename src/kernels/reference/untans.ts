/**
 * tANS (table-based asymmetric numeral systems, J. Duda, arXiv:1311.2540) over magnitude classes, raw low bits beside.
 *
 * Class of z with `mantissaBits` s (1..7): z itself below 2^(s+1); above, for z of b bits, the s bits after the leading
 * one: class = (b - s) * 2^s + those bits, and b - 1 - s low bits stay raw.
 *
 *   u8 tableLog | s << 4 · uvarint classes K · u16 remainder rank · u8 Rice parameter · class bits, padded to a byte
 *   4 initial states of tableLog bits, then per value: raw low bits, state bits; padded to a byte
 *
 * Value i is coded by state i % 4, so four decoding steps are independent. All states end at 0, which is checked.
 * Class bits: K Elias-gamma codes of the gap to the previous class (first: class + 1); then for each class but the one
 * of the remainder rank the step of its count index from the previous one, zigzag, Rice. Counts are 1..7 or (4..7) *
 * 2^k; the remainder class takes what is left of 2^tableLog. K = 1: no counts, tableLog 0, no state bits.
 */
import { type Arena } from '../arena.js';
import { CLASSES, SPREAD, TABLE } from '../offsets.js';
import { bitsAt } from './bits.js';

export const MAX_TABLE_LOG = 12;
const MIN_TABLE_LOG = 5;

/** Count of a count index: 1..7, then four steps an octave. */
export function countOfIndex(index: number): number {
  return index < 7 ? index + 1 : (4 + ((index - 7) & 3)) << (((index - 7) >> 2) + 1);
}

/** Largest count index of a table of 4,096 states. */
const MAX_COUNT_INDEX = 7 + 4 * 10;

/** Classes of 64-bit values at s mantissa bits. */
function classLimit(mantissaBits: number, wide: boolean): number {
  return ((wide ? 64 : 32) - mantissaBits + 1) << mantissaBits;
}

/**
 * Reads the class list to CLASSES (class, count pairs); returns the offset after it, or the negative of the offset that
 * is damaged.
 */
function readClasses(arena: Arena, src: number, end: number, wide: boolean): { at: number; count: number } {
  const { u8, u32, view } = arena;
  const bad = { at: -src, count: 0 };
  if (src + 3 > end) return bad;
  const tableLog = u8[src] & 15;
  const mantissaBits = u8[src] >> 4;
  let at = src + 1;
  let count = u8[at++];
  if (count >= 128) count = (count & 127) | (u8[at++] << 7);
  const limit = classLimit(mantissaBits, wide);
  if (mantissaBits < 1 || mantissaBits > 7 || count < 1 || count > limit) return bad;
  if (count === 1 ? tableLog !== 0 : tableLog < MIN_TABLE_LOG || tableLog > MAX_TABLE_LOG) return bad;
  if (count > 1 << tableLog) return bad;
  let remainder = 0;
  let rice = 0;
  if (count > 1) {
    if (at + 3 > end) return bad;
    remainder = u8[at] | (u8[at + 1] << 8);
    rice = u8[at + 2];
    at += 3;
    if (remainder >= count || rice > 5) return bad;
  }
  let bit = at * 8;
  const endBit = end * 8;
  let symbol = -1;
  const list = CLASSES >> 2;
  for (let k = 0; k < count; k++) {
    let zeros = 0;
    while (zeros < 13 && bitsAt(view, bit + zeros, 1) === 0) zeros++;
    if (zeros > 12) return bad;
    bit += zeros + 1;
    symbol += (1 << zeros) | bitsAt(view, bit, zeros);
    bit += zeros;
    if (bit > endBit || symbol >= limit) return bad;
    u32[list + 2 * k] = symbol;
  }
  let index = 0;
  let left = 1 << tableLog;
  for (let k = 0; k < count; k++) {
    if (k === remainder) continue;
    let ones = 0;
    while (ones < 128 && bitsAt(view, bit + ones, 1) === 1) ones++;
    if (ones >= 128) return bad;
    bit += ones + 1;
    const step = (ones << rice) | bitsAt(view, bit, rice);
    bit += rice;
    index += step & 1 ? -((step + 1) >> 1) : step >> 1;
    if (bit > endBit || index < 0 || index > MAX_COUNT_INDEX) return bad;
    const states = countOfIndex(index);
    u32[list + 2 * k + 1] = states;
    left -= states;
  }
  if (left < 1) return bad;
  u32[list + 2 * remainder + 1] = left;
  return { at: (bit + 7) >> 3, count };
}

/**
 * Decoding table at TABLE, 8 bytes a state: u16 next state base · u8 state bits · u8 raw bits · u32 mantissa (z before
 * the raw bits are shifted in). States are spread with the step of FSE (Y. Collet).
 */
function buildTable(arena: Arena, tableLog: number, mantissaBits: number, count: number): void {
  const { u16, u32 } = arena;
  const size = 1 << tableLog;
  const list = CLASSES >> 2;
  const spread = SPREAD >> 1;
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  for (let k = 0; k < count; k++) {
    for (let c = u32[list + 2 * k + 1]; c > 0; c--) {
      u16[spread + position] = k;
      position = (position + step) & (size - 1);
    }
  }
  for (let state = 0; state < size; state++) {
    const k = u16[spread + state];
    const symbol = u32[list + 2 * k];
    const next = u32[list + 2 * k + 1]++;
    const bits = tableLog - (31 - Math.clz32(next));
    const direct = symbol < 2 << mantissaBits;
    const raw = direct ? 0 : (symbol >> mantissaBits) - 1;
    const mantissa = direct ? symbol : (1 << mantissaBits) | (symbol & ((1 << mantissaBits) - 1));
    const entry = (TABLE >> 1) + 4 * state;
    u16[entry] = (next << bits) - size;
    u16[entry + 1] = bits | (raw << 8);
    u32[(TABLE >> 2) + 2 * state + 1] = mantissa;
  }
}

export function untansStream(
  arena: Arena,
  src: number,
  end: number,
  dst: number,
  highDst: number,
  n: number,
  isPart = false,
): number {
  const { u8, u16, u32, view } = arena;
  const wide = highDst !== 0;
  const { at, count } = readClasses(arena, src, end, wide);
  if (at <= 0) return at;
  const tableLog = u8[src] & 15;
  buildTable(arena, tableLog, u8[src] >> 4, count);
  let bit = at * 8;
  const states = [0, 0, 0, 0];
  for (let k = 0; k < 4; k++) {
    states[k] = bitsAt(view, bit, tableLog);
    bit += tableLog;
  }
  const endBit = end * 8;
  for (let i = 0; i < n; i++) {
    if (bit > endBit) return -end;
    const entry = (TABLE >> 1) + 4 * states[i & 3];
    const facts = u16[entry + 1];
    const raw = facts >> 8;
    const mantissa = u32[(entry >> 1) + 1];
    const lowRaw = Math.min(raw, 32);
    const first = bitsAt(view, bit, lowRaw);
    const second = bitsAt(view, bit + lowRaw, raw - lowRaw);
    bit += raw;
    if (raw < 32) {
      u32[(dst >> 2) + i] = (mantissa << raw) | first;
      if (wide) u32[(highDst >> 2) + i] = raw === 0 ? 0 : mantissa >>> (32 - raw);
    } else {
      u32[(dst >> 2) + i] = first;
      u32[(highDst >> 2) + i] = (mantissa << (raw - 32)) | second;
    }
    states[i & 3] = u16[entry] + bitsAt(view, bit, facts & 255);
    bit += facts & 255;
  }
  if (bit > endBit) return -end;
  if (!isPart && (states[0] | states[1] | states[2] | states[3]) !== 0) return -end;
  return (bit + 7) >> 3;
}
