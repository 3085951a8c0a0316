/** Everything a sweep is asked for, checked, and what identifies it. */
import { requireOptionalFunction, requireOptions, requirePath, requireSignal } from '../arguments.js';
import { costRateOf, type TradingCosts } from '../backtest/trading.js';
import type { HistoryOptions } from '../dataset/history/history.js';
import { AtcError, shown } from '../errors.js';
import type { HistorySource } from '../formats/source.js';
import { nearestHint } from '../nearest.js';
import { type Constraint, type ConstraintSource, constraintOf } from './constraints.js';
import { type Goal, goalsOf, type Objective, requireFigures } from './objective.js';
import { type PruneRule, type Pruner, pruneRule } from './pruner.js';
import { createSampler, SAMPLERS, type Sampler, type SamplerName } from './samplers.js';
import { type StrategyFactory, type SweepStrategy, sweepStrategyOf } from './seams.js';
import { checkSpace, type SearchSpace } from './space.js';
import type { StudyCut } from './study-files.js';
import { StudyPart } from './study-part.js';
import { FIGURES } from './traded-accounts.js';

/** How far a sweep is. */
export interface SweepProgress {
  /** Trials that are finished over all symbols. */
  readonly trialsDone: number;
  /** Trials of the whole study. */
  readonly trialsTotal: number;
  /** Share of the work that is done, 0 to 1. */
  readonly share: number;
  /** Estimate from the work of this run; NaN before anything is done. */
  readonly secondsLeft: number;
}

/** Part of the work of a study. */
export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  /** Into how many parts the work is cut. */
  readonly count: number;
}

/** What a sweep runs over, searches and how. Trials depend on everything but where results go and who computes them. */
export interface SweepOptions extends TradingCosts {
  /** CSV files, a dataset directory, columns or candles. */
  readonly source: HistorySource;
  /** How the history is stored while it is read. Default: as it is. */
  readonly history?: HistoryOptions;
  /** A strategy by its parameters, or a function that builds it: `(parameters) => strategy`. */
  readonly strategy: SweepStrategy | StrategyFactory;
  /** A distribution a parameter. */
  readonly space: SearchSpace;
  /** A figure by name (`'sharpe'`), several, or a function of a trial's figures. */
  readonly objective: Objective;
  /** Default: 'grid' where `trials` is absent (every parameter then needs finitely many values), else 'random'. */
  readonly sampler?: SamplerName;
  /** How many. Default: the whole grid, 100 for the other samplers. */
  readonly trials?: number;
  /** Whole number; the same seed gives the same trials. Default 0. */
  readonly seed?: number;
  /** Rules that parameters must meet: `'longThreshold > shortThreshold'`, or functions. */
  readonly constraints?: readonly ConstraintSource[];
  /**
   * Gives trials up symbol by symbol, when the objective over the symbols so far is below the median of earlier trials.
   * They have figures of the symbols that they ran over (`symbols` counts them) and no objective. Default: never.
   */
  readonly pruner?: Pruner;
  /**
   * Where the study is stored: it can be stopped, resumed, extended and shared by several processes. Default: nowhere.
   */
  readonly directory?: string;
  /** Threads. Needs a dataset on disk and a strategy with a reference. Default 1. */
  readonly workers?: number;
  /** This process does every count-th unit of work from index on, 1-based; needs a directory. */
  readonly shard?: Shard;
  /**
   * Directories of shards of this study that ran elsewhere: what they finished is copied into `directory`, and the
   * study is completed from that without running a trial. What `sweepPart` returned elsewhere will do as well.
   */
  readonly merge?: readonly (string | StudyPart)[];
  /**
   * Equity curves that are stored in the directory: of so many of the best trials by the first objective, or of all.
   * Default 0. `SweepResult.curves` reads them.
   */
  readonly curves?: number | 'all';
  /**
   * What the study must be, as `describeStudy` returned it elsewhere: anything else is ARGUMENT before a trial runs,
   * naming what differs. Names left out are not compared.
   */
  readonly identity?: Readonly<Record<string, unknown>>;
  /** Share of the rows of every symbol, at its end, that no trial sees, 0 up to 1. Default 0. */
  readonly holdout?: number;
  /**
   * Equal parts of the history whose returns are stored for the statistics of overfitting, even, at most 20. Default
   * 16; 0 above 16,384 trials.
   */
  readonly slices?: number;
  /** Stops within a fraction of a second by throwing the signal's reason; finished work stays in the directory. */
  readonly signal?: AbortSignal;
  /** Called now and then; must not throw. */
  readonly onProgress?: (progress: SweepProgress) => void;
}

