/**
 * What a section of the benchmark hands back: tables of cells with units, so that text, JSON and docs show the same
 * figures.
 */

/** Of the numbers in a column. `share` is a part of 1, `MB/s` counts 10^6 bytes. */
export type Unit = 'text' | 'ratio' | 'share' | 's' | 'ms' | 'us' | 'ns' | 'bytes' | 'MB/s' | 'count';

export interface Column {
  readonly name: string;
  readonly unit: Unit;
}

/** The median of several runs, and how far they lie apart. */
export interface Measure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** null: not measured here. */
export type Cell = string | number | Measure | null;

export interface BenchTable {
  /** `section.table`: the name of its block in the docs. */
  readonly name: string;
  readonly title: string;
  /** What the row is about, then ratios, then the figures behind them. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** How it was measured, and what was left out and why. */
  readonly notes: readonly string[];
}

/** Of at least one number. An even count takes the upper of the two in the middle: a figure that was really seen. */
export function measureOf(values: readonly number[]): Measure {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], min: sorted[0], max: sorted[sorted.length - 1] };
}

/** Ratios of runs that were made in turns: run by run, so that what the machine did meanwhile hits both sides. */
export function ratioOf(over: readonly number[], under: readonly number[]): Measure {
  return measureOf(over.map((value, run) => value / under[run]));
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
