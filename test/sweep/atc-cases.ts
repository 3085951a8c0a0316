/** Random studies of ATC: trials that have much, little or nothing in common. */
import type { AtcParameters } from '../../plugins/atc/index.js';
import { columnsOf, uniform } from './histories.js';

const FAMILIES = ['ema', 'hma', 'wma', 'dema', 'lsma', 'kama'] as const;

export interface AtcCase {
  readonly columns: ReturnType<typeof columnsOf>;
  readonly trials: Record<string, number | string | boolean>[];
  readonly fixed: AtcParameters;
  readonly fee: number;
}

export function randomAtcCase(seed: number): AtcCase {
  const random = uniform(seed * 104_729 + 3);
  for (let k = 0; k < 5; k++) random();
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)];
  const rows = 120 + Math.floor(random() * 2600);
  const columns = columnsOf(rows, seed, random() < 0.3 ? 0.01 : 0);
  const close = columns.close as Float64Array;
  // Ties: prices on a coarse grid touch their averages; stretches that stand still.
  if (random() < 0.3) for (let row = 0; row < rows; row++) close[row] = Math.max(1, Math.round(close[row]));
  if (random() < 0.2) close.fill(close[0], 0, Math.floor(rows / 3));
  const lengths = Array.from({ length: 1 + Math.floor(random() * 4) }, () => 9 + Math.floor(random() * 40));
  const swept = FAMILIES.filter(() => random() < 0.7);
  const sweepsCuts = random() < 0.5;
  const count = 1 + Math.floor(random() * 40);
  const trials = Array.from({ length: count }, () => {
    const one: Record<string, number | string | boolean> = {};
    for (const family of swept) one[`${family}Length`] = pick(lengths);
    if (random() < 0.2) one[`${pick(FAMILIES)}Weight`] = pick([0.5, 2]);
    if (sweepsCuts) {
      one.longThreshold = pick([0, 0.05, 0.1, 0.3]);
      one.shortThreshold = pick([-0.01, -0.1, -0.4]);
    }
    if (seed % 7 === 0) one.lambda = pick([0.02, 0.5]);
    if (seed % 9 === 0) one.robustness = pick(['Narrow', 'Medium', 'Wide']);
    if (seed % 31 === 0) one.strategyMode = pick([true, false]);
    return one;
  });
  const fixed: AtcParameters = {
    cutout: pick([0, 0, 13, 200]),
    // Some equities overflow: averages of such are 0.
    ...(seed % 7 === 0 ? {} : { lambda: pick([0.02, 0.02, 1, 60]) }),
    ...(seed % 23 === 0 ? { classify: 'hysteresis' as const } : {}),
  };
  return { columns, trials, fixed, fee: pick([0, 0.001]) };
}
