/** Tables of measurements as one HTML file. */
import { htmlFile } from './html-file.js';

/** A table: texts to read, and numbers to draw as bars. */
export interface MeasuredTable {
  readonly title: string;
  /** `isLess`: a smaller number is better. */
  readonly columns: readonly { readonly name: string; readonly isText: boolean; readonly isLess?: boolean }[];
  /** Numbers in the unit of their column; null where none was measured. */
  readonly rows: readonly (readonly { readonly text: string; readonly value: number | null }[])[];
  /** Columns that are drawn. */
  readonly drawn: readonly number[];
  readonly notes: readonly string[];
}

/** What a run of the benchmark measured. */
export interface MeasuredPage {
  readonly machine: string;
  readonly notes: readonly string[];
  readonly sections: readonly {
    readonly name: string;
    readonly left?: string;
    readonly tables: readonly MeasuredTable[];
  }[];
}

export function benchHtml(run: MeasuredPage): string {
  return htmlFile('Benchmark', { kind: 'bench', ...run } as { kind: string });
}