const KNOWN: Record<keyof SweepOptions, true> = {
  source: true,
  history: true,
  strategy: true,
  space: true,
  objective: true,
  sampler: true,
  trials: true,
  seed: true,
  constraints: true,
  pruner: true,
  directory: true,
  workers: true,
  shard: true,
  merge: true,
  curves: true,
  identity: true,
  holdout: true,
  slices: true,
  signal: true,
  onProgress: true,
  fee: true,
  slippage: true,
};

export interface ResolvedSweep {
  readonly strategy: SweepStrategy;
  readonly space: SearchSpace;
  readonly goals: readonly Goal[];
  readonly constraints: readonly Constraint[];
  readonly sampler: Sampler;
  readonly samplerName: SamplerName;
  readonly seed: number;
  readonly trials: number;
  /** Trials that are proposed, run and stored together. */
  readonly batch: number;
  readonly slices: number;
  readonly holdout: number;
  readonly costs: Required<TradingCosts>;
  readonly pruner: PruneRule | undefined;
}

/** Halves of more slices are too many to compare them all: of 20 there are 184,756, of 30 already 155 million. */
const MOST_SLICES = 20;
/** Trials above which slices are not stored unless they are asked for. */
const MOST_SLICED_TRIALS = 16_384;
/** Trials of one generation of a sampler that learns: it sees the results of all generations before. */
const GENERATION = 16;
const MOST_TRIALS = 100_000_000;

/** @throws AtcError ARGUMENT naming the option and what is allowed. */
export function resolveSweep(options: SweepOptions): ResolvedSweep {
  if (options === undefined) throw new AtcError('ARGUMENT', 'sweep needs its options: at least source and space');
  requireOptions(options, 'sweep');
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(KNOWN, key)) {
      throw new AtcError('ARGUMENT', `sweep has no option "${key}"${nearestHint(key, Object.keys(KNOWN))}`, { key });
    }
  }
  requireSignal(options.signal, 'sweep');
  requireOptionalFunction(options.onProgress, 'sweep: onProgress');
  if (options.directory !== undefined) requirePath(options.directory, 'sweep: directory');
  const { space, seed = 0, holdout = 0, fee = 0, slippage = 0, directory, shard } = options;
  checkSpace(space);
  // Throws for what is no share.
  costRateOf({ fee, slippage });
  whole('seed', seed, Number.MIN_SAFE_INTEGER);
  if (typeof holdout !== 'number' || !(holdout >= 0 && holdout < 1))
    reject('holdout', holdout, 'a share from 0 up to 1');
  if (shard !== undefined) {
    requireOptions(shard, 'sweep: shard');
    whole('shard.count', shard.count, 1);
    whole('shard.index', shard.index, 1, shard.count);
    if (directory === undefined) reject('shard', 'given', 'together with a directory, where the shards meet');
  }
  checkMerge(options);
  checkCurves(options);
  const strategy = sweepStrategyOf(options.strategy);
  if (typeof strategy?.create !== 'function') reject('strategy', typeof strategy, 'a SweepStrategy or a function');
  if (!Array.isArray(options.constraints ?? [])) reject('constraints', options.constraints, 'a list of rules');
  const constraints = (options.constraints ?? []).map((one) => constraintOf(one, space));
  const samplerName = options.sampler ?? (options.trials === undefined ? 'grid' : 'random');
  if (!SAMPLERS.includes(samplerName)) reject('sampler', samplerName, SAMPLERS.join(', '));
  const sampler = createSampler(samplerName, space, constraints, seed);
  if (sampler.learns && shard !== undefined) {
    reject(
      'shard',
      'given',
      `without the sampler ${samplerName}: each of its trials depends on those before it; ` +
        'several processes may work on one directory instead',
    );
  }
  // Constraints that nothing meets are found before a study is begun.
  sampler.propose(0, []);
  const goals = goalsOf(options.objective);
  if (strategy.figures !== undefined) requireFigures(goals, [...FIGURES, ...strategy.figures]);
  const pruner = pruneRule(options.pruner);
  if (pruner !== undefined && (shard ?? options.merge) !== undefined) {
    reject('pruner', 'given', 'without shards: what a symbol begins with depends on the symbols before it');
  }
  const asked = options.trials ?? (Number.isFinite(sampler.size) ? sampler.size : 100);
  whole('trials', asked, 1, MOST_TRIALS);
  const trials = Math.min(asked, sampler.size);
  const slices = options.slices ?? (trials > MOST_SLICED_TRIALS ? 0 : 16);
  whole('slices', slices, 0, MOST_SLICES);
  if (slices % 2 === 1) reject('slices', slices, 'an even number: half of them are searched, half are tested');
  return {
    strategy,
    space,
    goals,
    constraints,
    sampler,
    samplerName,
    seed,
    trials,
    batch: batchOf(sampler, strategy, pruner === undefined ? trials : 1),
    slices,
    holdout,
    costs: { fee, slippage },
    pruner,
  };
}

