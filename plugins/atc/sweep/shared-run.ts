/** Many trials of the strategy over one symbol: families are computed once for all trials that have them in common. */
import type { PositionSink, SharedRun } from 'atc-memory/sweep';
import { createTrendClassifier } from '../classify.js';
import { checkCloses } from '../closes.js';
import type { AtcEngine } from '../engine.js';
import { type AtcKernelChoice, chooseKernel } from '../kernel/choose-kernel.js';
import type { ResolvedAtcParameters } from '../parameters.js';
import { CHUNK, LANES } from './family-columns.js';
import { FamilyPart } from './family-part.js';
import { type FamilyPlan, planFamilies, sourceCount } from './family-plan.js';

/** Sources whose columns are in memory at once, 32 kB each. */
const MOST_SOURCES = 2048;
/** What a pass costs in trials that run by themselves, and how much cheaper sharing must be. */
const ADAPTIVE_COST = 0.45;
const LEAST_GAIN = 1.15;

/** Whether the families of a trial determine its positions: a shifted or a lasting trend needs its own signal. */
const isShareable = ({ strategyMode, classify }: ResolvedAtcParameters) => !strategyMode && classify === 'sign';

type Figures = readonly Readonly<Record<string, number>>[];

interface Part {
  readonly groups: number;
  restart(): void;
  run(closes: Float64Array, groupAt: number, sink: PositionSink): void;
  figures(): Figures;
}

export class SharedAtcRun implements SharedRun {
  readonly #parts: readonly Part[];
  #bars = 0;
  #symbol: string;

  constructor(symbol: string, trials: readonly ResolvedAtcParameters[], kernel: AtcKernelChoice = 'auto') {
    this.#symbol = symbol;

    this.#parts = partsOf(trials, kernel);
  }

  /** The same trials over another symbol, from its first bar: plans and memory stay. */
  restart(symbol: string): void {
    this.#symbol = symbol;
    this.#bars = 0;
    for (const part of this.#parts) part.restart();
  }

  push(closes: Float64Array, sink: PositionSink): void {
    checkCloses(closes, this.#bars, this.#symbol);
    this.#bars += closes.length;
    let group = 0;
    for (const part of this.#parts) {
      part.run(closes, group, sink);
      group += part.groups;
    }
  }

  finish(): Figures {
    return this.#parts.flatMap((part) => part.figures());
  }
}

/** Whole groups of eight trials; halved until the columns of each part fit in memory. */
function partsOf(trials: readonly ResolvedAtcParameters[], kernel: AtcKernelChoice): Part[] {
  if (trials.length === 0) return [];
  const plan = trials.every(isShareable) ? planFamilies(trials) : undefined;
  const isWorth = plan !== undefined && costOf(plan) * LEAST_GAIN <= trials.length;
  if (isWorth && sourceCount(plan) <= MOST_SOURCES) return [new FamilyPart(trials, plan, kernel)];
  if (trials.length <= LANES || (!isWorth && trials.length <= 64)) return [new SinglePart(trials, kernel)];
  const half = Math.ceil(trials.length / 2 / LANES) * LANES;
  return [...partsOf(trials.slice(0, half), kernel), ...partsOf(trials.slice(half), kernel)];
}

const costOf = ({ passes, adaptive }: FamilyPlan) => passes.length + ADAPTIVE_COST * adaptive.length;

const summaryOf = (signal: number, trend: number) => ({ signal, trend });

/** Each trial by itself. */
class SinglePart implements Part {
  readonly groups: number;
  #engines: readonly AtcEngine[] = [];
  #classifiers: readonly ReturnType<typeof createTrendClassifier>[] = [];
  #last: { signal: number; trend: number }[] = [];
  readonly #signals = new Float64Array(CHUNK);
  readonly #trials: readonly ResolvedAtcParameters[];
  readonly #kernel: AtcKernelChoice;

  constructor(trials: readonly ResolvedAtcParameters[], kernel: AtcKernelChoice) {
    this.#trials = trials;
    this.#kernel = kernel;

    this.groups = Math.ceil(trials.length / LANES);
    this.restart();
  }

  restart(): void {
    this.#engines = this.#trials.map((parameters) => chooseKernel(parameters, this.#kernel).engine);
    this.#classifiers = this.#trials.map((parameters) => createTrendClassifier(parameters));
    this.#last = this.#trials.map(() => summaryOf(0, 0));
  }

  run(closes: Float64Array, groupAt: number, sink: PositionSink): void {
    const signals = this.#signals.subarray(0, closes.length);
    for (let group = 0; group < this.groups; group++) {
      for (let lane = 0; lane < LANES; lane++) {
        const trial = group * LANES + lane;
        const engine = this.#engines[trial];
        if (engine === undefined) {
          for (let bar = 0; bar < closes.length; bar++) sink.positions[bar * LANES + lane] = 0;
          continue;
        }
        engine.run(closes, signals);
        for (let bar = 0; bar < closes.length; bar++) {
          const signal = signals[bar];
          sink.positions[bar * LANES + lane] = signal > 0 ? 1 : signal < 0 ? -1 : 0;
        }
        this.#last[trial] = summaryOf(signals[closes.length - 1], this.#classifiers[trial].last(signals));
      }
      sink.take(groupAt + group);
    }
  }

  figures() {
    return this.#last;
  }
}
