// Arena offsets: the same numbers as src/kernels/arena.ts, which says what they are. A test compares the two.
export const KIB: usize = 1024;
export const MAX_ROWS: i32 = 16384;
export const TABLE: usize = 4 * KIB;
export const SPREAD: usize = 36 * KIB;
export const CLASSES: usize = 44 * KIB;
export const CONSTANTS: usize = 76 * KIB;
export const CRC_TABLES: usize = 80 * KIB;
export const CRC_WORK: usize = 88 * KIB;
export const INPUT: usize = 128 * KIB;
export const PLANES: usize = INPUT + (1 << 18);
export const PLANE_BYTES: usize = <usize>MAX_ROWS * 4 + KIB;
export const PAIR_BYTES: usize = 2 * PLANE_BYTES;
export const PLANE_A: usize = PLANES;
export const PLANE_B: usize = PLANES + PAIR_BYTES;
export const PLANE_C: usize = PLANES + 2 * PAIR_BYTES;
export const OUT: usize = PLANES + 3 * PAIR_BYTES;

export const SLOTS: usize = OUT + <usize>MAX_ROWS * 8;
export const UNITS_U: usize = SLOTS + 8 * <usize>MAX_ROWS * 8 + KIB;
export const UNITS_A: usize = UNITS_U + PLANE_BYTES;
export const UNITS_B: usize = UNITS_A + PLANE_BYTES;

// Vectors of constants of a loop, at CONSTANTS. The engine makes literals anew in every round, but loads these once.
export const ZERO: usize = CONSTANTS;
export const FACTORS: usize = CONSTANTS + 16;
export const WHOLE_FACTORS: usize = CONSTANTS + 32;
export const SCALES: usize = CONSTANTS + 48;
export const BASES: usize = CONSTANTS + 64;
export const TICKS: usize = CONSTANTS + 80;

export const VECTOR: i32 = 1024;

/** `width` (0..32) bits at bit `position` of memory. */
// @ts-ignore: decorator
@inline
export function bitsAt(position: u32, width: u32): u32 {
  return <u32>((load<u64>(position >> 3) >> (position & 7)) & ((<u64>1 << width) - 1));
}
