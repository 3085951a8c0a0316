/** Numbers of the numeric chunk that are on disk: append, never renumber. docs/format.md describes the bytes. */

export const NUMERIC_WIRE_ID = 16;

/** First byte of a chunk. */
export const CHUNK_CONSTANT = 0;
export const CHUNK_RUNS = 1;
export const CHUNK_INTEGERS = 2;

/** How the residuals of an integer column are laid out. */
export const LAYOUT_PLAIN = 0;
export const LAYOUT_TIERS = 1;
export const LAYOUT_GROUPS = 2;
export const LAYOUT_LPC = 3;

/** First byte of a stream. */
export const STREAM_ZEROS = 0;
export const STREAM_PACKED = 1;
export const STREAM_TANS = 2;

/** Digit groups of a column. */
export const MAX_GROUPS = 32;
/** Coefficients of linear prediction. */
export const MAX_LPC_ORDER = 32;
/** Columns a chain of references may pass through. */
export const MAX_REF_DEPTH = 6;
