/** Rows of one segment in .npy files, one per column, mapped (or read, where nothing can map). */

import { decodeNpyHeader, NPY_PREFIX_BYTES, npyDataOffset } from '../array/npy-header.js';
import { bisect } from '../bisect.js';
import type { ColumnSchema } from '../codec/codec.js';
import { bytesOf, createArray, itemSize, type TypedArray, viewAs } from '../dtype.js';
import { AtcError } from '../errors.js';
import type { MappedFile } from '../io/mapping.js';
import { type MappingBackendChoice, openMapped } from '../io/select-backend.js';
import type { Segment } from './catalogue.js';
import { columnFilePath } from './column-files.js';
import type { SegmentSource } from './segment-source.js';
import { fullBlockEnd } from './sourced-table.js';

interface OpenColumn {
  readonly file: MappedFile;
  /** Where the segment's first row is. */
  readonly offset: number;
}

export class MappedSource implements SegmentSource {
  readonly rows: number;
  pinned = false;
  private open: (OpenColumn | undefined)[] = [];

  constructor(
    private readonly directory: string,
    private readonly schema: readonly ColumnSchema[],
    private readonly segment: Segment,
    private readonly backend: MappingBackendChoice,
  ) {
    this.rows = segment.rows;
  }

  view(column: number, from: number, to: number): TypedArray {
    const { dtype } = this.schema[column];
    const size = itemSize(dtype);
    const { file, offset } = this.columnFile(column);
    const bytes = file.window(offset + from * size, (to - from) * size);
    this.pinned = true;
    return viewAs(dtype, bytes.buffer, bytes.byteOffset, to - from);
  }

  readInto(columns: readonly number[], from: number, targets: readonly TypedArray[]): void {
    for (let k = 0; k < columns.length; k += 1) {
      const { file, offset } = this.columnFile(columns[k]);
      file.readInto(offset + from * itemSize(this.schema[columns[k]].dtype), bytesOf(targets[k]));
    }
  }

  blockEnd(row: number): number {
    return Math.min(fullBlockEnd(row), this.rows);
  }

  lowerBound(ms: number): number {
    const column = this.schema.findIndex(({ name }) => name === 'timestamp');
    const probe = createArray(this.schema[column].dtype, 1);
    const valueAt = (row: number) => {
      this.readInto([column], row, [probe]);
      return Number(probe[0]);
    };
    return bisect(0, this.rows, (row) => valueAt(row) >= ms);
  }

  /** Blocks are read, not mapped; what is mapped are the caller's views. */
  rest(): void {}

  release(): void {
    for (const column of this.open) column?.file.close();
    this.open = [];
  }

  private columnFile(index: number): OpenColumn {
    return (this.open[index] ??= this.openColumn(index));
  }

  private openColumn(index: number): OpenColumn {
    const { name, dtype } = this.schema[index];
    const { start = 0, rows } = this.segment;
    const full = columnFilePath(this.directory, index, name);
    const file = openMapped(full, 'r', this.backend);
    try {
      const prefix = new Uint8Array(Math.min(NPY_PREFIX_BYTES, file.byteLength));
      file.readInto(0, prefix);
      const dataOffset = npyDataOffset(prefix, full);
      const header = new Uint8Array(Math.min(dataOffset, file.byteLength));
      file.readInto(0, header);
      const found = decodeNpyHeader(header, full);
      const isWhole = found.shape.length === 1 && file.byteLength === dataOffset + found.shape[0] * itemSize(dtype);
      if (found.dtype !== dtype || !isWhole || found.shape[0] < start + rows) {
        const has = `${found.dtype} [${found.shape.join(', ')}] in ${file.byteLength} bytes`;
        const wants = `${dtype} rows up to ${start + rows}`;
        throw new AtcError('CORRUPT', `${full} holds ${has}, the catalogue wants ${wants}; import the dataset again`, {
          path: full,
        });
      }
      return { file, offset: dataOffset + start * itemSize(dtype) };
    } catch (error) {
      file.close();
      throw error;
    }
  }
}
