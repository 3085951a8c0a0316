// Whole vectors at a width known to the compiler: one function a width, signed (zigzag undone) or not.
//
// They are exported so that the optimiser leaves each one a function of its own. An engine compiles a function when it
// is first called, and again when it is called often: a process that reads a file meets two or three widths, not all
// forty.
import { VECTOR } from './offsets';

/** Row `row` of 32, at a width known to the compiler: shifts and word offsets are constants. */
// @ts-ignore: decorator
@inline
function row(src: usize, dst: usize, row: i32, width: i32, mask: v128): void {
  const bit = row * width;
  const shift = bit & 31;
  const word = src + ((bit >> 5) << 4);
  let value = i32x4.shr_u(v128.load(word), shift);
  if (shift + width > 32) value = v128.or(value, i32x4.shl(v128.load(word + 16), 32 - shift));
  v128.store(dst + (row << 4), v128.and(value, mask));
}

// @ts-ignore: decorator
@inline
function rows8(src: usize, dst: usize, from: i32, width: i32, mask: v128): void {
  row(src, dst, from, width, mask);
  row(src, dst, from + 1, width, mask);
  row(src, dst, from + 2, width, mask);
  row(src, dst, from + 3, width, mask);
  row(src, dst, from + 4, width, mask);
  row(src, dst, from + 5, width, mask);
  row(src, dst, from + 6, width, mask);
  row(src, dst, from + 7, width, mask);
}

/** Rows after which shifts and word borders repeat: as many as fill whole words, but not less than eight. */
// @ts-ignore: decorator
@inline
function period(width: i32): i32 {
  return width & 1 ? 32 : width & 2 ? 16 : 8;
}

/** A whole vector at a width known to the compiler, a period a round. */
// @ts-ignore: decorator
@inline
function unpackGroups(src: usize, dst: usize, width: i32): void {
  const mask = i32x4.splat((1 << width) - 1);
  for (const end = dst + (VECTOR << 2); dst < end; dst += period(width) << 4, src += (period(width) * width) >> 1) {
    rows8(src, dst, 0, width, mask);
    if (period(width) > 8) rows8(src, dst, 8, width, mask);
    if (period(width) > 16) {
      rows8(src, dst, 16, width, mask);
      rows8(src, dst, 24, width, mask);
    }
  }
}

/** The same, and zigzag undone: the sign is the lowest bit of a field, the magnitude the bits above it. */
// @ts-ignore: decorator
@inline
function signedRow(src: usize, dst: usize, row: i32, width: i32, mask: v128): void {
  const bit = row * width;
  const shift = bit & 31;
  const word = src + ((bit >> 5) << 4);
  const held = v128.load(word);
  const sign = i32x4.shr_s(shift < 31 ? i32x4.shl(held, 31 - shift) : held, 31);
  let value = shift < 31 ? i32x4.shr_u(held, shift + 1) : v128.load(word + 16);
  if (shift < 31 && shift + width > 32) value = v128.or(value, i32x4.shl(v128.load(word + 16), 31 - shift));
  v128.store(dst + (row << 4), v128.xor(v128.and(value, mask), sign));
}

// @ts-ignore: decorator
@inline
function signedRows8(src: usize, dst: usize, from: i32, width: i32, mask: v128): void {
  signedRow(src, dst, from, width, mask);
  signedRow(src, dst, from + 1, width, mask);
  signedRow(src, dst, from + 2, width, mask);
  signedRow(src, dst, from + 3, width, mask);
  signedRow(src, dst, from + 4, width, mask);
  signedRow(src, dst, from + 5, width, mask);
  signedRow(src, dst, from + 6, width, mask);
  signedRow(src, dst, from + 7, width, mask);
}

// @ts-ignore: decorator
@inline
function signedGroups(src: usize, dst: usize, width: i32): void {
  const mask = i32x4.splat((1 << (width - 1)) - 1);
  for (const end = dst + (VECTOR << 2); dst < end; dst += period(width) << 4, src += (period(width) * width) >> 1) {
    signedRows8(src, dst, 0, width, mask);
    if (period(width) > 8) signedRows8(src, dst, 8, width, mask);
    if (period(width) > 16) {
      signedRows8(src, dst, 16, width, mask);
      signedRows8(src, dst, 24, width, mask);
    }
  }
}

