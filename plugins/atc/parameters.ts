/** The parameters of the strategy: names, units, defaults, and what is accepted. */
import { AtcError, nearestHint } from 'atc-memory';
import {
  ATC_FAMILIES,
  ATC_ROBUSTNESS,
  type AtcFamily,
  type AtcRobustness,
  longestLength,
  minimumBaseLength,
} from './families.js';

/** Two levels: above `long` counts as long, below `short` as short. Both comparisons are strict. */
export interface AtcLevels {
  /** Greater than `short`. */
  readonly long: number;
  /** Smaller than `long`. */
  readonly short: number;
}

/** How the trend is read off the signal: its sign, or crossings of the thresholds with the last direction retained. */
export type AtcClassification = 'sign' | 'hysteresis';

/** The parameters of the strategy; docs/atc.md has the formulas. Whatever is left out has its default. */
export interface AtcParameters {
  /** Base length of the exponential averages, in bars. Default 28. */
  readonly emaLength?: number;
  /** Base length of the Hull averages, in bars. Default 28. */
  readonly hmaLength?: number;
  /** Base length of the weighted averages, in bars. Default 28. */
  readonly wmaLength?: number;
  /** Base length of the double exponential averages, in bars. Default 28. */
  readonly demaLength?: number;
  /** Base length of the least-squares averages, in bars. Default 28. */
  readonly lsmaLength?: number;
  /** Base length of Kaufman's adaptive averages, in bars. Default 28. */
  readonly kamaLength?: number;
  /**
   * Starting equity of a family in the second layer, > 0; below the equity floor 0.25 it starts at the floor. Default
   * 1.
   */
  readonly emaWeight?: number;
  /** Of the Hull averages; as `emaWeight`. */
  readonly hmaWeight?: number;
  /** Of the weighted averages; as `emaWeight`. */
  readonly wmaWeight?: number;
  /** Of the double exponential averages; as `emaWeight`. */
  readonly demaWeight?: number;
  /** Of the least-squares averages; as `emaWeight`. */
  readonly lsmaWeight?: number;
  /** Of the adaptive averages; as `emaWeight`. */
  readonly kamaWeight?: number;
  /** How far the nine lengths of a family lie apart. Default 'Medium'. */
  readonly robustness?: AtcRobustness;
  /**
   * Growth rate of the weight of recent returns, in thousandths per bar (0.02 means exp(0.00002) a bar). Default 0.02.
   */
  readonly lambda?: number;
  /** What an equity loses each bar, in percent, 0 to 100. Default 0.03. */
  readonly decay?: number;
  /**
   * Bars at the start that only warm the averages up: equities begin at this bar, signals before it are 0. Default 0.
   */
  readonly cutout?: number;
  /**
   * Level of a signal, from -1 to 1, above which it is long: for `classify: 'hysteresis'`, and for the vote of the
   * second layer unless `cut` has other levels. Must be above `shortThreshold`, else ARGUMENT. Default 0.1.
   */
  readonly longThreshold?: number;
  /** Level below which a signal is short, as `longThreshold`. Must be below it, else ARGUMENT. Default -0.1. */
  readonly shortThreshold?: number;
  /**
   * Levels at which a family's signal votes in the second layer, `long` above `short`, else ARGUMENT. Default: the two
   * thresholds (the Pine original: ±0.49).
   */
  readonly cut?: AtcLevels;
  /** How `trend` is read off the signal; 'hysteresis' uses the two thresholds. Default 'sign'. */
  readonly classify?: AtcClassification;
  /** Shifts the signal by one bar, so that bar i holds what was known when bar i opened. Default false. */
  readonly strategyMode?: boolean;
}

/** Checked parameters, every one set. */
export type ResolvedAtcParameters = Required<AtcParameters>;

/** Bars. A bound on what one stream may hold in memory, far above any use. */
const LONGEST_BASE_LENGTH = 10_000;

/** The value of every parameter that is left out. Frozen. */
export const ATC_DEFAULTS: ResolvedAtcParameters = Object.freeze({
  emaLength: 28,
  hmaLength: 28,
  wmaLength: 28,
  demaLength: 28,
  lsmaLength: 28,
  kamaLength: 28,
  emaWeight: 1,
  hmaWeight: 1,
  wmaWeight: 1,
  demaWeight: 1,
  lsmaWeight: 1,
  kamaWeight: 1,
  robustness: 'Medium',
  lambda: 0.02,
  decay: 0.03,
  cutout: 0,
  longThreshold: 0.1,
  shortThreshold: -0.1,
  cut: Object.freeze({ long: 0.1, short: -0.1 }),
  classify: 'sign',
  strategyMode: false,
});

const PARAMETER_NAMES = Object.keys(ATC_DEFAULTS) as readonly (keyof ResolvedAtcParameters)[];

/**
 * Fills in the defaults and checks every value.
 *
 * @throws AtcError ARGUMENT naming the parameter (also as `key`), the value found and what is allowed.
 */
