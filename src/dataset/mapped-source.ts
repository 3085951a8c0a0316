/** Rows of one symbol in .npy files, one per column, mapped (or read, where nothing can map). */
import path from 'node:path';
import { decodeNpyHeader, NPY_PREFIX_BYTES, npyDataOffset } from '../array/npy-header.js';
import { bytesOf, createArray, itemSize, type TypedArray, viewAs } from '../dtype.js';
import { AtcError } from '../errors.js';
import type { MappedFile } from '../io/mapping.js';
import { type MappingBackendChoice, openMapped } from '../io/select-backend.js';
import { columnFileName, type Segment, type SymbolEntry } from './catalogue.js';
import { type ColumnSource, fullBlockEnd, lowerBound } from './sourced-table.js';

interface OpenColumn {
  readonly file: MappedFile;
  readonly dataOffset: number;
}

export class MappedSource implements ColumnSource {
  readonly symbol: string;
  readonly length: number;
  readonly schema: SymbolEntry['columns'];
  /** A view was handed out: its map must stay until the dataset is closed. */
  pinned = false;
  private readonly timestampAt: number;
  private open: (OpenColumn | undefined)[];

  constructor(
    private readonly directory: string,
    entry: SymbolEntry,
    segment: Segment,
    private readonly backend: MappingBackendChoice,
  ) {
    this.symbol = entry.symbol;
    this.length = segment.rows;
    this.schema = entry.columns;
    this.timestampAt = entry.columns.findIndex(({ name }) => name === 'timestamp');
    this.open = entry.columns.map(() => undefined);
  }

  view(column: number, from: number, to: number): TypedArray {
    const { dtype } = this.schema[column];
    const size = itemSize(dtype);
    const { file, dataOffset } = this.columnFile(column);
    const bytes = file.window(dataOffset + from * size, (to - from) * size);
    this.pinned = true;
    return viewAs(dtype, bytes.buffer, bytes.byteOffset, to - from);
  }

  readInto(columns: readonly number[], from: number, targets: readonly TypedArray[]): void {
    columns.forEach((column, k) => {
      const { file, dataOffset } = this.columnFile(column);
      file.readInto(dataOffset + from * itemSize(this.schema[column].dtype), bytesOf(targets[k]));
    });
  }

  blockEnd(row: number): number {
    return fullBlockEnd(row);
  }

  lowerBound(ms: number): number {
    const probe = createArray(this.schema[this.timestampAt].dtype, 1);
    const valueAt = (row: number) => {
      this.readInto([this.timestampAt], row, [probe]);
      return Number(probe[0]);
    };
    return lowerBound(valueAt, 0, this.length, ms);
  }

  /** Closes the files; they are opened again when they are needed. */
  release(): void {
    for (const column of this.open) column?.file.close();
    this.open = this.schema.map(() => undefined);
  }

  private columnFile(index: number): OpenColumn {
    return (this.open[index] ??= this.openColumn(index));
  }

  private openColumn(index: number): OpenColumn {
    const { name, dtype } = this.schema[index];
    const full = path.join(this.directory, columnFileName(index, name));
    const file = openMapped(full, 'r', this.backend);
    try {
      const prefix = new Uint8Array(Math.min(NPY_PREFIX_BYTES, file.byteLength));
      file.readInto(0, prefix);
      const dataOffset = npyDataOffset(prefix, full);
      const header = new Uint8Array(Math.min(dataOffset, file.byteLength));
      file.readInto(0, header);
      const found = decodeNpyHeader(header, full);
      const expected = dataOffset + this.length * itemSize(dtype);
      if (
        found.dtype !== dtype ||
        found.shape.length !== 1 ||
        found.shape[0] !== this.length ||
        file.byteLength !== expected
      ) {
        const has = `${found.dtype} [${found.shape.join(', ')}] in ${file.byteLength} bytes`;
        const wants = `${dtype} [${this.length}] in ${expected} bytes`;
        throw new AtcError('CORRUPT', `${full} holds ${has}, the catalogue says ${wants}; import the dataset again`, {
          path: full,
        });
      }
      return { file, dataOffset };
    } catch (error) {
      file.close();
      throw error;
    }
  }
}
