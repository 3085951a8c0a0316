/**
 * The wire ids of the codecs. They are on disk: append, never renumber, never give one a second meaning. An encoder that makes
 * other bytes from the same input needs a new id or a proof that old and new bytes decode alike.
 */
export const WIRE_ID = {
  stored: 0,
  shuffleLz4: 1,
  shuffleDeflate: 2,
  // 3-15: further byte codecs.
  numeric: 16,
  growth: 17,
  repeats: 18,
} as const;
