// tANS encoder; see src/kernels/reference/tans.ts.
import { CLASSES, PLANE_A, PLANE_B, PLANE_BYTES, SPREAD, TABLE } from './offsets';

// @ts-ignore: decorator
@inline
function classNarrow(z: u32, mantissaBits: u32): u32 {
  const bits = <u32>(32 - clz<u32>(z));
  if (bits <= mantissaBits + 1) return z;
  return ((bits - mantissaBits) << mantissaBits) | ((z >> (bits - 1 - mantissaBits)) & ((1 << mantissaBits) - 1));
}

// @ts-ignore: decorator
@inline
function valueAt(i: i32, wide: bool): u64 {
  const at = PLANE_A + (<usize>i << 2);
  const low = <u64>load<u32>(at);
  return wide ? low | (<u64>load<u32>(at + PLANE_BYTES) << 32) : low;
}

// @ts-ignore: decorator
@inline
function classAt(i: i32, wide: bool, mantissaBits: u32): u32 {
  if (!wide) return classNarrow(load<u32>(PLANE_A + (<usize>i << 2)), mantissaBits);
  const z = valueAt(i, true);
  const bits = <u32>(64 - clz<u64>(z));
  if (bits <= mantissaBits + 1) return <u32>z;
  const top = <u32>(z >> <u64>(bits - 1 - mantissaBits)) & ((1 << mantissaBits) - 1);
  return ((bits - mantissaBits) << mantissaBits) | top;
}

/** Values of plane A per class, counters of 32 bits to CLASSES. */
export function histogram(n: i32, wide: bool, mantissaBits: u32): void {
  memory.fill(CLASSES, 0, <usize>(((wide ? 64 : 32) - mantissaBits + 1) << mantissaBits) << 2);
  if (wide) for (let i = 0; i < n; i++) count(classAt(i, true, mantissaBits));
  else for (let i = 0; i < n; i++) count(classAt(i, false, mantissaBits));
}

// @ts-ignore: decorator
@inline
function count(symbol: u32): void {
  const at = CLASSES + (<usize>symbol << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Backward pass: state bits and their number (<< 16) of value i to plane B. */
// @ts-ignore: decorator
@inline
function code(i: i32, x: u32, wide: bool, mantissaBits: u32, size: u32): u32 {
  const entry = load<u64>(TABLE + (<usize>classAt(i, wide, mantissaBits) << 3));
  const count = <u32>entry & 0xffff;
  let bits = (<u32>entry >> 16) & 255;
  bits -= u32(x < count << bits);
  store<u32>(PLANE_B + (<usize>i << 2), (x & ((1 << bits) - 1)) | (bits << 16));
  return size + <u32>load<u16>(SPREAD + (<usize>(<u32>(entry >> 32) + (x >> bits)) << 1));
}

/**
 * n values of plane A behind their class table to `dst`; the offset after them. Tables as the reference lays them out.
 */
// @ts-ignore: decorator
@inline
function encode(n: i32, wide: bool, mantissaBits: u32, tableLog: u32, dst: usize): usize {
  const size: u32 = 1 << tableLog;
  let x0 = size;
  let x1 = size;
  let x2 = size;
  let x3 = size;
  let i = n - 1;
  if (tableLog > 0) {
    for (; (i & 3) != 3 && i >= 0; i--) {
      const lane = i & 3;
      if (lane == 0) x0 = code(i, x0, wide, mantissaBits, size);
      else if (lane == 1) x1 = code(i, x1, wide, mantissaBits, size);
      else x2 = code(i, x2, wide, mantissaBits, size);
    }
    for (; i >= 0; i -= 4) {
      x3 = code(i, x3, wide, mantissaBits, size);
      x2 = code(i - 1, x2, wide, mantissaBits, size);
      x1 = code(i - 2, x1, wide, mantissaBits, size);
      x0 = code(i - 3, x0, wide, mantissaBits, size);
    }
  } else memory.fill(PLANE_B, 0, <usize>n << 2);
  let held = <u64>(x0 - size) | (<u64>(x1 - size) << <u64>tableLog);
  held |= (<u64>(x2 - size) << <u64>(2 * tableLog)) | (<u64>(x3 - size) << <u64>(3 * tableLog));
  let bits = 4 * tableLog;
  for (let k = 0; k < n; k++) {
    const z = valueAt(k, wide);
    const length = wide ? <u32>(64 - clz<u64>(z)) : <u32>(32 - clz<u32>(<u32>z));
    const raw = length > mantissaBits + 1 ? length - 1 - mantissaBits : 0;
    const field = load<u32>(PLANE_B + (<usize>k << 2));
    // At most 7 bits are held after the flush, so up to 57 fit.
    store<u64>(dst, held);
    dst += bits >> 3;
    held >>= <u64>(bits & ~7);
    bits &= 7;
    if (wide && raw > 32) {
      held |= (z & 0xffffffff) << <u64>bits;
      bits += 32;
      store<u64>(dst, held);
      dst += bits >> 3;
      held >>= <u64>(bits & ~7);
      bits &= 7;
      held |= ((z >> 32) & ((<u64>1 << <u64>(raw - 32)) - 1)) << <u64>bits;
      bits += raw - 32;
    } else {
      held |= (z & ((<u64>1 << <u64>raw) - 1)) << <u64>bits;
      bits += raw;
    }
    held |= <u64>(field & 0xffff) << <u64>bits;
    bits += field >> 16;
  }
  store<u64>(dst, held);
  return dst + ((bits + 7) >> 3);
}

export function tans(n: i32, wide: bool, mantissaBits: u32, tableLog: u32, dst: usize): usize {
  return wide ? encode(n, true, mantissaBits, tableLog, dst) : encode(n, false, mantissaBits, tableLog, dst);
}
