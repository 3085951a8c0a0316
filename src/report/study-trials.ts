/** Which trials of a large study a page holds. */

const MOST_TRIALS = 20_000;
const MOST_BEST = 2000;

/** Numbers of trials, ascending: all of them, or the best and evenly spaced others. */
export function chosenTrials(objective: Float64Array, direction: 'maximize' | 'minimize'): number[] {
  const trials = objective.length;
  if (trials <= MOST_TRIALS) return Array.from({ length: trials }, (_, trial) => trial);
  const sign = direction === 'maximize' ? -1 : 1;
  const merit = (trial: number) =>
    Number.isNaN(objective[trial]) ? Number.POSITIVE_INFINITY : sign * objective[trial];
  const ranked = Array.from({ length: trials }, (_, trial) => trial).sort((a, b) => {
    const [x, y] = [merit(a), merit(b)];
    return x < y ? -1 : x > y ? 1 : a - b;
  });
  const spread = MOST_TRIALS - MOST_BEST;
  const chosen = new Set(ranked.slice(0, MOST_BEST));
  for (let k = 0; k < spread; k += 1) chosen.add(Math.floor((k * trials) / spread));
  return [...chosen].sort((a, b) => a - b);
}
