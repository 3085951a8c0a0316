/**
 * A study whose trials are run by the caller: ask for parameters, tell what came of them, in any order and by any
 * number of workers. `sweep` is the same for backtests over a history.
 */
import { requireOptions } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import { type ConstraintSource, constraintOf } from './constraints.js';
import { paretoFront } from './objective.js';
import { isHopeless, type PruneRule, type Pruner, pruneRule } from './pruner.js';
import { createSampler, SAMPLERS, type Sampler, type SamplerName } from './samplers.js';
import { checkSpace, type SearchSpace, type TrialParameters } from './space.js';
import type { ScoredTrial } from './tpe.js';

/** What a study searches and how. */
export interface StudyOptions {
  /** A distribution a parameter. */
  readonly space: SearchSpace;
  /** One for each value of a trial. Default `['maximize']`. */
  readonly directions?: readonly ('maximize' | 'minimize')[];
  /** Default 'tpe'. */
  readonly sampler?: SamplerName;
  /** Whole number; the same seed and the same values told give the same trials. Default 0. */
  readonly seed?: number;
  /** Rules that parameters must meet: `'fast < slow'`, or functions. */
  readonly constraints?: readonly ConstraintSource[];
  /** Whether `shouldPrune` gives up hopeless trials. Default: never. */
  readonly pruner?: Pruner;
  /** Goes on from what `state()` of a study of the same options returned. */
  readonly state?: StudyState;
}

/** complete: told a value; pruned: given up before it was done; failed: has none. */
export type TrialState = 'running' | 'complete' | 'pruned' | 'failed';

/** One trial so far; plain data. */
export interface TrialRecord {
  /** 0-based, in the order in which trials were asked for. */
  readonly number: number;
  /** Those that apply. */
  readonly parameters: TrialParameters;
  /** How far it is. */
  readonly state: TrialState;
  /** One for each direction; of a trial that is complete. */
  readonly values?: readonly number[];
  /** Intermediate values as they were reported: step and value. */
  readonly intermediate: readonly (readonly [step: number, value: number])[];
}

/** All trials of a study, as plain data; JSON carries it (NaN becomes null there, which is read as NaN). */
export interface StudyState {
  /** In the order of their numbers. */
  readonly trials: readonly TrialRecord[];
}

/** A trial that was asked for. */
export interface StudyTrial {
  /** 0-based. */
  readonly number: number;
  /** Those that apply. */
  readonly parameters: TrialParameters;
  /** An intermediate value, in the first direction; steps are whole numbers from 0 and grow. */
  report(value: number, step: number): void;
  /** Whether the pruner gives the trial up; then tell the study 'pruned'. */
  shouldPrune(): boolean;
}

interface OpenRecord {
  readonly number: number;
  readonly parameters: TrialParameters;
  state: TrialState;
  values?: readonly number[];
  readonly intermediate: [number, number][];
}

/** Asks and tells; holds all trials in memory. */
export class Study {
  readonly #sampler: Sampler;
  readonly #signs: readonly (1 | -1)[];
  readonly #rule: PruneRule | undefined;
  readonly #trials: OpenRecord[] = [];

  /** @throws AtcError ARGUMENT for wrong options, or a state that does not belong to them. */
  constructor(options: StudyOptions) {
    if (options === undefined) throw new AtcError('ARGUMENT', 'a Study needs its options: at least space');
    requireOptions(options, 'Study');
    const { space, directions = ['maximize'], sampler = 'tpe', seed = 0, constraints = [], pruner, state } = options;
    checkSpace(space);
    if (!SAMPLERS.includes(sampler)) throw wrong('sampler', sampler, SAMPLERS.join(', '));
    if (!Number.isSafeInteger(seed)) throw wrong('seed', seed, 'a whole number');
    const isDirection = (one: unknown) => one === 'maximize' || one === 'minimize';
    if (!Array.isArray(directions) || directions.length === 0 || !directions.every(isDirection)) {
      throw wrong('directions', directions, "a list of 'maximize' and 'minimize', at least one");
    }
    this.#signs = directions.map((direction) => (direction === 'maximize' ? 1 : -1));
    this.#rule = pruneRule(pruner);
    if (!Array.isArray(constraints)) {
      throw new AtcError('ARGUMENT', `constraints must be a list of rules, got ${shown(constraints)}`, {
        key: 'constraints',
      });
    }
    const rules = constraints.map((one) => constraintOf(one, space));
    this.#sampler = createSampler(sampler, space, rules, seed);
    requireOptions(state, 'state of a study');
    if (state !== undefined) this.#resume(state);
  }

  #resume({ trials }: StudyState): void {
    for (const [number, record] of (trials ?? []).entries()) {
      const isOwn = record?.number === number && Array.isArray(record.intermediate);
      if (!isOwn || (record.state === 'complete') !== (record.values?.length === this.#signs.length)) {
        throw new AtcError('ARGUMENT', `state does not belong to this study: trial ${number}`, { key: 'state' });
      }
      const intermediate = record.intermediate.map(([step, value]): [number, number] => [step, value ?? Number.NaN]);
      const values = record.values?.map((value) => value ?? Number.NaN);
      this.#trials.push({ ...record, ...(values === undefined ? {} : { values }), intermediate });
    }
  }

