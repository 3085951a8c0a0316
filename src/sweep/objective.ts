/** What makes one trial better than another. */
import { AtcError } from '../errors.js';
import { nearestHint } from '../nearest.js';
import type { TrialParameters } from './space.js';

/** A figure to raise or lower. */
export interface NamedObjective {
  /** A figure of the account (`sharpe`, `totalReturn`, …) or a number in the strategy's summary. */
  readonly name: string;
  /** Default: 'minimize' for `maxDrawdown`, `turnover` and `trades`, 'maximize' for everything else. */
  readonly direction?: 'maximize' | 'minimize';
}

/** What a function judges. */
export interface TrialOutcome {
  /** Those that apply. */
  readonly parameters: TrialParameters;
  /** Means over the symbols. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Larger is better; NaN is worst. */
export type ObjectiveFunction = (outcome: TrialOutcome) => number;

/** One figure by name, several (the best are then the Pareto front), or a function of the outcome. */
export type Objective = string | NamedObjective | readonly (string | NamedObjective)[] | ObjectiveFunction;

export interface Goal {
  readonly name: string;
  /** 1 where larger is better, -1 where smaller is. */
  readonly sign: 1 | -1;
  readonly of: ObjectiveFunction;
  /** Of a function: what identifies it within a study. */
  readonly text?: string;
}

const SMALLER_IS_BETTER = ['maxDrawdown', 'turnover', 'trades'];

/** @throws AtcError ARGUMENT for what is no objective. */
export function goalsOf(objective: Objective): Goal[] {
  if (typeof objective === 'function')
    return [{ name: objective.name || 'objective', sign: 1, of: objective, text: String(objective) }];
  const list = Array.isArray(objective) ? (objective as readonly (string | NamedObjective)[]) : [objective as string];
  if (list.length === 0) throw wrong('at least one name');
  return list.map((one) => {
    const { name, direction } = typeof one === 'string' ? { name: one, direction: undefined } : (one ?? {});
    if (typeof name !== 'string' || name === '') throw wrong('a name, a list of names, or a function');
    if (direction !== undefined && direction !== 'maximize' && direction !== 'minimize') {
      throw wrong('with the direction maximize or minimize');
    }
    const isSmall = direction === undefined ? SMALLER_IS_BETTER.includes(name) : direction === 'minimize';
    return { name, sign: isSmall ? -1 : 1, of: ({ figures }) => figures[name] };
  });
}

/** @throws AtcError ARGUMENT for an objective that is none of the figures which trials have. */
export function requireFigures(goals: readonly Goal[], figures: readonly string[]): void {
  for (const { name, text } of goals) {
    if (text !== undefined || figures.includes(name)) continue;
    throw new AtcError('ARGUMENT', `objective is "${name}", a figure that no trial has${nearestHint(name, figures)}`, {
      key: 'objective',
    });
  }
}

function wrong(allowed: string): AtcError {
  return new AtcError('ARGUMENT', `objective must be ${allowed}`, { key: 'objective' });
}

/** Larger is better, whatever the direction; NaN is worst. */
export function merit(goal: Goal, value: number): number {
  return Number.isNaN(value) || value === undefined ? Number.NEGATIVE_INFINITY : goal.sign * value;
}

/** Indexes of the rows that no other row beats in one goal without being worse in another; of equal rows all. */
export function paretoFront(merits: readonly (readonly number[])[]): number[] {
  const beats = (a: readonly number[], b: readonly number[]) =>
    a.every((value, k) => value >= b[k]) && a.some((value, k) => value > b[k]);
  // Sorted by the first goal, a row can only be beaten by one before it, or by an equal one in that goal.
  const order = merits.map((_, index) => index).sort((a, b) => merits[b][0] - merits[a][0] || a - b);
  const front: number[] = [];
  for (const index of order) {
    if (front.some((other) => beats(merits[other], merits[index]))) continue;
    for (let k = front.length - 1; k >= 0; k--) if (beats(merits[index], merits[front[k]])) front.splice(k, 1);
    front.push(index);
  }
  return front.sort((a, b) => a - b);
}
