/** Rows of one symbol in a frame; blocks are decoded as they are asked for. */
import { FrameReader } from '../codec/frame-reader.js';
import type { FrameSource } from '../codec/frame-source.js';
import { createArray, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { openFileReader } from '../io/file-reader.js';
import { type MappingBackendChoice, openMapped } from '../io/select-backend.js';
import type { Segment, SymbolEntry } from './catalogue.js';
import type { ColumnSource } from './sourced-table.js';

interface ClosableSource extends FrameSource {
  close(): void;
}

export class PackedSource implements ColumnSource {
  readonly symbol: string;
  readonly length: number;
  readonly schema: SymbolEntry['columns'];
  /** What is handed out are copies: nothing keeps the file open. */
  readonly pinned = false;
  private source: ClosableSource | undefined;
  private frame: FrameReader | undefined;

  /** With a backend the compressed bytes come through a map, else they are read. */
  constructor(
    private readonly file: string,
    entry: SymbolEntry,
    segment: Segment,
    private readonly backend: MappingBackendChoice | undefined,
  ) {
    this.symbol = entry.symbol;
    this.length = segment.rows;
    this.schema = entry.columns;
  }

  view(column: number, from: number, to: number): TypedArray {
    const values = createArray(this.schema[column].dtype, to - from);
    this.reader().decodeRows([column], from, to, [values]);
    return values;
  }

  readInto(columns: readonly number[], from: number, targets: readonly TypedArray[]): void {
    if (targets.length > 0) this.reader().decodeRows(columns, from, from + targets[0].length, targets);
  }

  blockEnd(row: number): number {
    const frame = this.reader();
    return frame.firstRow(frame.blockOf(row) + 1);
  }

  lowerBound(ms: number): number {
    return this.reader().rowAt(ms);
  }

  release(): void {
    this.source?.close();
    this.source = undefined;
    this.frame = undefined;
  }

  private reader(): FrameReader {
    if (this.frame !== undefined) return this.frame;
    const source = openSource(this.file, this.backend);
    try {
      const frame = new FrameReader(source);
      const describe = (columns: SymbolEntry['columns']) =>
        columns.map(({ name, dtype }) => `${name} ${dtype}`).join(', ');
      if (frame.kind !== 'table' || frame.rows !== this.length || describe(frame.columns) !== describe(this.schema)) {
        const has = `${frame.rows} rows of ${describe(frame.columns)}`;
        const wants = `${this.length} rows of ${describe(this.schema)}`;
        throw new AtcError(
          'CORRUPT',
          `${this.file} holds ${has}, the catalogue says ${wants}; import the dataset again`,
          { path: this.file },
        );
      }
      this.source = source;
      return (this.frame = frame);
    } catch (error) {
      source.close();
      throw error;
    }
  }
}

function openSource(file: string, backend: MappingBackendChoice | undefined): ClosableSource {
  if (backend === undefined) return openFileReader(file);
  const mapped = openMapped(file, 'r', backend);
  return {
    path: file,
    byteLength: mapped.byteLength,
    read: (offset, length) => mapped.window(offset, length),
    close: () => mapped.close(),
  };
}
