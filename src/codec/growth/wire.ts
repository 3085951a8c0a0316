/** Numbers of the growth chunk that are on disk: append, never renumber. docs/format.md describes the bytes. */

/** What a row does. */
export const ROW_SAME = 0;
export const ROW_STEP = 1;
export const ROW_TURN = 2;
export const ROW_LITERAL = 3;
export const ROW_JUMP_STEP = 4;
export const ROW_JUMP_TURN = 5;
/** Kinds of row. */
export const ROW_KINDS = 6;

/** How a gain is computed from two prices. */
export const GAIN_QUOTIENT = 0;
export const GAIN_DIFFERENCE = 1;
