/** What a sweep searches: one distribution a parameter, and when a parameter is there at all. */
import { exponential, naturalLog } from '../backtest/deterministic-math.js';
import { AtcError } from '../errors.js';
import { nearestHint } from '../nearest.js';

/** A value of a parameter. */
export type ParameterValue = number | string | boolean;

/** Parameters of one trial; a conditional parameter that does not apply is absent. */
export type TrialParameters = Readonly<Record<string, ParameterValue>>;

/** A parameter is there only when each of these others has one of the listed values. */
export type Condition = Readonly<Record<string, readonly ParameterValue[]>>;

/** What every distribution may have. */
export interface Conditional {
  /** Default: always. Names parameters that stand before this one in the space. */
  readonly when?: Condition;
}

/** Whole numbers `from`, `from + step`, … up to `to`, both included. */
export interface IntDistribution extends Conditional {
  /** Kind of distribution. */
  readonly type: 'int';
  /** Lowest value. */
  readonly from: number;
  /** Highest value. */
  readonly to: number;
  /** Default 1. */
  readonly step?: number;
  /** Sampled evenly in the logarithm; then `from` must be above 0. Default false. */
  readonly log?: boolean;
}

/** Numbers from `from` up to `to`; with `step` only those that are whole steps from `from`. */
export interface FloatDistribution extends Conditional {
  /** Kind of distribution. */
  readonly type: 'float';
  /** Lowest value. */
  readonly from: number;
  /** Highest value. */
  readonly to: number;
  /** Default: none, any number between. A grid needs one. */
  readonly step?: number;
  /** Sampled evenly in the logarithm; then `from` must be above 0. Default false. */
  readonly log?: boolean;
}

/** One of a list, without an order. */
export interface CategoricalDistribution extends Conditional {
  /** Kind of distribution. */
  readonly type: 'categorical';
  /** Different ones, at least one. */
  readonly values: readonly ParameterValue[];
}

/** Where the values of one parameter come from. */
export type Distribution = IntDistribution | FloatDistribution | CategoricalDistribution;

/** Distributions by parameter; the order is that of a grid, the last one fastest. */
export type SearchSpace = Readonly<Record<string, Distribution>>;

/** Values of a distribution that has finitely many, else Infinity. */
export function levelsOf(distribution: Distribution): number {
  if (distribution.type === 'categorical') return distribution.values.length;
  const step = distribution.step ?? (distribution.type === 'int' ? 1 : undefined);
  if (step === undefined) return Number.POSITIVE_INFINITY;
  // A hair of room, so that 0.1 to 0.3 by 0.1 has three values.
  return Math.floor((distribution.to - distribution.from) / step + 1e-9) + 1;
}

/** Value number `level` of a distribution with levels. */
export function valueOfLevel(distribution: Distribution, level: number): ParameterValue {
  if (distribution.type === 'categorical') return distribution.values[level];
  const step = distribution.step ?? 1;
  return tidy(distribution.from + level * step, step);
}

/** 0.1 + 2 · 0.1 is meant to be 0.3: rounded to the digits that start and step have. */
function tidy(value: number, step: number): number {
  if (Number.isInteger(value)) return value;
  const rounded = Number(value.toPrecision(15));
  return Math.abs(rounded - value) <= Math.abs(step) * 1e-9 ? rounded : value;
}

/** The value at a share u of the way through a distribution, 0 <= u < 1. */
export function valueAt(distribution: Distribution, u: number): ParameterValue {
  const levels = levelsOf(distribution);
  if (distribution.type === 'categorical' || !distribution.log) {
    if (Number.isFinite(levels)) return valueOfLevel(distribution, Math.min(levels - 1, Math.floor(u * levels)));
    const { from, to } = distribution as FloatDistribution;
    return Math.min(to, from + u * (to - from));
  }
  const { from, to, step } = distribution;
  if (!Number.isFinite(levels))
    return Math.min(to, Math.max(from, exponential(mix(naturalLog(from), naturalLog(to), u))));
  // Each level has the share of the logarithm that lies nearer to it than to its neighbours.
  const half = (step ?? 1) / 2;
  const low = Math.max(from - half, from / 2);
  const x = exponential(mix(naturalLog(low), naturalLog(to + half), u));
  const level = Math.round((x - from) / (step ?? 1));
  return valueOfLevel(distribution, Math.min(levels - 1, Math.max(0, level)));
}

