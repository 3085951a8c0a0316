/** Rows of one segment in .npy files, one per column, mapped (or read, where nothing can map). */

import path from 'node:path';
import { decodeNpyHeader, NPY_PREFIX_BYTES, npyDataOffset } from '../array/npy-header.js';
import { bisect } from '../bisect.js';
import type { ColumnSchema } from '../codec/codec.js';
import { bytesOf, createArray, itemSize, type TypedArray, viewAs } from '../dtype.js';
import { AtcError } from '../errors.js';
import { openFileReader } from '../io/file-reader.js';
import type { MappedFile } from '../io/mapping.js';
import { refuseLinks } from '../io/own-path.js';
import { type MappingBackendChoice, openMapped } from '../io/select-backend.js';
import { BlockChecks, CHECKS_FILE } from './block-checks.js';
import type { Segment } from './catalogue.js';
import { columnFilePath } from './column-files.js';
import type { SegmentSource } from './segment-source.js';
import { fullBlockEnd } from './sourced-table.js';

interface OpenColumn {
  readonly file: MappedFile;
  /** Where the elements begin, and how many there are, those outside the segment included. */
  readonly dataOffset: number;
  readonly elements: number;
  /** Blocks whose checksum was right. */
  readonly checked: Set<number>;
  /** Where the segment's first row is. */
  readonly offset: number;
}

/** A gibibyte of one-byte elements in 255 columns; a longer file is not one of ours. */
const MOST_CHECK_BYTES = 2 ** 26;

/** Blocks that are read for their checksum only; used within one call. */
let scratch = new Uint8Array(0);

function scratchOf(byteLength: number): Uint8Array {
  if (scratch.length < byteLength) scratch = new Uint8Array(byteLength);
  return scratch.subarray(0, byteLength);
}

export class MappedSource implements SegmentSource {
  readonly rows: number;
  pinned = false;
  #open: (OpenColumn | undefined)[] = [];
  #checks: BlockChecks | undefined;
  readonly #directory: string;
  readonly #schema: readonly ColumnSchema[];
  readonly #segment: Segment;
  readonly #backend: MappingBackendChoice;

  constructor(directory: string, schema: readonly ColumnSchema[], segment: Segment, backend: MappingBackendChoice) {
    this.#directory = directory;
    this.#schema = schema;
    this.#segment = segment;
    this.#backend = backend;

    this.rows = segment.rows;
  }

  view(column: number, from: number, to: number): TypedArray {
    const { dtype } = this.#schema[column];
    const size = itemSize(dtype);
    const { file, offset } = this.#columnFile(column);
    this.#checkRows(column, from, to);
    const bytes = file.window(offset + from * size, (to - from) * size);
    this.pinned = true;
    return viewAs(dtype, bytes.buffer, bytes.byteOffset, to - from);
  }

  readInto(columns: readonly number[], from: number, targets: readonly TypedArray[]): void {
    for (let k = 0; k < columns.length; k += 1) {
      const { file, offset } = this.#columnFile(columns[k]);
      const target = bytesOf(targets[k]);
      file.readInto(offset + from * itemSize(this.#schema[columns[k]].dtype), target);
      this.#checkRows(columns[k], from, from + targets[k].length, target);
    }
  }

  blockEnd(row: number): number {
    return Math.min(fullBlockEnd(row), this.rows);
  }

  lowerBound(ms: number): number {
    const column = this.#schema.findIndex(({ name }) => name === 'timestamp');
    const probe = createArray(this.#schema[column].dtype, 1);
    const valueAt = (row: number) => {
      this.readInto([column], row, [probe]);
      return Number(probe[0]);
    };
    return bisect(0, this.rows, (row) => valueAt(row) >= ms);
  }

  /** Blocks are read, not mapped; what is mapped are the caller's views. */
  rest(): void {}

  release(): void {
    for (const column of this.#open) column?.file.close();
    this.#open = [];
  }

  /**
   * Checks the blocks of rows [from, to) that were not touched before; `bytes` are these rows where they have been read
   * already.
   */
  #checkRows(column: number, from: number, to: number, bytes?: Uint8Array): void {
    const checks = this.#blockChecks();
    if (checks === undefined || to <= from) return;
    const { blockRows } = checks;
    const size = itemSize(this.#schema[column].dtype);
    const { file, dataOffset, elements, checked } = this.#columnFile(column);
    const first = (this.#segment.start ?? 0) + from;
    const end = first + to - from;
    for (let block = Math.floor(first / blockRows); block * blockRows < end; block += 1) {
      if (checked.has(block)) continue;
      const start = block * blockRows;
      const rows = Math.min(blockRows, elements - start);
      let content: Uint8Array;
      if (bytes !== undefined && start >= first && start + rows <= end) {
        content = bytes.subarray((start - first) * size, (start - first + rows) * size);
      } else {
        content = scratchOf(rows * size);
        file.readInto(dataOffset + start * size, content);
      }
      if (!checks.matches(column, block, content))
        throw this.#wrongBlock(column, start, rows, dataOffset + start * size);
      checked.add(block);
    }
  }

  #blockChecks(): BlockChecks | undefined {
    const { check } = this.#segment;
    if (check === undefined) return undefined;
    if (this.#checks === undefined) {
      refuseLinks(this.#directory, CHECKS_FILE);
      const file = path.join(this.#directory, CHECKS_FILE);
      const reader = openFileReader(file);
      try {
        const columns = this.#schema.length;
        this.#checks = new BlockChecks(
          reader.read(0, Math.min(reader.byteLength, MOST_CHECK_BYTES)),
          columns,
          check,
          file,
        );
      } finally {
        reader.close();
      }
    }
    return this.#checks;
  }

  #wrongBlock(column: number, start: number, rows: number, offset: number): AtcError {
    const { name } = this.#schema[column];
    const file = columnFilePath(this.#directory, column, name);
    const text = `${file}: rows ${start} to ${start + rows} of column "${name}" do not match their checksum`;
    return new AtcError('CORRUPT', `${text}; restore the file, or import the dataset again`, {
      path: file,
      offset,
      column: name,
    });
  }

  #columnFile(index: number): OpenColumn {
    return (this.#open[index] ??= this.#openColumn(index));
  }

  #openColumn(index: number): OpenColumn {
    const { name, dtype } = this.#schema[index];
    const { start = 0, rows } = this.#segment;
    const full = columnFilePath(this.#directory, index, name);
    refuseLinks(this.#directory, path.basename(full));
    const file = openMapped(full, 'r', this.#backend);
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
      const offset = dataOffset + start * itemSize(dtype);
      return { file, offset, dataOffset, elements: found.shape[0], checked: new Set() };
    } catch (error) {
      file.close();
      throw error;
    }
  }
}
