/** The work of a sweep in units, trials [a, b) over one symbol: in order in memory, in any order with a directory. */
import { AtcError } from '../errors.js';
import { waitTurn } from '../io/process-lock.js';
import type { CandleTable } from '../table.js';
import type { Evaluator } from './evaluator.js';
import { type Goal, merit } from './objective.js';
import type { ResolvedSweep, SweepProgress } from './options.js';
import type { PruneRule } from './pruner.js';
import type { TrialParameters } from './space.js';
import type { StudyCut, StudyFiles, Unit } from './study-files.js';
import { NOTHING, SymbolPruner, spread, startupBatch } from './symbol-pruner.js';
import type { ScoredTrial } from './tpe.js';
import type { Evaluation } from './traded-accounts.js';
import { TrialSums } from './trial-table.js';

/** A symbol and its rows that trials may see. */
export interface SearchedTable {
  readonly table: CandleTable;
  readonly rows: number;
}

export interface RunnerOptions {
  readonly files?: StudyFiles;
  readonly shard?: { readonly index: number; readonly count: number };
  /** How the directory's study is cut. */
  readonly cut?: StudyCut;
  /** Everything was computed elsewhere: what is missing is an error. */
  readonly merges?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SweepProgress) => void;
  /** Trials that an earlier run of the study finished. */
  readonly known: number;
  readonly sums: TrialSums;
}

/** What became of the units: `finished` of all of them; `elsewhere` when another process has finished the study. */
export type RunOutcome = 'finished' | 'unfinished' | 'elsewhere';

export class SweepRunner {
  readonly parameters: TrialParameters[] = [];
  /** Of a study that prunes: the symbols that each trial ran over. */
  readonly symbols: number[] = [];
  /** Of a study that prunes: the trials that go on. */
  #running: readonly number[] | undefined;
  readonly #started = performance.now();
  readonly #rows: number;
  readonly #batch: number;
  #doneBefore = 0;
  #done = 0;
  #lastReport = 0;
  readonly #sweep: ResolvedSweep;
  readonly #tables: readonly SearchedTable[];
  readonly #evaluator: Evaluator;
  readonly #options: RunnerOptions;

  constructor(sweep: ResolvedSweep, tables: readonly SearchedTable[], evaluator: Evaluator, options: RunnerOptions) {
    this.#sweep = sweep;
    this.#tables = tables;
    this.#evaluator = evaluator;
    this.#options = options;

    // A generation of a sampler that learns is one, whatever the cut.
    this.#batch = sweep.sampler.learns ? sweep.batch : (options.cut?.batch ?? sweep.batch);
    this.#rows = tables.reduce((sum, { rows }) => sum + rows, 0);
  }

