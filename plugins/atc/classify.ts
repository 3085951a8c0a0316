/** The trend: which way the average signal points. */
import { AtcError } from 'atc-memory';
import type { ResolvedAtcParameters } from './parameters.js';

/** 1 up, -1 down, 0 neither. */
export type Trend = -1 | 0 | 1;

/** Reads the trend off a signal bar by bar. */
export interface TrendClassifier {
  /** The trend after one more bar; bars in order. */
  next(signal: number): Trend;
  /** The trend after the last of several bars, at least one. */
  last(signals: Float64Array): Trend;
}

/**
 * `sign`: the sign of the signal (the Python original). `hysteresis`: +1 once the signal crosses above `longThreshold`,
 * -1 once it crosses below `shortThreshold`, otherwise what it was (the Pine original); 0 before the first crossing.
 */
export function createTrendClassifier(
  parameters: Pick<ResolvedAtcParameters, 'classify' | 'longThreshold' | 'shortThreshold'>,
): TrendClassifier {
  if (typeof parameters !== 'object' || parameters === null) {
    throw new AtcError('ARGUMENT', 'a trend classifier needs resolved parameters: resolveAtcParameters(…)');
  }
  if (parameters.classify === 'sign') {
    return {
      next: (signal) => trendOf(requireSignal(signal)),
      last: (signals) => trendOf(requireSignals(signals)[signals.length - 1]),
    };
  }
  const { longThreshold, shortThreshold } = parameters;
  let before = Number.NaN;
  let trend: Trend = 0;
  const next = (signal: number) => {
    if (signal > longThreshold && before <= longThreshold) trend = 1;
    else if (signal < shortThreshold && before >= shortThreshold) trend = -1;
    before = signal;
    return trend;
  };
  return {
    next: (signal) => next(requireSignal(signal)),
    last(signals) {
      requireSignals(signals);
      for (let bar = 0; bar < signals.length; bar++) next(signals[bar]);
      return trend;
    },
  };
}

/** The trend at every bar of a signal. */
export function classifyTrend(
  averageSignal: Float64Array,
  parameters: Pick<ResolvedAtcParameters, 'classify' | 'longThreshold' | 'shortThreshold'>,
): Int8Array {
  const classifier = createTrendClassifier(parameters);
  requireSignals(averageSignal);
  return Int8Array.from(averageSignal, (signal) => classifier.next(signal));
}

function requireSignal(signal: number): number {
  if (typeof signal === 'number') return signal;
  throw new AtcError('ARGUMENT', `a signal must be a number, got a value of type ${typeof signal}`);
}

function requireSignals(signals: Float64Array): Float64Array {
  if (Object.prototype.toString.call(signals) === '[object Float64Array]') return signals;
  throw new AtcError('ARGUMENT', 'the signal must be a Float64Array');
}

function trendOf(signal: number): Trend {
  if (signal > 0) return 1;
  return signal < 0 ? -1 : 0;
}
