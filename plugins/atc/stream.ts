/** The strategy as a state: bar by bar for live prices, block by block for history, the same bits either way. */
import { AtcError } from 'atc-memory';
import { checkCloses, isFloat64Array } from './closes.js';
import { type AtcEngine, checkLayerRows, type LayerRows } from './engine.js';
import { type AtcKernel, type AtcKernelChoice, chooseKernel } from './kernel/choose-kernel.js';
import { type AtcParameters, type ResolvedAtcParameters, resolveAtcParameters } from './parameters.js';

/** Which kernel runs. */
export interface AtcStreamOptions {
  /** Default 'auto'. Every choice gives the same signals. */
  readonly kernel?: AtcKernelChoice;
}

/** ATC fed bar by bar, in memory of the window's size; the same bits as over the whole history at once. */
export interface AtcStream {
  /** Which implementation computes. */
  readonly kernel: AtcKernel;
  /** Checked, with every default filled in. */
  readonly parameters: ResolvedAtcParameters;
  /** Bars consumed so far. */
  readonly bars: number;
  /**
   * Takes the close of the next bar (NaN for a gap) and returns the average signal, in [-1, 1]. It is 0 while the
   * averages warm up.
   *
   * @throws AtcError ARGUMENT for a price that is not above 0; the state is as before.
   */
  push(close: number): number;
  /**
   * Takes a block of closes and writes the average signals to the start of `signals` (default: a new array), which is
   * returned.
   *
   * @throws AtcError ARGUMENT for a price that is not above 0 (before any of the block is consumed) or arrays that are
   * too short.
   */
  pushBlock(closes: Float64Array, signals?: Float64Array, layers?: LayerRows): Float64Array;
}

/** Starts the strategy before the first bar of one symbol. Memory: a few windows of the longest length. */
export function createAtcStream(parameters?: AtcParameters, options: AtcStreamOptions = {}): AtcStream {
  const resolved = resolveAtcParameters(parameters);
  const { kernel, engine } = chooseKernel(resolved, options.kernel);
  return new EngineStream(kernel, resolved, engine);
}

class EngineStream implements AtcStream {
  private consumed = 0;
  private readonly close = new Float64Array(1);
  private readonly signal = new Float64Array(1);

  constructor(
    readonly kernel: AtcKernel,
    readonly parameters: ResolvedAtcParameters,
    private readonly engine: AtcEngine,
  ) {}

  get bars(): number {
    return this.consumed;
  }

  push(close: number): number {
    // undefined would become NaN, and a misspelt field a history of gaps.
    if (typeof close !== 'number') throw new AtcError('ARGUMENT', `close must be a number, got ${String(close)}`);
    this.close[0] = close;
    this.pushBlock(this.close, this.signal);
    return this.signal[0];
  }

  pushBlock(closes: Float64Array, signals?: Float64Array, layers?: LayerRows): Float64Array {
    if (!isFloat64Array(closes)) throw new AtcError('ARGUMENT', 'closes must be a Float64Array');
    const out = signals ?? new Float64Array(closes.length);
    if (!isFloat64Array(out) || out.length < closes.length) {
      throw new AtcError('ARGUMENT', `signals must be a Float64Array of at least ${closes.length} elements`);
    }
    if (layers !== undefined) checkLayerRows(layers, closes.length);
    checkCloses(closes, this.consumed);
    this.engine.run(closes, out, layers);
    this.consumed += closes.length;
    return out;
  }
}
