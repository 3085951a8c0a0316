/**
 * Trials of a sweep that are given up symbol by symbol: those whose objective over the symbols so far has never reached
 * the median of earlier complete trials after as many symbols.
 */
import { medianOf, type PruneRule } from './pruner.js';
import { type Evaluation, FIGURES } from './traded-accounts.js';

/** Complete trials that are compared with at most: the first ones. */
const MOST_COMPARED = 1000;

/** Trials of the first batch, which are never pruned: at least a group of eight. */
export function startupBatch({ startupTrials }: PruneRule): number {
  return Math.max(8, Math.ceil(startupTrials / 8) * 8);
}

export class SymbolPruner {
  /** For each complete trial its merit after each symbol. */
  readonly #complete: (readonly number[])[] = [];
  readonly #running = new Map<number, number[]>();
  readonly #symbols: number;
  readonly #rule: PruneRule;

  constructor(rule: PruneRule, symbols: number) {
    this.#symbols = symbols;
    this.#rule = rule;
  }

  /**
   * Of the trials that have run over symbols 0 to `symbol` those that go on. `meritOf`: larger is better, never NaN.
   */
  survivors(trials: readonly number[], symbol: number, meritOf: (trial: number) => number): number[] {
    const merits = trials.map(meritOf);
    for (const [k, trial] of trials.entries())
      this.#running.set(trial, [...(this.#running.get(trial) ?? []), merits[k]]);
    // After the last symbol a trial is complete, whatever it is worth.
    if (symbol === this.#symbols - 1 || symbol < this.#rule.warmupSteps) return [...trials];
    if (this.#complete.length < Math.max(1, this.#rule.startupTrials)) return [...trials];
    const median = medianOf(this.#complete.map((one) => one[symbol]));
    return trials.filter((trial) => Math.max(...(this.#running.get(trial) ?? [])) >= median);
  }

  /** These trials of the batch have run over all symbols; the others of it are done, too. */
  complete(trials: readonly number[]): void {
    for (const trial of trials) {
      if (this.#complete.length < MOST_COMPARED) this.#complete.push(this.#running.get(trial) ?? []);
    }
    this.#running.clear();
  }
}

/** What no trial makes of a symbol. */
export const NOTHING: Evaluation = {
  names: FIGURES,
  figures: new Float64Array(0),
  slices: new Float64Array(0),
  buyAndHold: { totalReturn: Number.NaN, cagr: Number.NaN, maxDrawdown: Number.NaN, sharpe: Number.NaN },
};

/** The evaluation of some trials of a unit as one of all of them: NaN and no returns where a trial did not run. */
export function spread(evaluation: Evaluation, ran: readonly number[], first: number, end: number): Evaluation {
  const width = evaluation.names.length;
  const count = end - first;
  const perTrial = ran.length === 0 ? 0 : evaluation.slices.length / ran.length;
  const figures = new Float64Array(count * width).fill(Number.NaN);
  const slices = new Float64Array(count * perTrial);
  for (const [k, trial] of ran.entries()) {
    figures.set(evaluation.figures.subarray(k * width, (k + 1) * width), (trial - first) * width);
    slices.set(evaluation.slices.subarray(k * perTrial, (k + 1) * perTrial), (trial - first) * perTrial);
  }
  return { ...evaluation, figures, slices };
}