export function unpack1(src: usize, dst: usize): void {
  unpackGroups(src, dst, 1);
}
export function unpack2(src: usize, dst: usize): void {
  unpackGroups(src, dst, 2);
}
export function unpack3(src: usize, dst: usize): void {
  unpackGroups(src, dst, 3);
}
export function unpack4(src: usize, dst: usize): void {
  unpackGroups(src, dst, 4);
}
export function unpack5(src: usize, dst: usize): void {
  unpackGroups(src, dst, 5);
}
export function unpack6(src: usize, dst: usize): void {
  unpackGroups(src, dst, 6);
}
export function unpack7(src: usize, dst: usize): void {
  unpackGroups(src, dst, 7);
}
export function unpack8(src: usize, dst: usize): void {
  unpackGroups(src, dst, 8);
}
export function unpack9(src: usize, dst: usize): void {
  unpackGroups(src, dst, 9);
}
export function unpack10(src: usize, dst: usize): void {
  unpackGroups(src, dst, 10);
}
export function unpack11(src: usize, dst: usize): void {
  unpackGroups(src, dst, 11);
}
export function unpack12(src: usize, dst: usize): void {
  unpackGroups(src, dst, 12);
}
export function unpack13(src: usize, dst: usize): void {
  unpackGroups(src, dst, 13);
}
export function unpack14(src: usize, dst: usize): void {
  unpackGroups(src, dst, 14);
}
export function unpack15(src: usize, dst: usize): void {
  unpackGroups(src, dst, 15);
}
export function unpack16(src: usize, dst: usize): void {
  unpackGroups(src, dst, 16);
}
export function unpack17(src: usize, dst: usize): void {
  unpackGroups(src, dst, 17);
}
export function unpack18(src: usize, dst: usize): void {
  unpackGroups(src, dst, 18);
}
export function unpack19(src: usize, dst: usize): void {
  unpackGroups(src, dst, 19);
}
export function unpack20(src: usize, dst: usize): void {
  unpackGroups(src, dst, 20);
}

export function signed1(src: usize, dst: usize): void {
  signedGroups(src, dst, 1);
}
export function signed2(src: usize, dst: usize): void {
  signedGroups(src, dst, 2);
}
export function signed3(src: usize, dst: usize): void {
  signedGroups(src, dst, 3);
}
export function signed4(src: usize, dst: usize): void {
  signedGroups(src, dst, 4);
}
export function signed5(src: usize, dst: usize): void {
  signedGroups(src, dst, 5);
}
export function signed6(src: usize, dst: usize): void {
  signedGroups(src, dst, 6);
}
export function signed7(src: usize, dst: usize): void {
  signedGroups(src, dst, 7);
}
export function signed8(src: usize, dst: usize): void {
  signedGroups(src, dst, 8);
}
export function signed9(src: usize, dst: usize): void {
  signedGroups(src, dst, 9);
}
export function signed10(src: usize, dst: usize): void {
  signedGroups(src, dst, 10);
}
export function signed11(src: usize, dst: usize): void {
  signedGroups(src, dst, 11);
}
export function signed12(src: usize, dst: usize): void {
  signedGroups(src, dst, 12);
}
export function signed13(src: usize, dst: usize): void {
  signedGroups(src, dst, 13);
}
export function signed14(src: usize, dst: usize): void {
  signedGroups(src, dst, 14);
}
export function signed15(src: usize, dst: usize): void {
  signedGroups(src, dst, 15);
}
export function signed16(src: usize, dst: usize): void {
  signedGroups(src, dst, 16);
}
export function signed17(src: usize, dst: usize): void {
  signedGroups(src, dst, 17);
}
export function signed18(src: usize, dst: usize): void {
  signedGroups(src, dst, 18);
}
export function signed19(src: usize, dst: usize): void {
  signedGroups(src, dst, 19);
}
export function signed20(src: usize, dst: usize): void {
  signedGroups(src, dst, 20);
}
