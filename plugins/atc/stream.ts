/** The strategy as a state: bar by bar for live prices, block by block for history, the same bits either way. */
import { AtcError } from 'atc-memory';
import { checkCloses, isFloat64Array } from './closes.js';
import { type AtcEngine, checkLayerRows, type LayerRows } from './engine.js';
import { type AtcKernel, type AtcKernelChoice, chooseKernel } from './kernel/choose-kernel.js';
import { type AtcParameters, type ResolvedAtcParameters, resolveAtcParameters } from './parameters.js';
import { decodeStream, encodeStream, resumeEngine } from './stream-state.js';

/** Which kernel runs. */
export interface AtcKernelOptions {
  /** Default 'auto'. Every choice gives the same signals. */
  readonly kernel?: AtcKernelChoice;
}

/** How a stream starts. */
export interface AtcStreamOptions extends AtcKernelOptions {
  /** What `state()` of a stream with the same parameters returned: goes on after its last bar, with its kernel. */
  readonly state?: Uint8Array;
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
  /**
   * All that the next bars depend on, as bytes to be stored anywhere: `createAtcStream(parameters, { state })` goes on
   * from there with the same bits. Some 18 kB with the defaults. The stream goes on too.
   */
  state(): Uint8Array;
}

/**
 * Starts the strategy before the first bar of one symbol, or where a saved `state` left off. Memory: a few windows of
 * the longest length.
 *
 * @throws AtcError ARGUMENT for wrong parameters or a state of others, CORRUPT for a damaged state, FORMAT_VERSION for
 * one of another version of the kernel, UNSUPPORTED for a kernel that this engine cannot run.
 */
export function createAtcStream(parameters?: AtcParameters, options: AtcStreamOptions = {}): AtcStream {
  const resolved = resolveAtcParameters(parameters);
  if (typeof options !== 'object' || options === null) {
    throw new AtcError('ARGUMENT', 'the options of createAtcStream must be an object: { kernel, state }');
  }
  if (options.state === undefined) return startStream(resolved, options.kernel);
  const saved = decodeStream(options.state, resolved);
  const { kernel: asked = 'auto' } = options;
  if (asked !== 'auto' && asked !== saved.kernel) {
    throw new AtcError(
      'ARGUMENT',
      `the state is of kernel "${saved.kernel}", asked for is "${asked}"; leave kernel out`,
    );
  }
  const { kernel, engine } = chooseKernel(resolved, saved.kernel);
  resumeEngine(engine, saved);
  return new EngineStream(kernel, resolved, engine, saved.bars);
}

/** For checked parameters. `symbol`: the closes are stored history, and what is wrong with them is reported of it. */
export function startStream(parameters: ResolvedAtcParameters, choice?: AtcKernelChoice, symbol?: string): AtcStream {
  const { kernel, engine } = chooseKernel(parameters, choice);
  return new EngineStream(kernel, parameters, engine, 0, symbol);
}

/**
 * True when a signal would be written over a close that comes later. The same array is right: a bar is read before its
 * signal is written.
 */
function isShifted(closes: Float64Array, out: Float64Array): boolean {
  if (out.buffer !== closes.buffer) return false;
  const ahead = out.byteOffset - closes.byteOffset;
  return ahead > 0 && ahead < closes.byteLength;
}

class EngineStream implements AtcStream {
  readonly #close = new Float64Array(1);
  readonly #signal = new Float64Array(1);
  readonly #engine: AtcEngine;
  #consumed: number;
  readonly #symbol: string | undefined;

  constructor(
    readonly kernel: AtcKernel,
    readonly parameters: ResolvedAtcParameters,
    engine: AtcEngine,
    consumed: number,
    symbol?: string,
  ) {
    this.#engine = engine;
    this.#consumed = consumed;
    this.#symbol = symbol;
  }

  get bars(): number {
    return this.#consumed;
  }

  push(close: number): number {
    // undefined would become NaN, and a misspelt field a history of gaps.
    if (typeof close !== 'number')
      throw new AtcError('ARGUMENT', `close must be a number, got a value of type ${typeof close}`);
    this.#close[0] = close;
    this.pushBlock(this.#close, this.#signal);
    return this.#signal[0];
  }

  pushBlock(closes: Float64Array, signals?: Float64Array, layers?: LayerRows): Float64Array {
    if (!isFloat64Array(closes)) throw new AtcError('ARGUMENT', 'closes must be a Float64Array');
    const out = signals ?? new Float64Array(closes.length);
    if (!isFloat64Array(out) || out.length < closes.length) {
      throw new AtcError('ARGUMENT', `signals must be a Float64Array of at least ${closes.length} elements`);
    }
    if (layers !== undefined) checkLayerRows(layers, closes.length);
    checkCloses(closes, this.#consumed, this.#symbol);
    this.#engine.run(isShifted(closes, out) ? closes.slice() : closes, out, layers);
    this.#consumed += closes.length;
    return out;
  }

  state(): Uint8Array {
    return encodeStream({ kernel: this.kernel, bars: this.#consumed, engine: this.#engine.save() }, this.parameters);
  }
}
