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

/** Prices in whole ticks that move by a few of them: averages are hit exactly, and often. */
export function tickWalk(seed: number, length: number, tick: number, ticks: number, reach = 3): Float64Array {
  const random = uniform(seed);
  const closes = new Float64Array(length);
  let level = ticks;
  for (let bar = 0; bar < length; bar++) {
    level = Math.max(1, level + Math.round((random() - 0.5) * 2 * reach));
    closes[bar] = level * tick;
  }
  return closes;
}

/** Overwrites stretches with their first price: markets that stand still. */
export function standStill(closes: Float64Array, seed: number, stretches: number, longest: number): Float64Array {
  return overwrite(closes, seed, stretches, longest, (from) => closes[from]);
}

/** Overwrites stretches with NaN: no prices at all. */
export function leaveGaps(closes: Float64Array, seed: number, stretches: number, longest: number): Float64Array {
  return overwrite(closes, seed, stretches, longest, () => Number.NaN);
}

function overwrite(
  closes: Float64Array,
  seed: number,
  stretches: number,
  longest: number,
  value: (from: number) => number,
): Float64Array {
  const random = uniform(seed);
  const result = closes.slice();
  for (let k = 0; k < stretches; k++) {
    const from = Math.floor(random() * result.length);
    result.fill(value(from), from, from + 1 + Math.floor(random() * longest));
  }
  return result;
}