/** Trials that share work are better together; others are stored early. A function of the study alone. */
function batchOf(sampler: Sampler, strategy: SweepStrategy, trials: number): number {
  if (sampler.learns) return GENERATION;
  if (strategy.share === undefined) return 64;
  return Math.min(4096, Math.max(1024, Math.ceil(trials / 64)));
}

/** Shards each get a unit at least: smaller ones, of whole groups of eight trials, where there are few. */
export function cutOf({ sampler, batch, trials, pruner }: ResolvedSweep, symbols: number, shards = 1): StudyCut {
  if (sampler.learns || pruner !== undefined) return { batch, shards };
  const each = Math.ceil(trials / Math.ceil(shards / symbols) / 8) * 8;
  return { batch: Math.min(batch, each), shards };
}

/** What a directory must agree on. The number of trials may grow. */
export function identityOf(sweep: ResolvedSweep, snapshot: string, symbols: readonly string[]) {
  const { pruner, trials } = sweep;
  const { strategy, space, goals, constraints, samplerName, seed, slices, holdout, costs } = sweep;
  return {
    strategy: strategy.name,
    strategyVersion: strategy.version ?? 1,
    snapshot,
    symbols,
    space,
    objective: goals.map(({ name, sign, text }) => ({ name, direction: sign === 1 ? 'maximize' : 'minimize', text })),
    sampler: samplerName,
    seed,
    constraints: constraints.map(({ text }) => text),
    costs,
    holdout,
    slices,
    // What is given up depends on how many trials there are; absent without a pruner.
    ...(pruner === undefined ? {} : { pruner: { ...pruner, trials } }),
  };
}

function checkCurves({ curves, directory }: SweepOptions): void {
  if (curves === undefined || curves === 0) return;
  if (curves !== 'all') whole('curves', curves, 0);
  if (directory === undefined) reject('curves', curves, 'together with a directory, where they are stored');
}

function checkMerge({ merge, directory, shard }: SweepOptions): void {
  if (merge === undefined) return;
  const isPart = (one: unknown) => (typeof one === 'string' && one !== '') || one instanceof StudyPart;
  const isList = Array.isArray(merge) && merge.length > 0 && merge.every(isPart);
  if (!isList) reject('merge', merge, 'a list of directories or parts of a study, at least one');
  if (directory === undefined) reject('merge', 'given', 'together with the directory that the study goes to');
  if (shard !== undefined) reject('merge', 'given', 'without a shard');
}

function whole(key: string, value: unknown, from: number, to = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to) return;
  reject(key, value, `a whole number from ${from} to ${to}`);
}

function reject(key: string, value: unknown, allowed: string): never {
  throw new AtcError('ARGUMENT', `${key} is ${shown(value)}; allowed: ${allowed}`, { key });
}
