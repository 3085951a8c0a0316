export {
  type AtcBacktestOptions,
  type AtcBacktestResult,
  backtest,
  backtestFromDataFrame,
  backtestMultipleFiles,
} from './backtest.js';
export { type CachedAtcOptions, cachedAtcSignals } from './cached-signals.js';
export { cachedAtcStrategy } from './cached-strategy.js';
export { classifyTrend, createTrendClassifier, type Trend, type TrendClassifier } from './classify.js';
export type { FamilyRows, LayerRows } from './engine.js';
export { ATC_FAMILIES, type AtcFamily, type AtcRobustness } from './families.js';
export type { AtcKernel, AtcKernelChoice } from './kernel/choose-kernel.js';
export { ATC_KERNEL_VERSION } from './kernel-version.js';
export {
  ATC_DEFAULTS,
  type AtcClassification,
  type AtcLevels,
  type AtcParameters,
  minimumBars,
  type ResolvedAtcParameters,
  resolveAtcParameters,
} from './parameters.js';
export { type AtcOptions, type AtcSignals, computeAtcSignals } from './signals.js';
export type { SignalsStore } from './signals-cache.js';
export { type AtcStrategy, type AtcSummary, atcStrategy } from './strategy.js';
export { type AtcKernelOptions, type AtcStream, type AtcStreamOptions, createAtcStream } from './stream.js';
export { atcSweep } from './sweep/sweep-strategy.js';