export function resolveAtcParameters(parameters: AtcParameters = {}): ResolvedAtcParameters {
  if (typeof parameters !== 'object' || parameters === null) {
    throw new AtcError('ARGUMENT', `ATC parameters must be an object, got ${shown(parameters)}`);
  }
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parameters)) {
    if (!Object.hasOwn(ATC_DEFAULTS, key)) {
      throw new AtcError('ARGUMENT', `unknown ATC parameter "${key}"${nearestHint(key, PARAMETER_NAMES)}`, { key });
    }
    if (value !== undefined) given[key] = value;
  }
  const merged = { ...ATC_DEFAULTS, ...given } as ResolvedAtcParameters;
  const resolved: ResolvedAtcParameters = Object.freeze({
    ...merged,
    cut: Object.freeze({ ...(given.cut ?? { long: merged.longThreshold, short: merged.shortThreshold }) } as AtcLevels),
  });
  check(resolved);
  return resolved;
}

function check(parameters: ResolvedAtcParameters): void {
  const { robustness, classify, lambda, decay, cutout, strategyMode, longThreshold, shortThreshold, cut } = parameters;
  if (!ATC_ROBUSTNESS.includes(robustness)) reject('robustness', robustness, `one of ${ATC_ROBUSTNESS.join(', ')}`);
  for (const family of ATC_FAMILIES) {
    const length = baseLength(parameters, family);
    const least = minimumBaseLength(family, robustness);
    if (!Number.isInteger(length) || length < least || length > LONGEST_BASE_LENGTH) {
      reject(
        `${family}Length`,
        length,
        `a whole number of bars from ${least} (${robustness}) to ${LONGEST_BASE_LENGTH}`,
      );
    }
    const weight = familyWeight(parameters, family);
    if (!Number.isFinite(weight) || weight <= 0) reject(`${family}Weight`, weight, 'a finite number above 0');
  }
  if (!Number.isFinite(lambda)) reject('lambda', lambda, 'a finite number (thousandths per bar)');
  if (!Number.isFinite(decay) || decay < 0 || decay > 100) reject('decay', decay, 'a percentage from 0 to 100');
  if (!Number.isSafeInteger(cutout) || cutout < 0) reject('cutout', cutout, 'a whole number of bars, 0 or more');
  if (typeof strategyMode !== 'boolean') reject('strategyMode', strategyMode, 'true or false');
  if (classify !== 'sign' && classify !== 'hysteresis') reject('classify', classify, 'sign or hysteresis');
  if (!Number.isFinite(longThreshold)) reject('longThreshold', longThreshold, 'a finite number');
  if (!Number.isFinite(shortThreshold)) reject('shortThreshold', shortThreshold, 'a finite number');
  if (longThreshold <= shortThreshold) {
    reject('longThreshold', longThreshold, `above shortThreshold, which is ${shortThreshold}`);
  }
  if (!Number.isFinite(cut.long) || !Number.isFinite(cut.short) || cut.long <= cut.short) {
    reject('cut', cut, '{ long, short }, both finite, long above short');
  }
}

function reject(key: string, value: unknown, allowed: string): never {
  throw new AtcError('ARGUMENT', `ATC parameter ${key} is ${shown(value)}; allowed: ${allowed}`, { key });
}

export function shown(value: unknown): string {
  try {
    if (typeof value === 'object' && value !== null) return JSON.stringify(value);
    return typeof value === 'string' ? `"${value}"` : String(value);
  } catch {
    return `a value of type ${typeof value} without a text`;
  }
}

/** Whether two checked sets of parameters mean the same. */
export function sameParameters(a: ResolvedAtcParameters, b: ResolvedAtcParameters): boolean {
  return a === b || firstDifferentParameter(a, b) === undefined;
}

/** The name of one in which they differ; `a` may be anything that was read. */
export function firstDifferentParameter(
  a: Partial<ResolvedAtcParameters> | undefined,
  b: ResolvedAtcParameters,
): keyof ResolvedAtcParameters | undefined {
  for (const key of PARAMETER_NAMES) {
    if (key !== 'cut' && a?.[key] !== b[key]) return key;
  }
  return a?.cut?.long === b.cut.long && a.cut.short === b.cut.short ? undefined : 'cut';
}

export function baseLength(parameters: ResolvedAtcParameters, family: AtcFamily): number {
  return parameters[`${family}Length`];
}

export function familyWeight(parameters: ResolvedAtcParameters, family: AtcFamily): number {
  return parameters[`${family}Weight`];
}

/**
 * The fewest bars a history must have: the longest moving average of every family but KAMA (which is defined from the
 * first bar) fits in, and at least one bar follows the cutout.
 */
export function minimumBars(parameters: ResolvedAtcParameters): number {
  if (typeof parameters?.cutout !== 'number' || typeof parameters.robustness !== 'string') {
    throw new AtcError('ARGUMENT', 'minimumBars needs resolved parameters: resolveAtcParameters(…)');
  }
  let bars = parameters.cutout + 1;
  for (const family of ATC_FAMILIES) {
    if (family !== 'kama') bars = Math.max(bars, longestLength(baseLength(parameters, family), parameters.robustness));
  }
  return bars;
}