  /** The next trial; undefined once a grid has no more. */
  ask(): StudyTrial | undefined {
    const number = this.#trials.length;
    if (number >= this.#sampler.size) return undefined;
    const finished: readonly ScoredTrial[] = this.#sampler.learns ? this.#scored() : [];
    const parameters = this.#sampler.propose(number, finished);
    const record: OpenRecord = { number, parameters, state: 'running', intermediate: [] };
    this.#trials.push(record);
    return {
      number,
      parameters,
      report: (value, step) => this.#report(record, value, step),
      shouldPrune: () => this.#shouldPrune(record),
    };
  }

  /**
   * What came of a trial: its value (one for each direction; NaN is worst), or that it has none.
   *
   * @throws AtcError ARGUMENT for a trial that was not asked for or has been told already, and for other values.
   */
  tell(trial: StudyTrial | number, outcome: number | readonly number[] | 'pruned' | 'failed'): void {
    const number = typeof trial === 'number' ? trial : trial?.number;
    const record = this.#trials[number];
    if (record === undefined) throw wrong('trial', number, 'the number of a trial that was asked for');
    if (record.state !== 'running') {
      throw new AtcError('ARGUMENT', `trial ${number} has been told already: ${record.state}`, { key: 'trial' });
    }
    if (outcome === 'pruned' || outcome === 'failed') {
      record.state = outcome;
      return;
    }
    const values = typeof outcome === 'number' ? [outcome] : outcome;
    const isRight = Array.isArray(values) && values.length === this.#signs.length && values.every(isNumber);
    if (!isRight)
      throw wrong('value', outcome, `${this.#signs.length} finite numbers (NaN for none), 'pruned' or 'failed'`);
    record.values = [...values];
    record.state = 'complete';
  }

  /** All trials so far, in the order of their numbers. */
  get trials(): readonly TrialRecord[] {
    return this.#trials.map((record) => ({ ...record, intermediate: [...record.intermediate] }));
  }

  /** The complete trial with the best first value, of equal ones the first; undefined before there is one. */
  get best(): TrialRecord | undefined {
    const complete = this.trials.filter(({ state }) => state === 'complete');
    const merit = ({ values = [] }: TrialRecord) => this.#merits(values)[0];
    return complete.reduce<TrialRecord | undefined>(
      (best, one) => (best === undefined || merit(one) > merit(best) ? one : best),
      undefined,
    );
  }

  /** Complete trials that no other beats in every direction. */
  get front(): readonly TrialRecord[] {
    const complete = this.trials.filter(({ state }) => state === 'complete');
    return paretoFront(complete.map(({ values = [] }) => this.#merits(values))).map((index) => complete[index]);
  }

  /** Everything the study goes on from; trials that are running are told later, by their numbers. */
  state(): StudyState {
    return { trials: this.trials };
  }

  /** Larger is better; NaN is worst. */
  #merits(values: readonly number[]): number[] {
    return values.map((value, k) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : this.#signs[k] * value));
  }

  #scored(): ScoredTrial[] {
    return this.#trials.flatMap(({ parameters, state, values = [], intermediate }) => {
      if (state === 'complete') return [{ parameters, loss: -this.#merits(values)[0] }];
      const last = intermediate.at(-1);
      // What a pruned trial had shown is all that is known of it.
      return state === 'pruned' && last !== undefined ? [{ parameters, loss: -this.#merits([last[1]])[0] }] : [];
    });
  }

  #report(record: OpenRecord, value: number, step: number): void {
    if (!isNumber(value)) throw wrong('value', value, 'a finite number, or NaN for none');
    const last = record.intermediate.at(-1)?.[0] ?? -1;
    if (!Number.isSafeInteger(step) || step <= last) {
      throw wrong('step', step, `a whole number from ${last + 1}, above the step before`);
    }
    record.intermediate.push([step, value]);
  }

  #shouldPrune(record: OpenRecord): boolean {
    if (this.#rule === undefined) return false;
    const sign = this.#signs[0];
    const signed = (intermediate: readonly [number, number][]) =>
      intermediate.map(([step, value]): [number, number] => [step, sign * value]);
    const complete = this.#trials.filter(({ state }) => state === 'complete');
    return isHopeless(
      this.#rule,
      signed(record.intermediate),
      complete.map((one) => signed(one.intermediate)),
    );
  }
}

/** A finite number, or NaN for none: JSON carries both. */
function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) !== Number.POSITIVE_INFINITY;
}

function wrong(key: string, value: unknown, allowed: string): AtcError {
  return new AtcError('ARGUMENT', `${key} is ${shown(value)}; allowed: ${allowed}`, { key });
}