/** The share in the middle of those that `valueAt` maps to this value. */
export function shareOf(distribution: Distribution, value: ParameterValue): number {
  if (distribution.type === 'categorical')
    return (distribution.values.indexOf(value) + 0.5) / distribution.values.length;
  const { from, to, step } = distribution;
  const levels = levelsOf(distribution);
  const x = value as number;
  if (distribution.log) {
    const half = Number.isFinite(levels) ? (step ?? 1) / 2 : 0;
    const low = naturalLog(half === 0 ? from : Math.max(from - half, from / 2));
    return clampShare((naturalLog(x) - low) / (naturalLog(to + half) - low));
  }
  if (!Number.isFinite(levels)) return to === from ? 0.5 : clampShare((x - from) / (to - from));
  return clampShare((Math.round((x - from) / (step ?? 1)) + 0.5) / levels);
}

const mix = (a: number, b: number, u: number) => a + (b - a) * u;
const clampShare = (u: number) => Math.min(1 - 2 ** -53, Math.max(0, u));

/** Whether a parameter applies, given those before it. */
export function applies({ when }: Distribution, parameters: TrialParameters): boolean {
  if (when === undefined) return true;
  return Object.entries(when).every(([name, values]) => values.includes(parameters[name]));
}

/** Builds the parameters of a trial, asking for each one that applies, in the order of the space. */
export function assemble(
  space: SearchSpace,
  pick: (name: string, distribution: Distribution, index: number) => ParameterValue,
): TrialParameters {
  const parameters: Record<string, ParameterValue> = {};
  let index = 0;
  for (const [name, distribution] of Object.entries(space)) {
    if (applies(distribution, parameters)) parameters[name] = pick(name, distribution, index);
    index += 1;
  }
  return parameters;
}

/** @throws AtcError ARGUMENT naming the parameter and what is allowed. */
export function checkSpace(space: SearchSpace): void {
  if (typeof space !== 'object' || space === null || Object.keys(space).length === 0) {
    throw new AtcError('ARGUMENT', 'space must be an object with at least one parameter');
  }
  const before: string[] = [];
  for (const [name, distribution] of Object.entries(space)) {
    checkDistribution(name, distribution);
    for (const other of Object.keys(distribution.when ?? {})) {
      if (before.includes(other)) continue;
      const hint = nearestHint(other, before);
      reject(name, `depends on "${other}", which does not stand before it in the space${hint}`);
    }
    before.push(name);
  }
}

function checkDistribution(name: string, distribution: Distribution): void {
  const { type } = distribution ?? {};
  if (type === 'categorical') {
    const { values } = distribution as CategoricalDistribution;
    const isValue = (value: unknown) => ['number', 'string', 'boolean'].includes(typeof value);
    if (
      !Array.isArray(values) ||
      values.length === 0 ||
      !values.every(isValue) ||
      new Set(values).size < values.length
    ) {
      reject(name, 'values must be a list of different numbers, texts or booleans, at least one');
    }
    return;
  }
  if (type !== 'int' && type !== 'float')
    reject(name, `type is ${JSON.stringify(type)}; allowed: int, float, categorical`);
  const { from, to, step, log } = distribution as FloatDistribution;
  if (!Number.isFinite(from) || !Number.isFinite(to) || from > to) {
    reject(name, `from and to must be finite numbers, from not above to, got ${from} and ${to}`);
  }
  if (step !== undefined && !(Number.isFinite(step) && step > 0)) reject(name, `step must be above 0, got ${step}`);
  if (type === 'int' && ![from, to, step ?? 1].every(Number.isSafeInteger)) {
    reject(name, `from, to and step of an int must be whole numbers, got ${from}, ${to}, ${step ?? 1}`);
  }
  if (log && !(from > 0)) reject(name, `from must be above 0 for a logarithmic scale, got ${from}`);
}

function reject(name: string, what: string): never {
  throw new AtcError('ARGUMENT', `parameter ${name} of the space: ${what}`, { key: name });
}
