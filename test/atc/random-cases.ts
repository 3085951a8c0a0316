/** Random configurations and prices for comparing implementations; a case is a function of its seed. */
import { ATC_FAMILIES, type AtcParameters, type AtcRobustness } from 'atc-memory/atc';
import { leaveGaps, randomWalk, standStill, tickWalk, uniform } from './price-series.js';

export interface RandomCase {
  readonly kind: string;
  readonly closes: Float64Array;
  readonly parameters: AtcParameters;
}

const SMALLEST_BASE = { Narrow: 5, Medium: 7, Wide: 8 } as const;

/** Lengths 2 to 200, every robustness; prices that walk, tick, stand still, jump, run straight, or are missing. */
export function randomCase(seed: number): RandomCase {
  const random = uniform(seed);
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)];
  const { kind, closes } = randomPrices(random, below, pick);
  return { kind, closes, parameters: randomParameters(random, below, pick, closes.length) };
}

type Below = (n: number) => number;
type Pick = <T>(choices: readonly T[]) => T;

function randomPrices(random: () => number, below: Below, pick: Pick) {
  const length = 30 + below(pick([200, 700, 1500]));
  const seed = below(1e9);
  const walk = () => randomWalk(seed, length, pick([0.0002, 0.01, 0.1]));
  const ticks = () =>
    tickWalk(seed, length, pick([1, 0.25, 0.1, 0.01, 0.00001]), pick([3, 40, 5000, 120000]), 1 + below(4));
  const kinds: Readonly<Record<string, () => Float64Array>> = {
    walk,
    ticks,
    'walk standing still': () => standStill(walk(), seed + 1, 1 + below(6), 1 + below(150)),
    'ticks standing still': () => standStill(ticks(), seed + 1, 1 + below(6), 1 + below(150)),
    'walk with gaps': () => leaveGaps(walk(), seed + 2, 1 + below(5), 1 + below(40)),
    'ticks with gaps': () => leaveGaps(ticks(), seed + 2, 1 + below(5), 1 + below(40)),
    'gaps at the start': () => walk().fill(Number.NaN, 0, 1 + below(60)),
    both: () => leaveGaps(standStill(ticks(), seed + 1, 4, 80), seed + 2, 3, 3),
    jumps: () => {
      let scale = 1;
      return walk().map((price) => (scale *= random() < 0.01 ? pick([0.001, 0.1, 10, 1000]) : 1) * price);
    },
    'rarely moves': () => {
      let level = pick([5, 30, 100]);
      return Float64Array.from({ length }, () => {
        if (random() < pick([0.02, 0.1])) level = Math.max(1, level + (random() < 0.5 ? -1 : 1));
        return level / 100;
      });
    },
    'saw teeth': () => {
      const teeth = 10 + below(200);
      const step = pick([0.25, 0.01, 0.003]);
      return Float64Array.from({ length }, (_, bar) => 100 + (bar % teeth) * step);
    },
    'rarely moves, with gaps': () => leaveGaps(standStill(ticks(), seed + 1, 8, 120), seed + 2, 1 + below(6), 2),
    straight: () => Float64Array.from({ length }, (_, bar) => 100 + bar * pick([0.5])),
    constant: () => new Float64Array(length).fill(pick([1.1, 100, 0.3])),
    steps: () => Float64Array.from({ length }, (_, bar) => 1 + (Math.floor(bar / 60) % 3) / 10),
  };
  const kind = pick(Object.keys(kinds));
  return { kind, closes: kinds[kind]() };
}

function randomParameters(random: () => number, below: Below, pick: Pick, bars: number): AtcParameters {
  const robustness = pick<AtcRobustness>(['Narrow', 'Medium', 'Wide']);
  const longest = pick([12, 40, 200]);
  const parameters: Record<string, unknown> = { robustness };
  const shared = below(longest);
  for (const family of ATC_FAMILIES) {
    const smallest = SMALLEST_BASE[robustness] + (family === 'hma' ? 1 : 0);
    parameters[`${family}Length`] = smallest + (random() < 0.3 ? shared : below(longest));
    if (random() < 0.3) parameters[`${family}Weight`] = pick([0.01, 0.25, 0.5, 2, 10]);
  }
  if (random() < 0.5) parameters.cutout = below(Math.min(bars, pick([3, 70, 1000])));
  if (random() < 0.3) parameters.lambda = pick([0, 0.5, 20, -5]);
  if (random() < 0.3) parameters.decay = pick([0, 0.25, 3, 100]);
  if (random() < 0.3) Object.assign(parameters, { longThreshold: pick([0, 0.3]), shortThreshold: pick([-0.2, -0.49]) });
  if (random() < 0.2) parameters.cut = { long: 0.49, short: -0.49 };
  if (random() < 0.2) parameters.strategyMode = true;
  return parameters as AtcParameters;
}
