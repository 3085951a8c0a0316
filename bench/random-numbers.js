// Deterministic random numbers for made-up data: a xorshift of 32 bits.

/** Deterministic numbers in [0, 1). */
export function random(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}
