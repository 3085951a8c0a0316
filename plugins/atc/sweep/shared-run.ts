/** Many trials of the strategy over one symbol: families are computed once for all trials that have them in common. */
import type { PositionSink, SharedRun } from 'atc-memory/sweep';
import { createTrendClassifier } from '../classify.js';
import { checkCloses } from '../closes.js';
import type { AtcEngine, FamilyRows, LayerRows } from '../engine.js';
import { ATC_FAMILIES } from '../families.js';
import { type AtcKernelChoice, chooseKernel } from '../kernel/choose-kernel.js';
import type { ResolvedAtcParameters } from '../parameters.js';
import { type FamilyPlan, planFamilies } from './family-plan.js';
import { CHUNK, SideColumns } from './sides.js';
import { planVotes, type VotePlan } from './vote-plan.js';

const LANES = 8;

/** Passes whose columns are in memory at once, some 200 kB each. */
const MOST_PASSES = 256;
/** With fewer trials a pass than this, sharing costs more than it saves. */
const LEAST_TRIALS_PER_PASS = 1.6;

/** Whether the families of a trial determine its positions: a shifted or a lasting trend needs its own signal. */
const isShareable = ({ strategyMode, classify }: ResolvedAtcParameters) => !strategyMode && classify === 'sign';

interface Part {
  run(closes: Float64Array, groupAt: number, sink: PositionSink): void;
  readonly groups: number;
  figures(): readonly Readonly<Record<string, number>>[];
}

export class SharedAtcRun implements SharedRun {
  readonly #parts: readonly Part[];
  #bars = 0;
  readonly #symbol: string;

  constructor(symbol: string, trials: readonly ResolvedAtcParameters[], kernel: AtcKernelChoice = 'auto') {
    this.#symbol = symbol;

    this.#parts = partsOf(trials, kernel);
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

  finish() {
    return this.#parts.flatMap((part) => part.figures());
  }
}

/** Whole groups of eight trials; halved until the passes of each part fit in memory. */
function partsOf(trials: readonly ResolvedAtcParameters[], kernel: AtcKernelChoice): Part[] {
  if (trials.length === 0) return [];
  const plan = trials.every(isShareable) ? planFamilies(trials) : undefined;
  const isWorth = plan !== undefined && plan.passes.length * LEAST_TRIALS_PER_PASS <= trials.length;
  if (isWorth && plan.passes.length <= MOST_PASSES) return [new FamilyPart(trials, plan, kernel)];
  if (trials.length <= LANES) return [new SinglePart(trials, kernel)];
  const half = Math.ceil(trials.length / 2 / LANES) * LANES;
  if (!isWorth && trials.length <= 64) return [new SinglePart(trials, kernel)];
  return [...partsOf(trials.slice(0, half), kernel), ...partsOf(trials.slice(half), kernel)];
}

const summaryOf = (signal: number, trend: number) => ({ signal, trend });

/** Each trial by itself. */
class SinglePart implements Part {
  readonly groups: number;
  readonly #engines: readonly AtcEngine[];
  readonly #classifiers;
  readonly #signals = new Float64Array(CHUNK);
  readonly #last: { signal: number; trend: number }[];

  constructor(trials: readonly ResolvedAtcParameters[], kernel: AtcKernelChoice) {
    this.groups = Math.ceil(trials.length / LANES);
    this.#engines = trials.map((parameters) => chooseKernel(parameters, kernel).engine);
    this.#classifiers = trials.map((parameters) => createTrendClassifier(parameters));
    this.#last = trials.map(() => summaryOf(0, 0));
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

/** Trials out of the columns of their families. */
class FamilyPart implements Part {
  readonly groups: number;
  readonly #columns: SideColumns;
  readonly #engines: readonly { readonly engine: AtcEngine; readonly layers: LayerRows }[];
  readonly #unused = new Float64Array(CHUNK);
  readonly #votes: VotePlan | undefined;
  readonly #signals: Float64Array;
  readonly #trials: readonly ResolvedAtcParameters[];
  readonly #plan: FamilyPlan;

  constructor(trials: readonly ResolvedAtcParameters[], plan: FamilyPlan, kernel: AtcKernelChoice) {
    this.#trials = trials;
    this.#plan = plan;

    this.groups = Math.ceil(trials.length / LANES);
    const votes = planVotes(trials, plan);
    this.#columns = new SideColumns(plan.passes.length, votes?.columns ?? 0, kernel !== 'typescript');
    this.#votes = this.#columns.isFast ? votes : undefined;
    this.#engines = plan.passes.map(({ parameters, history }, pass) => ({
      engine: chooseKernel(parameters, kernel, history).engine,
      layers: { layer1: this.#rows(pass, 0), layer2: this.#rows(pass, 1) },
    }));
    this.#signals = new Float64Array(trials.length);
  }

  #rows(pass: number, layer: 0 | 1): FamilyRows {
    return Object.fromEntries(
      ATC_FAMILIES.map((family, k) => [family, this.#columns.column(pass, k, layer)]),
    ) as unknown as FamilyRows;
  }

  run(closes: Float64Array, groupAt: number, sink: PositionSink): void {
    const columns = this.#columns;
    const count = closes.length;
    for (const { engine, layers } of this.#engines) engine.run(closes, this.#unused, layers);
    columns.written(count);
    this.#votes?.prepare(columns, count);
    for (let group = 0; group < this.groups; group++) {
      for (let lane = 0; lane < LANES; lane++) {
        const trial = group * LANES + lane;
        // A lane without a trial repeats the last one: its account is never looked at.
        this.#sides(Math.min(trial, this.#trials.length - 1), count, lane);
      }
      sink.positions.set(columns.out.subarray(0, count * LANES));
      sink.take(groupAt + group);
    }
    for (const [trial, { cut }] of this.#trials.entries()) {
      this.#signals[trial] = columns.average(this.#plan.passOf[trial], count - 1, cut.long, cut.short);
    }
  }

  #sides(trial: number, count: number, lane: number): void {
    const passOf = this.#plan.passOf[trial];
    const columns = this.#columns;
    if (!columns.isLarge(passOf) && this.#votes?.sides(columns, trial, count, lane)) return;
    const { cut } = this.#trials[trial];
    columns.sides(passOf, count, cut.long, cut.short, lane);
  }

  figures() {
    return Array.from(this.#signals, (signal) => summaryOf(signal, Math.sign(signal)));
  }
}
