/** The result of a study, in memory or read from its directory. */
import { AtcError } from '../errors.js';
import type { EquityCurve } from './curves.js';
import { type Goal, merit, type NamedObjective } from './objective.js';
import { plainFigures, type RankedTrial, type SweepReport } from './report.js';
import type { SearchSpace } from './space.js';
import type { StoredTrials } from './study-columns.js';
import type { TrialTable } from './trial-table.js';

/** A study: all trials once it is finished, how far it is before. */
export class SweepResult {
  /** What was searched: strategy, space, objective, sampler, costs, history. Plain data. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Undefined while trials are missing (of a study that is shared by shards). */
  readonly report: SweepReport | undefined;
  readonly #goals: readonly Goal[];
  readonly #stored: StoredTrials;
  readonly #ids: BigUint64Array;

  readonly #curves: (trial: number) => Promise<readonly EquityCurve[] | undefined>;

  /** @internal */
  constructor(
    identity: Readonly<Record<string, unknown>>,
    goals: readonly Goal[],
    stored: StoredTrials,
    ids: BigUint64Array,
    report: SweepReport | undefined,
    curves: (trial: number) => Promise<readonly EquityCurve[] | undefined> = async () => undefined,
  ) {
    this.#curves = curves;
    this.identity = identity;
    this.report = report;
    this.#goals = goals;
    this.#stored = stored;
    this.#ids = ids;
  }

  /** Whether all trials are there. */
  get isFinished(): boolean {
    return this.report !== undefined;
  }

  /** Trials in the tables: 0 before the study is finished. */
  get length(): number {
    return this.#stored.table.parameters.length;
  }

  /** The distributions that were searched. */
  get space(): SearchSpace {
    return this.identity.space as SearchSpace;
  }

  /** Parameters and figures of all trials, as columns. */
  get table(): TrialTable {
    return this.#stored.table;
  }

  /** The objectives of all trials, by name. */
  get objectives(): Readonly<Record<string, Float64Array>> {
    return this.#stored.objectives;
  }

  /** The names of the objectives with their directions; the first one ranks. */
  get goals(): readonly Required<NamedObjective>[] {
    return this.#goals.map(({ name, sign }) => ({ name, direction: sign === 1 ? 'maximize' : 'minimize' }));
  }

  /** One trial. Throws ARGUMENT for a number that is not there. */
  trial(number: number): RankedTrial {
    const { parameters, figures } = this.#stored.table;
    if (!Number.isSafeInteger(number) || number < 0 || number >= this.length) {
      throw new AtcError('ARGUMENT', `there is no trial ${number}; the study has ${this.length}`);
    }
    const values = Object.fromEntries(Object.entries(figures).map(([name, column]) => [name, column[number]]));
    const id = this.#ids[number].toString(16).padStart(16, '0');
    return { number, id, parameters: parameters[number], figures: plainFigures(values) };
  }

  /** The equity of a trial, symbol by symbol; undefined where the study was not asked for its curve. */
  async curves(number: number): Promise<readonly EquityCurve[] | undefined> {
    return this.#curves(this.trial(number).number);
  }

  /** The best by the first objective, best first; of equal ones the earlier. */
  ranked(count = this.length): RankedTrial[] {
    if (this.length === 0) return [];
    const [goal] = this.#goals;
    const values = this.#stored.objectives[goal.name];
    const order = Array.from(values, (_, trial) => trial).sort((a, b) => {
      const [x, y] = [merit(goal, values[a]), merit(goal, values[b])];
      return x < y ? 1 : x > y ? -1 : a - b;
    });
    return order.slice(0, count).map((trial) => this.trial(trial));
  }
}
