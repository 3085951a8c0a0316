/** Many backtests over one history: the trials of a study, run, stored and reported. */

import { requirePath } from '../arguments.js';
import type { EquityStatistics } from '../backtest/trading.js';
import { AtcError } from '../errors.js';
import { type EquityCurve, equityCurve } from './curves.js';
import { Evaluator } from './evaluator.js';
import { mergeParts } from './merge.js';
import { type Goal, goalsOf, merit, paretoFront, requireFigures } from './objective.js';
import { openStudy } from './open-study.js';
import { cutOf, type ResolvedSweep, type SweepOptions } from './options.js';
import { bestOf, type HoldoutReport, luckOf, plainFigures, type SweepReport, sensitivityOf } from './report.js';
import { SweepResult } from './result.js';
import { returnMoments } from './returns.js';
import { type SearchedTable, SweepRunner } from './runner.js';
import type { SearchSpace, TrialParameters } from './space.js';
import { columnsOfStudy, goalColumns, type StoredTrials, trialId, trialsOfColumns } from './study-columns.js';
import { StudyFiles } from './study-files.js';
import { TrialSums } from './trial-table.js';

/**
 * Runs the trials of a study over every symbol of a history. With a directory finished work is stored as it is done:
 * the same call goes on where an earlier one stopped, adds trials, or works on the study beside other processes; the
 * files of the finished study are the same bytes whichever way.
 *
 * @throws AtcError ARGUMENT for wrong options or a directory of another study; what the strategy throws, with the
 * symbol; the signal's reason when it is aborted.
 */
export async function sweep(options: SweepOptions): Promise<SweepResult> {
  const study = await openStudy(options);
  const { directory } = options;
  const { sweep: resolved, history, identity, tables } = study;
  try {
    const files = directory === undefined ? undefined : new StudyFiles(directory);
    files?.begin(identity);
    if (options.merge !== undefined) await mergeParts(files as StudyFiles, options.merge, identity, resolved.trials);
    const evaluator = new Evaluator(history, resolved.strategy, { ...options, costs: resolved.costs });
    try {
      const result = await new StudyRun(resolved, identity, tables, evaluator, files).run(options);
      if (files !== undefined && result.isFinished) await writeCurves(result, files, resolved, tables, options);
      return result;
    } finally {
      await evaluator.close();
    }
  } finally {
    study.close();
  }
}

/** Curves that are asked for and not there yet; a stop leaves those that are. */
async function writeCurves(
  result: SweepResult,
  files: StudyFiles,
  { strategy, costs }: ResolvedSweep,
  tables: readonly SearchedTable[],
  { curves = 0, signal }: SweepOptions,
): Promise<void> {
  const count = curves === 'all' ? result.length : Math.min(curves, result.length);
  for (const { number, parameters } of count === 0 ? [] : result.ranked(count)) {
    if (files.hasCurves(number)) continue;
    const one = strategy.create(parameters);
    const all: EquityCurve[] = [];
    for (const { table, rows } of tables) all.push(await equityCurve(one, table, rows, costs, signal));
    files.writeCurves(number, all);
  }
}

class StudyRun {
  readonly #sweep: ResolvedSweep;
  readonly #identity: Readonly<Record<string, unknown>>;
  readonly #tables: readonly SearchedTable[];
  readonly #evaluator: Evaluator;
  readonly #files: StudyFiles | undefined;

  constructor(
    sweep: ResolvedSweep,
    identity: Readonly<Record<string, unknown>>,
    tables: readonly SearchedTable[],
    evaluator: Evaluator,
    files: StudyFiles | undefined,
  ) {
    this.#sweep = sweep;
    this.#identity = identity;
    this.#tables = tables;
    this.#evaluator = evaluator;
    this.#files = files;
  }

