/** Deterministic price series for tests: every one is a function of its seed. */

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32 by T. Ettinger). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A multiplicative random walk around 100 with steps of up to `step` (relative). */
export function randomWalk(seed: number, length: number, step = 0.01): Float64Array {
  const random = uniform(seed);
  const closes = new Float64Array(length);
  let price = 100;
  for (let bar = 0; bar < length; bar++) {
    price *= 1 + step * (random() + random() - 1);
    closes[bar] = price;
  }
  return closes;
}
