// tANS decoder; the format is described in src/kernels/reference/untans.ts. The table here is laid out for speed:
// bits 0-5 raw bits · 6-11 state bits · 12-17 both · 20-31 next state base · 32-63 value before raw bits (narrow:
// shifted).
import { bitsAt } from './bit-reader';
import { CLASSES, ENTRIES, SPREAD, TABLE } from './offsets';

function countOfIndex(index: i32): i32 {
  return index < 7 ? index + 1 : (4 + ((index - 7) & 3)) << (((index - 7) >> 2) + 1);
}

/** Number of classes of the table being read; readClasses leaves the offset after it in the result. */
let classCount: i32 = 0;

function readClasses(src: i32, end: i32, wide: bool): i32 {
  if (src + 3 > end) return -src;
  const tableLog = <i32>load<u8>(src) & 15;
  const mantissaBits = <i32>load<u8>(src) >> 4;
  let at = src + 1;
  let count = <i32>load<u8>(at++);
  if (count >= 128) count = (count & 127) | (<i32>load<u8>(at++) << 7);
  const limit = ((wide ? 64 : 32) - mantissaBits + 1) << mantissaBits;
  if (mantissaBits < 1 || mantissaBits > 7 || count < 1 || count > limit) return -src;
  if (count == 1 ? tableLog != 0 : tableLog < 5 || tableLog > 12) return -src;
  if (count > 1 << tableLog) return -src;
  let remainder = 0;
  let rice = 0;
  if (count > 1) {
    if (at + 3 > end) return -src;
    remainder = <i32>load<u16>(at);
    rice = <i32>load<u8>(at + 2);
    at += 3;
    if (remainder >= count || rice > 5) return -src;
  }
  let bit = <u32>at * 8;
  const endBit = <u32>end * 8;
  let symbol = -1;
  for (let k = 0; k < count; k++) {
    const zeros = <u32>ctz(bitsAt(bit, 14) | (1 << 14));
    if (zeros > 12) return -src;
    bit += zeros + 1;
    symbol += (1 << zeros) | bitsAt(bit, zeros);
    bit += zeros;
    if (bit > endBit || symbol >= limit) return -src;
    store<u32>(CLASSES + (<usize>k << 3), symbol);
  }
  let index = 0;
  let left = 1 << tableLog;
  for (let k = 0; k < count; k++) {
    if (k == remainder) continue;
    let ones = 0;
    while (ones < 128 && bitsAt(bit + ones, 1) == 1) ones++;
    if (ones >= 128) return -src;
    bit += ones + 1;
    const step = (ones << rice) | bitsAt(bit, rice);
    bit += rice;
    index += step & 1 ? -((step + 1) >> 1) : step >> 1;
    if (bit > endBit || index < 0 || index > 47) return -src;
    const states = countOfIndex(index);
    store<u32>(CLASSES + (<usize>k << 3) + 4, states);
    left -= states;
  }
  if (left < 1) return -src;
  store<u32>(CLASSES + (<usize>remainder << 3) + 4, left);
  classCount = count;
  return (bit + 7) >> 3;
}