  async run({ shard, signal, onProgress, merge }: SweepOptions): Promise<SweepResult> {
    const sweep = this.#sweep;
    const files = this.#files;
    const known = (files?.report()?.trials as number | undefined) ?? 0;
    if (files !== undefined && known >= sweep.trials) return this.#readFinished(files);
    const sums = new TrialSums(sweep.trials, sweep.slices);
    const cut = files?.beginCut(cutOf(sweep, this.#tables.length, shard?.count));
    const runner = new SweepRunner(sweep, this.#tables, this.#evaluator, {
      files,
      shard,
      cut,
      merges: merge !== undefined,
      signal,
      onProgress,
      known,
      sums,
    });
    if (files !== undefined && known > 0) {
      const { table } = trialsOfColumns(sweep.space, await files.columns());
      sums.adopt(table);
      runner.parameters.push(...table.parameters);
    }
    const outcome = await runner.run();
    if (outcome === 'elsewhere') return this.#readFinished(files as StudyFiles);
    if (outcome === 'unfinished') return unfinished(this.#identity, sweep.goals);
    const table = { parameters: runner.parameters, figures: sums.figures(), slices: sums.slices };
    if (sweep.strategy.figures === undefined) requireFigures(sweep.goals, Object.keys(table.figures));
    const objectives = goalColumns(sweep.goals, table);
    if (sweep.pruner !== undefined) {
      table.figures.symbols = Float64Array.from(runner.symbols);
      for (const [trial, symbols] of runner.symbols.entries()) {
        if (symbols === this.#tables.length) continue;
        for (const { name } of sweep.goals) objectives[name][trial] = Number.NaN;
      }
    }
    const stored = { table, objectives };
    const ids = BigUint64Array.from(runner.parameters, (one) => BigInt(`0x${trialId(this.#identity, one)}`));
    const buyAndHold = (files?.report()?.buyAndHold as EquityStatistics | undefined) ?? meanOf(sums.buyAndHold);
    const report = await this.#report(stored, ids, buyAndHold);
    files?.finish(columnsOfStudy(sweep.space, table, stored.objectives, ids), { ...report });
    const plain = JSON.parse(JSON.stringify(report));
    return new SweepResult(this.#identity, sweep.goals, stored, ids, plain, curvesIn(files));
  }

  async #readFinished(files: StudyFiles): Promise<SweepResult> {
    files.tidy();
    return readResult(files, this.#sweep.goals);
  }

  async #report(
    { table, objectives }: StoredTrials,
    ids: BigUint64Array,
    buyAndHold: EquityStatistics,
  ): Promise<SweepReport> {
    const sweep = this.#sweep;
    const [goal] = sweep.goals;
    const values = objectives[goal.name];
    const best = bestOf(goal, values);
    const parameters = table.parameters[best];
    const strategy = sweep.strategy.create(parameters);
    const ranges = this.#tables.map(({ table: one, rows }) => ({ table: one, to: rows }));
    const luck = luckOf(table, sweep.slices, best, () => returnMoments(strategy, ranges, sweep.costs));
    const holdout = await this.#holdout(parameters);
    const figures = Object.fromEntries(Object.entries(table.figures).map(([name, column]) => [name, column[best]]));
    const number = { number: best, id: ids[best].toString(16).padStart(16, '0') };
    return {
      trials: sweep.trials,
      best: { ...number, parameters, figures: plainFigures(figures) },
      front: frontOf(sweep.goals, objectives),
      sensitivity: sensitivityOf(sweep.space, table, goal, values, best),
      buyAndHold,
      ...(luck === undefined ? {} : { luck }),
      ...(holdout === undefined ? {} : { holdout }),
    };
  }

  /** The best trial over what none saw, warmed up by all rows before. */
  async #holdout(parameters: TrialParameters): Promise<HoldoutReport | undefined> {
    if (this.#sweep.holdout === 0) return undefined;
    const held = new TrialSums(1, 0);
    for (const { table, rows } of this.#tables) {
      if (rows === table.length) continue;
      const [evaluation] = await this.#evaluator.run(
        table,
        [parameters],
        [{ from: rows, to: table.length, slices: 0 }],
      );
      held.add(0, evaluation);
    }
    return { share: this.#sweep.holdout, figures: plainFigures(held.row(0)), buyAndHold: meanOf(held.buyAndHold) };
  }
}

/** Means of what is a number; null in JSON where nothing is. */
function meanOf(all: readonly EquityStatistics[]): EquityStatistics {
  const mean = (name: keyof EquityStatistics) => {
    const values = all.map((one) => one[name]).filter((value) => !Number.isNaN(value));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    totalReturn: mean('totalReturn'),
    cagr: mean('cagr'),
    maxDrawdown: mean('maxDrawdown'),
    sharpe: mean('sharpe'),
  };
}

function frontOf(goals: readonly Goal[], objectives: Readonly<Record<string, Float64Array>>): number[] {
  const columns = goals.map((goal) => Float64Array.from(objectives[goal.name], (value) => merit(goal, value)));
  if (columns.length > 1)
    return paretoFront(Array.from(columns[0], (_, trial) => columns.map((column) => column[trial])));
  const [column] = columns;
  const highest = column.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return [...column.keys()].filter((trial) => column[trial] === highest);
}

function unfinished(identity: Readonly<Record<string, unknown>>, goals: readonly Goal[]): SweepResult {
  const nothing = { table: { parameters: [], figures: {}, slices: new Float64Array(0) }, objectives: {} };
  return new SweepResult(identity, goals, nothing, new BigUint64Array(0), undefined);
}

async function readResult(files: StudyFiles, goals: readonly Goal[]): Promise<SweepResult> {
  const identity = files.identity() as Record<string, unknown>;
  const columns = await files.columns();
  const stored = trialsOfColumns(identity.space as SearchSpace, columns);
  const report = files.report() as unknown as SweepReport | undefined;
  return new SweepResult(identity, goals, stored, columns.id as BigUint64Array, report, curvesIn(files));
}

function curvesIn(files: StudyFiles | undefined) {
  return async (trial: number) => files?.curves(trial);
}

/**
 * A study out of its directory, without its history: all trials when it is finished, else `isFinished` is false.
 *
 * @throws AtcError IO for a directory without a study, CORRUPT for damaged files.
 */
export async function readSweep(directory: string): Promise<SweepResult> {
  requirePath(directory, 'the directory of a study');
  const files = new StudyFiles(directory);
  const identity = files.identity();
  if (identity === undefined) throw new AtcError('IO', `${directory} holds no study`, { path: directory });
  const goals = goalsOf(identity.objective as { name: string; direction: 'maximize' | 'minimize' }[]);
  return files.report() === undefined ? unfinished(identity, goals) : readResult(files, goals);
}
