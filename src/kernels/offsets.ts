/**
 * Where everything lies in the memory of the kernels (`arena.ts`): byte offsets and sizes. This file is compiled twice,
 * by TypeScript and by AssemblyScript (assembly/codec), so it holds nothing but constants that both understand.
 */

/** Rows of the largest block a kernel accepts. */
export const MAX_ROWS = 16_384;
/** Bytes of the largest chunk a kernel accepts; an encoder stores a column rather than exceed 8 bytes a row. */
export const MAX_INPUT = 1 << 18;

const KIB = 1024;
/** tANS decoding table (4,096 entries of 8 bytes) and small tables. */
export const TABLE = 4 * KIB;
/** tANS symbol order while a table is built: 4,096 class indexes of 2 bytes. */
export const SPREAD = 36 * KIB;
/** Class list of a table under construction: class and count, two u32 each, at most 4,096. */
export const CLASSES = 44 * KIB;
/** Vectors of constants of a loop. Those known beforehand lie below TABLE. */
export const CONSTANTS = 76 * KIB;
/** CRC-32C tables, 8 KiB, and working memory. */
export const CRC_TABLES = 80 * KIB;
export const CRC_WORK = 88 * KIB;
export const INPUT = 128 * KIB;
const PLANES = INPUT + MAX_INPUT;
/** Bytes of one 32-bit plane. */
export const PLANE_BYTES = MAX_ROWS * 4 + KIB;
/** Bytes of a low and a high plane. */
export const PAIR_BYTES = 2 * PLANE_BYTES;
/** Offsets of the three pairs of planes (low words, then high words): main stream, second stream, symbols. */
export const PLANE_A = PLANES;
export const PLANE_B = PLANES + PAIR_BYTES;
export const PLANE_C = PLANES + 2 * PAIR_BYTES;
/** Elements of a decoded block on their way to the caller. */
export const OUT = PLANES + 3 * PAIR_BYTES;
const OUT_BYTES = MAX_ROWS * 8;
/** Decoded integers of whole columns, for the columns predicted from them. */
export const SLOTS = OUT + OUT_BYTES;
export const SLOT_BYTES = MAX_ROWS * 8;
export const SLOT_COUNT = 8;
/** Narrow integers of a column and its refs on their way through an encoder; kernels read up to 8 bytes before them. */
export const UNITS_U = SLOTS + SLOT_COUNT * SLOT_BYTES + KIB;
export const UNITS_A = UNITS_U + PLANE_BYTES;
export const UNITS_B = UNITS_A + PLANE_BYTES;
/** What the entries of each class of a tANS table have in common, 4,096 of 8 bytes. */
export const ENTRIES = UNITS_B + PLANE_BYTES;
export const ARENA_BYTES = ENTRIES + 96 * KIB;

// Vectors of constants of a loop, at CONSTANTS. The engine builds literals anew in every round, but loads these once.
export const ZERO = CONSTANTS;
export const FACTORS = CONSTANTS + 16;
export const WHOLE_FACTORS = CONSTANTS + 32;
export const SCALES = CONSTANTS + 48;
export const BASES = CONSTANTS + 64;
export const TICKS = CONSTANTS + 80;
/** Nine vectors. */
export const STEPS = CONSTANTS + 96;

/** Values of one vector of a packed stream. */
export const VECTOR = 1024;
