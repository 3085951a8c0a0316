/** The strategy over a whole history at once. */
import { AtcError } from 'atc-memory';
import { checkCloses, isFloat64Array } from './closes.js';
import { createLayerRows, type FamilyRows } from './engine.js';
import { type AtcKernel, chooseKernel } from './kernel/choose-kernel.js';
import { type AtcParameters, minimumBars, resolveAtcParameters } from './parameters.js';
import type { AtcKernelOptions } from './stream.js';

/** What is computed besides the signal, and by which kernel. */
export interface AtcOptions extends AtcKernelOptions {
  /** Also return both layers: twelve arrays as long as the input. Default false. */
  readonly layers?: boolean;
}

/** Result of `computeAtcSignals`. */
export interface AtcSignals {
  /** The average signal of every bar, in [-1, 1]; 0 while the averages warm up and before the cutout. */
  readonly averageSignal: Float64Array;
  /** Which implementation computed. */
  readonly kernel: AtcKernel;
  /** With `layers`: each family's signal, on the 0.01 grid in [-1, 1]; NaN before the cutout. */
  readonly layer1?: FamilyRows;
  /** With `layers`: each family's equity, its weight in the average; NaN before the cutout. */
  readonly layer2?: FamilyRows;
}

/**
 * Adaptive Trend Classification of one symbol's closes, in ascending time, NaN where there is none.
 *
 * @throws AtcError ARGUMENT when a parameter or a close is out of range, or the history is shorter than `minimumBars`.
 */
export function computeAtcSignals(
  closes: Float64Array,
  parameters?: AtcParameters,
  options: AtcOptions = {},
): AtcSignals {
  if (!isFloat64Array(closes)) throw new AtcError('ARGUMENT', 'closes must be a Float64Array');
  const resolved = resolveAtcParameters(parameters);
  const needed = minimumBars(resolved);
  if (closes.length < needed) {
    throw new AtcError(
      'ARGUMENT',
      `${closes.length} closes are too few: these parameters need at least ${needed} (longest moving average, ` +
        'cutout + 1)',
    );
  }
  checkCloses(closes, 0);
  const { kernel, engine } = chooseKernel(resolved, options.kernel);
  const averageSignal = new Float64Array(closes.length);
  const layers = options.layers ? createLayerRows(closes.length) : undefined;
  engine.run(closes, averageSignal, layers);
  engine.finish?.();
  return { averageSignal, kernel, ...layers };
}
