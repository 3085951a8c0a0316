/** Rows on their way into one patch of an amended symbol. */
import type { TypedArray } from '../dtype.js';
import type { Segment } from './catalogue.js';
import type { GroupSchema } from './grouping.js';
import { RowBuffer } from './row-buffer.js';
import { type SegmentFormat, type SegmentPlace, SegmentWriter } from './segment-writer.js';

/** In the heap up to a block, then in files of the dataset's layout. */
export class OpenPatch {
  to: number;
  readonly #buffer: RowBuffer;
  #writer: SegmentWriter | undefined;
  readonly #schema: GroupSchema;
  readonly #place: SegmentPlace;
  readonly #format: SegmentFormat;

  constructor(
    schema: GroupSchema,
    readonly from: number,
    place: SegmentPlace,
    format: SegmentFormat,
  ) {
    this.#schema = schema;
    this.#place = place;
    this.#format = format;
    this.to = from;
    this.#buffer = new RowBuffer(schema);
  }

  /** The rows, as long as they are few enough to be joined with others. */
  get short(): RowBuffer | undefined {
    return this.#writer === undefined ? this.#buffer : undefined;
  }

  write(columns: readonly TypedArray[], start: number, end: number): void {
    for (let row = start; row < end; ) {
      if (this.#buffer.isFull) this.seal();
      row += this.#buffer.take(columns, row, end);
    }
  }

  /** From here on in the layout of the dataset, however few the rows are. */
  seal(): void {
    this.#writer ??= new SegmentWriter(this.#place, this.#schema, this.#format);
    if (this.#buffer.rows > 0) this.#writer.write(this.#buffer.content());
    this.#buffer.clear();
  }

  get heldBytes(): number {
    return this.#buffer.bytes;
  }

  relieve(): void {
    this.seal();
    this.#buffer.shrink();
  }

  /**
   * Few rows become one frame in either layout, stored in a mapped dataset: one file to write instead of one per
   * column.
   */
  finish(): Segment[] {
    if (this.#writer !== undefined) {
      this.seal();
      return this.#writer.finish();
    }
    const compression = this.#format.layout === 'mapped' ? { level: 0 } : this.#format.compression;
    const writer = new SegmentWriter(this.#place, this.#schema, { ...this.#format, layout: 'packed', compression });
    writer.write(this.#buffer.content());
    return writer.finish();
  }
}
