/** The strategy behind the generic backtest seam. */
import { AtcError, type CandleTable, type Strategy, type StrategyRun, type TableBlock } from 'atc-memory';
import { createTrendClassifier, type Trend } from './classify.js';
import { isFloat64Array } from './closes.js';
import type { AtcKernel } from './kernel/choose-kernel.js';
import { ATC_KERNEL_VERSION } from './kernel-version.js';
import { type AtcParameters, minimumBars, type ResolvedAtcParameters, resolveAtcParameters } from './parameters.js';
import { strategyLocation } from './strategy-location.js';
import { type AtcStream, startStream } from './stream.js';

/** What is left of a symbol once its history has been read. */
export interface AtcSummary {
  /** The average signal of the last bar, in [-1, 1]. */
  readonly signal: number;
  /** The trend at the last bar, as `classify` reads it. */
  readonly trend: Trend;
}

/** ATC as a strategy of the backtest runner. */
export interface AtcStrategy extends Strategy<AtcSummary> {
  /** Checked, with every default filled in. */
  readonly parameters: ResolvedAtcParameters;
  /** Symbols with fewer rows cannot be run with these parameters. */
  readonly minimumRows: number;
}

/** Reads `close`; the per-row result is the column `signal`. */
export function atcStrategy(parameters?: AtcParameters): AtcStrategy {
  const resolved = resolveAtcParameters(parameters);
  return {
    name: 'atc',
    version: ATC_KERNEL_VERSION,
    columns: ['close'],
    parameters: resolved,
    minimumRows: minimumBars(resolved),
    reference: { module: strategyLocation('strategy.js'), factory: 'atcStrategy', parameters: [parameters] },
    sharesCallingThread: true,
    start: (table) => startAtcRun(table, resolved),
  };
}

/** Throws ARGUMENT for a history that is too short. */
export function startAtcRun(table: CandleTable, parameters: ResolvedAtcParameters): AtcRun {
  const needed = minimumBars(parameters);
  if (table.length < needed) {
    const message = `${table.symbol} has ${table.length} rows; the ATC parameters need at least ${needed}`;
    throw new AtcError('ARGUMENT', message);
  }
  return new AtcRun(table.symbol, parameters);
}

/** The trend at the last of the signals it was given, block by block. */
export class LastSignal {
  summary: AtcSummary = { signal: 0, trend: 0 };
  readonly #classifier;

  constructor(parameters: ResolvedAtcParameters) {
    this.#classifier = createTrendClassifier(parameters);
  }

  take(signals: Float64Array): void {
    if (signals.length === 0) return;
    this.summary = { signal: signals[signals.length - 1], trend: this.#classifier.last(signals) };
  }
}

export class AtcRun implements StrategyRun<AtcSummary> {
  readonly #stream: AtcStream;
  readonly #last: LastSignal;
  #signals = new Float64Array(0);
  #closes = new Float64Array(0);

  constructor(symbol: string, parameters: ResolvedAtcParameters) {
    this.#stream = startStream(parameters, 'auto', symbol);
    this.#last = new LastSignal(parameters);
  }

  get kernel(): AtcKernel {
    return this.#stream.kernel;
  }

  /** The returned column is reused by the next call. */
  push(block: TableBlock): { signal: Float64Array } {
    if (this.#signals.length < block.length) this.#signals = new Float64Array(block.length);
    const closes = this.#closesOf(block);
    const signal = this.#signals.subarray(0, block.length);
    this.#stream.pushBlock(closes, signal);
    this.#last.take(signal);
    return { signal };
  }

  finish(): AtcSummary {
    return this.#last.summary;
  }

  /**
   * Prices stored as float32 are widened; integers cannot be distinguished from scaled prices and are widened as they
   * are.
   */
  #closesOf(block: TableBlock): Float64Array {
    const column = block.columns.close;
    if (isFloat64Array(column)) return column.length === block.length ? column : column.subarray(0, block.length);
    if (this.#closes.length < block.length) this.#closes = new Float64Array(block.length);
    for (let row = 0; row < block.length; row++) this.#closes[row] = Number(column[row]);
    return this.#closes.subarray(0, block.length);
  }
}
