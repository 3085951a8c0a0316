// CRC-32C of INPUT; the same polynomial P and table as src/codec/crc32c.ts.
//
// A look-up per byte is a chain of dependent loads, about two cycles a byte. So most of the message is first replaced
// by a short one with the same remainder: P divides Q = y^209 + y^144 + y^54 + y^39 + y^14 + 1 with y = x, and with y
// any power x^(2^k) as well, since squaring adds no terms over GF(2) (P(y^2) = P(y)^2). With y a whole number of bytes,
// the leading unit of the message (its highest power) can be dropped when it is xor-ed to the units 65, 155, 170, 195
// and 209 positions behind it: x^D = the other terms of Q. Gathered, unit j becomes itself xor those five predecessors,
// sixteen bytes at a time without a look-up, until 209 units are left.
import { CRC_TABLES, CRC_WORK, INPUT } from './offsets';

/** Units of Q's degree. */
const DEGREE: i32 = 209;
/** Bytes of a unit in two passes: aligned ones first, whose loads find what was just stored; then the smallest. */
const LARGE: i32 = 16;
const SMALL: i32 = 1;
/** Bytes reduced before the window moves to the front again. */
const PART: i32 = 8192;
const LARGE_WINDOW: i32 = DEGREE * LARGE;
const SMALL_WINDOW: i32 = 224;
/** From these lengths on a pass is worth its start. */
const LARGE_FROM: i32 = 3 * LARGE_WINDOW;
const SMALL_FROM: i32 = 2 * SMALL_WINDOW;
/** Where what a pass leaves goes, behind the window, a part and the window's worth of zeros. */
const LEFT: usize = CRC_WORK + 16 * 1024;
const LEFT_BYTES: usize = 4096;

let ready: bool = false;

// @ts-ignore: decorator
@inline
function get(index: i32): u32 {
  return load<u32>(<usize>index << 2, CRC_TABLES);
}

// @ts-ignore: decorator
@inline
function put(index: i32, value: u32): void {
  store<u32>(<usize>index << 2, value, CRC_TABLES);
}

/** Tables for slicing by eight, on first use. */
function makeTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
    put(byte, crc);
  }
  for (let i = 256; i < 256 * 8; i++) put(i, (get(i - 256) >> 8) ^ get(get(i - 256) & 255));
  ready = true;
}

// @ts-ignore: decorator
@inline
function step(crc: u32, at: usize): u32 {
  const x = load<u64>(at) ^ <u64>crc;
  // Bytes times four, ready to index: one shift and one mask each.
  return (
    load<u32>((<u32>x << 2) & 0x3fc, CRC_TABLES + 7 * 1024) ^
    load<u32>(<u32>(x >> 6) & 0x3fc, CRC_TABLES + 6 * 1024) ^
    load<u32>(<u32>(x >> 14) & 0x3fc, CRC_TABLES + 5 * 1024) ^
    load<u32>(<u32>(x >> 22) & 0x3fc, CRC_TABLES + 4 * 1024) ^
    load<u32>(<u32>(x >> 30) & 0x3fc, CRC_TABLES + 3 * 1024) ^
    load<u32>(<u32>(x >> 38) & 0x3fc, CRC_TABLES + 2 * 1024) ^
    load<u32>(<u32>(x >> 46) & 0x3fc, CRC_TABLES + 1 * 1024) ^
    load<u32>(<u32>(x >> 54) & 0x3fc, CRC_TABLES)
  );
}

/**
 * Bytes [from, from + 16) of the message, and what the units before it hand on. `at` is their position in the history.
 */
// @ts-ignore: decorator
@inline
function gather(from: usize, at: usize, unit: i32): v128 {
  const near = v128.xor(v128.load(from), v128.load(at - 65 * unit));
  const middle = v128.xor(v128.load(at - 155 * unit), v128.load(at - 170 * unit));
  return v128.xor(v128.xor(near, middle), v128.xor(v128.load(at - 195 * unit), v128.load(at - 209 * unit)));
}

/** Reduces `length` bytes at `from` to a shorter message at `to` with the same remainder; its length. */
// @ts-ignore: decorator
@inline
function reduce(from: usize, length: i32, to: usize, unit: i32, window: i32): i32 {
  const start = CRC_WORK + window;
  memory.fill(CRC_WORK, 0, window);
  let left = (length - window) & ~31;
  const rest = length - left;
  let at = start;
  while (true) {
    at = start;
    for (const end = start + min(left, PART); at < end; at += 32, from += 32) {
      v128.store(at, gather(from, at, unit));
      v128.store(at, gather(from + 16, at + 16, unit), 16);
    }
    left -= <i32>(at - start);
    if (left == 0) break;
    memory.copy(CRC_WORK, at - window, window);
  }
  // The last units hand nothing on.
  memory.fill(at, 0, rest + 16);
  for (let k = 0; k < rest; k += 16) v128.store(to + k, gather(from + k, at + k, unit));
  return rest;
}

function lookUp(at: usize, length: i32, seed: u32): u32 {
  let crc = seed;
  const end = at + length;
  for (; at + 8 <= end; at += 8) crc = step(crc, at);
  for (; at < end; at++) crc = (crc >> 8) ^ get((crc ^ load<u8>(at)) & 255);
  return crc;
}

/** CRC of `length` bytes at INPUT after bytes whose CRC is `seed`. */
export function crc32c(length: i32, seed: u32): u32 {
  if (!ready) makeTables();
  if (length < SMALL_FROM) return ~lookUp(INPUT, length, ~seed);
  // What came before is a value xor-ed to the first four bytes; they are put back afterwards.
  const first = load<u32>(INPUT);
  store<u32>(INPUT, first ^ ~seed);
  let at = INPUT;
  let left = length;
  if (left >= LARGE_FROM) {
    left = reduce(at, left, LEFT, LARGE, LARGE_WINDOW);
    at = LEFT;
  }
  left = reduce(at, left, LEFT + LEFT_BYTES, SMALL, SMALL_WINDOW);
  store<u32>(INPUT, first);
  return ~lookUp(LEFT + LEFT_BYTES, left, 0);
}
