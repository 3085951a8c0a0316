/**
 * Random numbers that depend on a seed and a trial's number alone: a study that is resumed, or shared by several
 * processes, draws the same ones. Generator: sfc32 (PractRand, public domain), seeded by a mix of the three numbers.
 */

/** Avalanche of a 32-bit number (the finisher of MurmurHash3). */
function mixed(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Numbers in [0, 1) with 53 random bits. */
export function randomOf(seed: number, trial: number, stream = 0): () => number {
  let a = mixed(seed ^ 0x9e3779b9);
  let b = mixed(a ^ mixed(trial + 0x7f4a7c15));
  let c = mixed(b ^ mixed(stream + 0x94d049bb));
  let counter = 1;
  const next = () => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (let k = 0; k < 12; k++) next();
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}