  async run(): Promise<RunOutcome> {
    if (this.#sweep.pruner !== undefined) return this.#runPruned(this.#sweep.pruner);
    if (this.#sweep.sampler.learns) {
      // Generation by generation: each sees the results of all before it.
      for (const [first, end] of this.#batches()) {
        this.#propose(first, end);
        const outcome = await this.#complete(this.#unitsOf(first, end));
        if (outcome !== 'finished') return outcome;
      }
      return 'finished';
    }
    for (const [first, end] of this.#batches()) this.#propose(first, end);
    return this.#complete(this.#batches().flatMap((batch) => this.#unitsOf(...batch)));
  }

  /** Symbol by symbol: each goes on with the trials that the one before has left. */
  async #runPruned(rule: PruneRule): Promise<RunOutcome> {
    const pruner = new SymbolPruner(rule, this.#tables.length);
    const [goal] = this.#sweep.goals;
    const meritOf = (trial: number) => {
      const outcome = { parameters: this.parameters[trial], figures: this.#options.sums.row(trial) };
      return merit(goal, goal.of(outcome));
    };
    for (const [first, end] of this.#batches()) {
      this.#propose(first, end);
      let running = Array.from({ length: end - first }, (_, k) => first + k);
      for (const symbol of this.#tables.keys()) {
        this.#running = running;
        const outcome = await this.#complete([{ first, end, symbol }]);
        if (outcome !== 'finished') return outcome;
        for (const trial of running) this.symbols[trial] = symbol + 1;
        running = pruner.survivors(running, symbol, meritOf);
      }
      pruner.complete(running);
    }
    return 'finished';
  }

  /** Computes the units of this shard in memory; not for samplers that learn. */
  async runShard(take: (unit: Unit, evaluation: Evaluation) => void | Promise<void>): Promise<void> {
    for (const [first, end] of this.#batches()) this.#propose(first, end);
    const units = this.#batches().flatMap((batch) => this.#unitsOf(...batch));
    const mine = units.filter((unit) => this.#isMine(unit));
    if (mine.length > 0) await this.#inOrder(mine, take);
  }

  #isMine(unit: Unit): boolean {
    const { shard } = this.#options;
    return shard === undefined || this.#indexOf(unit) % shard.count === shard.index - 1;
  }

  #batches(): [first: number, end: number][] {
    const { trials } = this.#sweep;
    const { known } = this.#options;
    const batch = this.#batch;
    const batches: [number, number][] = [];
    // The first trials of a study that prunes are what the others are compared with.
    const ahead = this.#sweep.pruner === undefined ? 0 : startupBatch(this.#sweep.pruner);
    if (ahead > 0) batches.push([0, Math.min(trials, ahead)]);
    for (let start = ahead + Math.floor(known / batch) * batch; start < trials; start += batch) {
      const [first, end] = [Math.max(known, start), Math.min(trials, start + batch)];
      if (first < end) batches.push([first, end]);
    }
    return batches;
  }

  #unitsOf(first: number, end: number): Unit[] {
    return this.#tables.map((_, symbol) => ({ first, end, symbol }));
  }

  #propose(first: number, end: number): void {
    const { sampler, goals } = this.#sweep;
    const generation = Math.floor(first / this.#batch) * this.#batch;
    const finished = sampler.learns ? this.#finished(generation, goals[0]) : [];
    for (let trial = first; trial < end; trial++) this.parameters[trial] = sampler.propose(trial, finished);
  }

  #finished(before: number, goal: Goal): ScoredTrial[] {
    const { sums } = this.#options;
    return Array.from({ length: before }, (_, trial) => {
      const parameters = this.parameters[trial];
      return { parameters, loss: -merit(goal, goal.of({ parameters, figures: sums.row(trial) })) };
    });
  }

  /** Computes what nobody has computed, waits for what others compute, and sums all of it up in order. */
  async #complete(units: readonly Unit[]): Promise<RunOutcome> {
    const { files, sums, shard, signal } = this.#options;
    if (files === undefined) {
      await this.#inOrder(units, (unit, evaluation) => sums.add(unit.first, evaluation));
      return 'finished';
    }
    let missing = units.filter((unit) => !files.has(unit));
    this.#skip(units.length - missing.length, units);
    if (this.#options.merges === true && missing.length > 0) throw this.#incomplete(missing, units.length);
    const mine = (unit: Unit) => this.#isMine(unit);
    for (let attempts = 0; missing.length > 0; attempts++) {
      const computed = await this.#computeMissing(missing.filter(mine), files);
      if (this.#isElsewhere()) return 'elsewhere';
      missing = missing.filter((unit) => !files.has(unit));
      if (shard !== undefined && !missing.some(mine)) break;
      if (missing.length > 0 && computed === 0) await waitTurn(attempts, signal);
    }
    if (missing.length > 0) return 'unfinished';
    for (const unit of units) {
      const evaluation = await files.read(unit);
      if (evaluation === undefined) return 'elsewhere';
      sums.add(unit.first, evaluation);
    }
    return 'finished';
  }

  #isElsewhere(): boolean {
    return ((this.#options.files?.report()?.trials as number | undefined) ?? 0) >= this.#sweep.trials;
  }

  /** As many units at a time as there are threads, handed over in order. */
  async #inOrder(
    units: readonly Unit[],
    take: (unit: Unit, evaluation: Evaluation) => void | Promise<void>,
  ): Promise<void> {
    const threads = Math.ceil(this.#evaluator.threads / units.length);
    const running: Promise<Evaluation>[] = [];
    let next = 0;
    const start = () => {
      const computed = this.#compute(units[next++], threads);
      // What is not waited for yet may fail first; it is reported when its turn comes.
      computed.catch(() => undefined);
      running.push(computed);
    };
    for (const unit of units) {
      while (next < units.length && running.length < this.#evaluator.threads) start();
      await take(unit, (await running.shift()) as Evaluation);
    }
  }

  /** Computes units that nobody has claimed, as many at a time as there are threads; returns how many. */
  async #computeMissing(units: readonly Unit[], files: StudyFiles): Promise<number> {
    const threads = Math.ceil(this.#evaluator.threads / Math.max(1, units.length));
    let computed = 0;
    let next = 0;
    const work = async () => {
      while (next < units.length) {
        const unit = units[next++];
        if (files.has(unit)) continue;
        const claim = files.tryClaim(unit);
        if (claim === undefined) continue;
        try {
          if (this.#isElsewhere()) return;
          if (files.has(unit)) continue;
          files.write(unit, await this.#compute(unit, threads));
          computed += 1;
        } finally {
          claim.release();
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#evaluator.threads, units.length) }, work));
    return computed;
  }

  #incomplete(missing: readonly Unit[], count: number): AtcError {
    const { cut, files } = this.#options;
    const shards = [...new Set(missing.map((unit) => (this.#indexOf(unit) % (cut?.shards ?? 1)) + 1))].sort(
      (a, b) => a - b,
    );
    return new AtcError(
      'IO',
      `${missing.length} of ${count} units of the study are in none of the merged directories; ` +
        `run shard ${shards.join(', ')} of ${cut?.shards ?? 1}, or leave the merge out and they are computed here`,
      { path: files?.directory },
    );
  }

  #indexOf({ first, symbol }: Unit): number {
    return Math.floor(first / this.#batch) * this.#tables.length + symbol;
  }

  async #compute({ first, end, symbol }: Unit, threads: number): Promise<Evaluation> {
    const { table, rows } = this.#tables[symbol];
    const ran = this.#running;
    const trials = ran?.map((trial) => this.parameters[trial]) ?? this.parameters.slice(first, end);
    const traded = [{ from: 0, to: rows, slices: this.#sweep.slices }];
    let reported = 0;
    const reach = (done: number) => {
      this.#done += (done - reported) * (end - first);
      reported = done;
    };
    const onRows = (done: number) => {
      reach(done);
      this.#report();
    };
    const [evaluation] =
      trials.length === 0 ? [NOTHING] : await this.#evaluator.run(table, trials, traded, { onRows, threads });
    reach(rows);
    this.#report(true);
    return ran === undefined ? evaluation : spread(evaluation, ran, first, end);
  }

  /** Units that are there already are no work of this run. */
  #skip(count: number, units: readonly Unit[]): void {
    if (count === 0) return;
    const share = count / units.length;
    const [first] = units;
    const end = units[units.length - 1].end;
    this.#doneBefore += share * (end - first.first) * this.#rows;
    this.#report(true);
  }

  #report(always = false): void {
    const { onProgress, known } = this.#options;
    const now = performance.now();
    if (onProgress === undefined || (!always && now - this.#lastReport < 100)) return;
    this.#lastReport = now;
    const trialsTotal = this.#sweep.trials;
    const total = trialsTotal * this.#rows;
    const done = Math.min(total, known * this.#rows + this.#doneBefore + this.#done);
    onProgress({
      trialsDone: Math.floor((done / total) * trialsTotal),
      trialsTotal,
      share: done / total,
      secondsLeft: (((now - this.#started) / 1000) * (total - done)) / this.#done,
    });
  }
}