/** Most bits one value takes. */
function buildTable(tableLog: i32, mantissaBits: i32, wide: bool): i32 {
  const size = 1 << tableLog;
  const mask = size - 1;
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  for (let k = 0; k < classCount; k++) {
    for (let c = load<u32>(CLASSES + (<usize>k << 3) + 4); c > 0; c--) {
      store<u16>(SPREAD + (<usize>position << 1), k);
      position = (position + step) & mask;
    }
  }
  // What the entries of a class have in common; its first one has the most state bits.
  let most = 0;
  for (let k = 0; k < classCount; k++) {
    const symbol = load<i32>(CLASSES + (<usize>k << 3));
    const direct = symbol < 2 << mantissaBits;
    const raw = direct ? 0 : (symbol >> mantissaBits) - 1;
    const mantissa = direct ? symbol : (1 << mantissaBits) | (symbol & ((1 << mantissaBits) - 1));
    store<u32>(ENTRIES + (<usize>k << 3), raw | (raw << 12));
    store<u32>(ENTRIES + (<usize>k << 3) + 4, wide ? mantissa : mantissa << raw);
    most = max(most, raw + tableLog - (31 - clz(load<i32>(CLASSES + (<usize>k << 3) + 4))));
  }
  for (let state = 0; state < size; state++) {
    const k = <usize>load<u16>(SPREAD + (<usize>state << 1)) << 3;
    const next = load<u32>(CLASSES + k + 4);
    store<u32>(CLASSES + k + 4, next + 1);
    const bits = clz(next) + tableLog - 31;
    // State bits count twice: by themselves and with the raw ones.
    const own = bits * ((1 << 6) | (1 << 12)) + (((next << bits) - size) << 20);
    store<u64>(TABLE + (<usize>state << 3), load<u64>(ENTRIES + k) + <u64>own);
  }
  return most;
}

// @ts-ignore: decorator
@inline
function entryOf(state: u32): u64 {
  return load<u64>(TABLE + (<usize>state << 3));
}

// @ts-ignore: decorator
@inline
function fieldsAt(position: u32): u64 {
  return load<u64>(position >> 3) >> <u64>(position & 7);
}

// @ts-ignore: decorator
@inline
function valueOf(entry: u64, fields: u64): u32 {
  return <u32>(entry >> 32) + (<u32>fields & ((1 << <u32>entry) - 1));
}

// @ts-ignore: decorator
@inline
function nextState(entry: u64, fields: u64): u32 {
  return (<u32>entry >> 20) + (<u32>(fields >> entry) & ((1 << ((<u32>entry >> 6) & 31)) - 1));
}

// @ts-ignore: decorator
@inline
function lengthOf(entry: u64): u32 {
  return (<u32>entry >> 12) & 63;
}

/**
 * Offset after the stream, or the negative of the offset that is damaged. `part`: n, a multiple of 4, is fewer than
 * there are.
 */
