/** What computes: the seam between the public functions and the implementations of the strategy. */
import { AtcError } from 'atc-memory';
import { isFloat64Array } from './closes.js';
import { ATC_FAMILIES, type AtcFamily } from './families.js';

/** One array per family, all of one length. */
export type FamilyRows = Readonly<Record<AtcFamily, Float64Array>>;

/** Both layers, family by family, an element a bar. */
export interface LayerRows {
  /** Each family's signal, on the 0.01 grid in [-1, 1]; NaN before the cutout. */
  readonly layer1: FamilyRows;
  /** Each family's equity, its weight in the average; NaN before the cutout. */
  readonly layer2: FamilyRows;
}

/** State over one symbol. */
export interface AtcEngine {
  /** Consumes checked closes and writes the average signal of each bar to the start of `signals`. */
  run(closes: Float64Array, signals: Float64Array, layers?: LayerRows): void;
  /** What the engine goes on from, as plain data of its own. */
  save(): unknown;
  /**
   * Goes on from there, after `bars` bars; only before the first bar. False, and the engine is spoilt, for what `save`
   * never gave.
   */
  resume(saved: unknown, bars: number): boolean;
  /** No more bars will come: the state need not be retained. */
  finish?(): void;
}

export function createLayerRows(length: number): LayerRows {
  const rows = () =>
    Object.fromEntries(ATC_FAMILIES.map((family) => [family, new Float64Array(length)])) as unknown as FamilyRows;
  return { layer1: rows(), layer2: rows() };
}

/** Before the first bar is consumed: a layer that is too short would stop the kernel between two bars. */
export function checkLayerRows(rows: LayerRows, length: number): void {
  for (const layer of ['layer1', 'layer2'] as const) {
    for (const family of ATC_FAMILIES) {
      const column: unknown = rows?.[layer]?.[family];
      if (isFloat64Array(column) && column.length >= length) continue;
      throw new AtcError('ARGUMENT', `layers.${layer}.${family} must be a Float64Array of at least ${length} elements`);
    }
  }
}
