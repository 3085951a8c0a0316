/** The segments of one symbol as one run of rows. */
import { bisect } from '../bisect.js';
import { BLOCK_ROWS } from '../codec/codec.js';
import { createArray, type TypedArray } from '../dtype.js';
import type { SymbolEntry } from './catalogue.js';
import { rowAtTime, type SegmentSource } from './segment-source.js';
import type { ColumnSource } from './sourced-table.js';

export class SegmentedSource implements ColumnSource {
  readonly symbol: string;
  readonly length: number;
  readonly schema: SymbolEntry['columns'];
  /** First row of every segment, and after the last one the number of rows. */
  readonly #firstRow: Float64Array;
  readonly #source: (index: number) => SegmentSource;

  /** `source(k)` is segment `k`, opened when it is first used and perhaps closed again in between. */
  constructor(
    readonly entry: SymbolEntry,
    source: (index: number) => SegmentSource,
  ) {
    this.#source = source;

    this.symbol = entry.symbol;
    this.length = entry.rows;
    this.schema = entry.columns;
    this.#firstRow = new Float64Array(entry.segments.length + 1);
    entry.segments.forEach(({ rows }, k) => {
      this.#firstRow[k + 1] = this.#firstRow[k] + rows;
    });
  }

  /** A view within one segment; a copy where the rows lie in several. */
  view(column: number, from: number, to: number): TypedArray {
    if (from === to) return createArray(this.schema[column].dtype, 0);
    const index = this.segmentOf(from);
    const first = this.#firstRow[index];
    if (to <= this.#firstRow[index + 1]) return this.#source(index).view(column, from - first, to - first);
    const joined = createArray(this.schema[column].dtype, to - from);
    this.readInto([column], from, [joined]);
    return joined;
  }

  readInto(columns: readonly number[], from: number, targets: readonly TypedArray[]): void {
    if (targets.length === 0 || targets[0].length === 0) return;
    const to = from + targets[0].length;
    for (let index = this.segmentOf(from), row = from; row < to; index += 1) {
      const end = Math.min(this.#firstRow[index + 1], to);
      const whole = row === from && end === to;
      const parts = whole ? targets : targets.map((target) => target.subarray(row - from, end - from));
      this.#source(index).readInto(columns, row - this.#firstRow[index], parts);
      row = end;
    }
  }

  /** Short segments are read together, up to a block. */
  blockEnd(row: number): number {
    const most = Math.min(row + BLOCK_ROWS, this.length);
    let index = this.segmentOf(row);
    const end = this.#firstRow[index] + this.#source(index).blockEnd(row - this.#firstRow[index]);
    if (end < this.#firstRow[index + 1]) return Math.min(end, most);
    while (index + 1 < this.entry.segments.length && this.#firstRow[index + 2] <= most) index += 1;
    return Math.min(this.#firstRow[index + 1], most);
  }

  lowerBound(ms: number): number {
    const { segments } = this.entry;
    const index = bisect(0, segments.length, (k) => segments[k].lastMs >= ms);
    if (index === segments.length) return this.length;
    const facts = segments[index];
    // Outside the segment or on a regular grid the catalogue knows the row: the file is not touched.
    return this.#firstRow[index] + rowAtTime(facts, () => this.#source(index), ms);
  }

  /** The segment that holds a row. */
  segmentOf(row: number): number {
    return bisect(0, this.entry.segments.length, (k) => this.#firstRow[k + 1] > row);
  }

  segment(index: number): SegmentSource {
    return this.#source(index);
  }

  /** First row of a segment. */
  firstRowOf(index: number): number {
    return this.#firstRow[index];
  }
}
