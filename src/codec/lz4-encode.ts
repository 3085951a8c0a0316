/**
 * The pinned LZ4 block encoder (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md). Native encoders choose
 * different matches from version to version and from machine to machine (word size), so the bytes on disk always come
 * from this one: greedy, one candidate per hash of five bytes, longer strides through data that does not match.
 * Changing a single choice here changes files.
 */

const HASH_BITS = 14;
const MIN_MATCH = 4;
/** The format's end conditions: the last five bytes are literals, and no match begins in the last twelve. */
const LAST_LITERALS = 5;
const MATCH_FIND_LIMIT = 12;
const MAX_DISTANCE = 65_535;
/** After 2^SKIP_BITS failed look-ups the stride grows by one byte. */
const SKIP_BITS = 6;

// Position + 1 of the last occurrence of each hash; 0 is "none". One table per thread, made on first use.
let positions: Int32Array | undefined;

/**
 * Encodes `source` into the beginning of `target` and returns the length, or -1 when it does not fit: a target one byte
 * shorter than the source asks "does it shrink?".
 */
export function lz4Encode(source: Uint8Array, target: Uint8Array): number {
  const table = (positions ??= new Int32Array(1 << HASH_BITS)).fill(0);
  const matchEnd = source.length - LAST_LITERALS;
  const searchEnd = source.length - MATCH_FIND_LIMIT;
  let anchor = 0;
  let written = 0;
  let position = 0;
  let misses = 1 << SKIP_BITS;
  while (position <= searchEnd) {
    const word = read32(source, position);
    const slot = hashAt(word, source[position + MIN_MATCH]);
    let candidate = table[slot] - 1;
    table[slot] = position + 1;
    if (candidate < 0 || position - candidate > MAX_DISTANCE || read32(source, candidate) !== word) {
      position += misses++ >> SKIP_BITS;
      continue;
    }
    while (position > anchor && candidate > 0 && source[position - 1] === source[candidate - 1]) {
      position--;
      candidate--;
    }
    let end = position + MIN_MATCH;
    for (let from = candidate + MIN_MATCH; end < matchEnd && source[end] === source[from]; end++) from++;
    const extra = end - position - MIN_MATCH;
    written = writeLiterals(source, anchor, position, target, written, Math.min(extra, 15));
    if (written < 0 || written + 2 + lengthBytes(extra) > target.length) return -1;
    target[written++] = position - candidate;
    target[written++] = (position - candidate) >>> 8;
    written = writeLength(extra, target, written);
    anchor = position = end;
    misses = 1 << SKIP_BITS;
    // The position two back is worth knowing: runs and short periods continue there.
    if (end - 2 <= searchEnd) {
      table[hashAt(read32(source, end - 2), source[end + 2])] = end - 1;
    }
  }
  return writeLiterals(source, anchor, source.length, target, written, 0);
}

/**
 * Slot of the five bytes whose first four are `word`. Four would find more matches, but short ones: among the few byte
 * values of a plane of decimal prices they crowd out the long ones (ratio 1.6 instead of 2.4 on one tenth-tick market).
 */
function hashAt(word: number, fifth: number): number {
  return (Math.imul(word, 0x9e3779b1) ^ Math.imul(fifth, 0x85ebca6b)) >>> (32 - HASH_BITS);
}

function read32(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** Bytes that `length` needs after its four bits of the token. */
function lengthBytes(length: number): number {
  return length < 15 ? 0 : 1 + Math.floor((length - 15) / 255);
}

function writeLength(length: number, target: Uint8Array, at: number): number {
  if (length < 15) return at;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) target[at++] = 255;
  target[at++] = rest;
  return at;
}

/** Token, literal length, literals [from, to). Returns the new end of `target`, or -1 when they do not fit. */
function writeLiterals(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
  matchBits: number,
): number {
  const length = to - from;
  if (at + 1 + lengthBytes(length) + length > target.length) return -1;
  target[at] = (Math.min(length, 15) << 4) | matchBits;
  let next = writeLength(length, target, at + 1);
  if (length > 32) {
    target.set(source.subarray(from, to), next);
    return next + length;
  }
  for (let i = from; i < to; i++) target[next++] = source[i];
  return next;
}