export function untans(src: i32, end: i32, dst: usize, highDst: usize, n: i32, part: bool): i32 {
  const wide = highDst != 0;
  const at = readClasses(src, end, wide);
  if (at < 0) return at;
  const tableLog = <i32>load<u8>(src) & 15;
  const most = buildTable(tableLog, <i32>load<u8>(src) >> 4, wide);
  let bit = <u32>at * 8;
  let s0 = bitsAt(bit, tableLog);
  let s1 = bitsAt(bit + tableLog, tableLog);
  let s2 = bitsAt(bit + 2 * tableLog, tableLog);
  let s3 = bitsAt(bit + 3 * tableLog, tableLog);
  bit += 4 * tableLog;
  const endBit = <u32>end * 8;
  if (wide) return untansWide(bit, end, dst, highDst, n, part, s0, s1, s2, s3);
  const stop = dst + (<usize>(n & ~3) << 2);
  if (most <= 14) {
    // Four values from one load.
    while (dst < stop) {
      const e0 = entryOf(s0);
      const e1 = entryOf(s1);
      const e2 = entryOf(s2);
      const e3 = entryOf(s3);
      const f0 = fieldsAt(bit);
      const l0 = lengthOf(e0);
      const l1 = l0 + lengthOf(e1);
      const l2 = l1 + lengthOf(e2);
      bit += l2 + lengthOf(e3);
      const f1 = f0 >> <u64>l0;
      const f2 = f0 >> <u64>l1;
      const f3 = f0 >> <u64>l2;
      store<u32>(dst, valueOf(e0, f0));
      store<u32>(dst, valueOf(e1, f1), 4);
      store<u32>(dst, valueOf(e2, f2), 8);
      store<u32>(dst, valueOf(e3, f3), 12);
      s0 = nextState(e0, f0);
      s1 = nextState(e1, f1);
      s2 = nextState(e2, f2);
      s3 = nextState(e3, f3);
      dst += 16;
      if (bit > endBit) return -end;
    }
  } else if (most <= 28) {
    while (dst < stop) {
      const e0 = entryOf(s0);
      const e1 = entryOf(s1);
      const e2 = entryOf(s2);
      const e3 = entryOf(s3);
      const f0 = fieldsAt(bit);
      const l0 = lengthOf(e0);
      const l1 = l0 + lengthOf(e1);
      const f2 = fieldsAt(bit + l1);
      const l2 = lengthOf(e2);
      bit += l1 + l2 + lengthOf(e3);
      const f1 = f0 >> <u64>l0;
      const f3 = f2 >> <u64>l2;
      store<u32>(dst, valueOf(e0, f0));
      store<u32>(dst, valueOf(e1, f1), 4);
      store<u32>(dst, valueOf(e2, f2), 8);
      store<u32>(dst, valueOf(e3, f3), 12);
      s0 = nextState(e0, f0);
      s1 = nextState(e1, f1);
      s2 = nextState(e2, f2);
      s3 = nextState(e3, f3);
      dst += 16;
      if (bit > endBit) return -end;
    }
  } else {
    while (dst < stop) {
      const e0 = entryOf(s0);
      const e1 = entryOf(s1);
      const e2 = entryOf(s2);
      const e3 = entryOf(s3);
      const f0 = fieldsAt(bit);
      bit += lengthOf(e0);
      const f1 = fieldsAt(bit);
      bit += lengthOf(e1);
      const f2 = fieldsAt(bit);
      bit += lengthOf(e2);
      const f3 = fieldsAt(bit);
      bit += lengthOf(e3);
      store<u32>(dst, valueOf(e0, f0));
      store<u32>(dst, valueOf(e1, f1), 4);
      store<u32>(dst, valueOf(e2, f2), 8);
      store<u32>(dst, valueOf(e3, f3), 12);
      s0 = nextState(e0, f0);
      s1 = nextState(e1, f1);
      s2 = nextState(e2, f2);
      s3 = nextState(e3, f3);
      dst += 16;
      if (bit > endBit) return -end;
    }
  }
  for (let rest = n & 3; rest > 0; rest--) {
    const entry = entryOf(s0);
    const fields = fieldsAt(bit);
    bit += lengthOf(entry);
    store<u32>(dst, valueOf(entry, fields));
    dst += 4;
    // The state just used goes to the end of the queue.
    const next = nextState(entry, fields);
    s0 = s1;
    s1 = s2;
    s2 = s3;
    s3 = next;
  }
  return endOf(bit, end, part || (s0 | s1 | s2 | s3) == 0);
}

/** Where a stream ends that has been read up to `bit`. */
function endOf(bit: u32, end: i32, isDone: bool): i32 {
  return isDone && bit <= <u32>end * 8 ? (bit + 7) >> 3 : -end;
}

function untansWide(start: u32, end: i32, dst: usize, highDst: usize, n: i32, part: bool, a: u32, b: u32, c: u32, d: u32): i32 {
  let bit = start;
  let s0 = a;
  let s1 = b;
  let s2 = c;
  let s3 = d;
  const endBit = <u32>end * 8;
  for (let i = 0; i < n; i++) {
    const entry = entryOf(s0);
    const raw = <u32>entry & 63;
    const lowRaw = min(raw, <u32>32);
    let low = <u64>bitsAt(bit, lowRaw);
    if (raw > 32) low |= <u64>bitsAt(bit + 32, raw - 32) << 32;
    const value = ((entry >> 32) << <u64>raw) | low;
    bit += raw;
    const bits = (<u32>entry >> 6) & 63;
    const next = (<u32>entry >> 20) + bitsAt(bit, bits);
    bit += bits;
    store<u32>(dst + (<usize>i << 2), <u32>value);
    store<u32>(highDst + (<usize>i << 2), <u32>(value >> 32));
    s0 = s1;
    s1 = s2;
    s2 = s3;
    s3 = next;
    if (bit > endBit) return -end;
  }
  return endOf(bit, end, part || (s0 | s1 | s2 | s3) == 0);
}
