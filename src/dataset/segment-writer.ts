/** Rows of one symbol into files that nobody reads yet: as many segments as their size limit asks for. */
import path from 'node:path';
import { encodeNpyHeader } from '../array/npy-header-writer.js';
import type { ColumnSchema } from '../codec/codec.js';
import type { CompressionOptions } from '../codec/compression-options.js';
import { crc32c } from '../codec/crc32c.js';
import { bytesOf, itemSize, type TypedArray } from '../dtype.js';
import { appendBytes, overwriteBytes } from '../io/append.js';
import { createDirectories } from '../io/path-kind.js';
import type { DatasetLayout } from '../table.js';
import { BlockTally, CHECKS_FILE } from './block-checks.js';
import type { Segment } from './catalogue-entry.js';
import { columnFileName } from './column-files.js';
import type { FrameBundles } from './frame-bundle.js';
import { FrameFile } from './frame-file.js';
import type { SegmentFile } from './segment-file.js';

/** No file of a segment is longer: mmap-io maps at most 2 GiB, and a koffi view over 4 GiB aborts Node 20. */
export const MAX_SEGMENT_BYTES = 2 ** 30;
/** More than a .npy header takes. */
const HEADER_ROOM = 4096;

export interface SegmentPlace {
  /** The directory that the files are written below, made when it is needed. */
  readonly root: () => string;
  /** What the path of a segment begins with in the catalogue: where `root` will be, relative to the dataset. */
  readonly prefix: string;
  /** A path for the next segment, relative to `root`, without a suffix. */
  readonly nextName: () => string;
  /** Where a short frame may go instead of into a file of its own, as far as that is known. */
  readonly bundles?: () => FrameBundles | undefined;
}

export interface SegmentFormat {
  readonly layout: DatasetLayout;
  readonly compression: CompressionOptions;
  /** Default MAX_SEGMENT_BYTES. */
  readonly maxBytes?: number;
}

export class SegmentWriter {
  readonly #finished: Segment[] = [];
  readonly #timestampAt: number;
  #current: { readonly path: string; readonly file: SegmentFile; readonly tally: Tally } | undefined;
  #isRelieved = false;
  readonly #place: SegmentPlace;
  readonly #schema: readonly ColumnSchema[];
  readonly #format: SegmentFormat;

  constructor(place: SegmentPlace, schema: readonly ColumnSchema[], format: SegmentFormat) {
    this.#place = place;
    this.#schema = schema;
    this.#format = format;

    this.#timestampAt = schema.findIndex(({ name }) => name === 'timestamp');
  }

  /** Rows in ascending order of time; at most a block at a time in the packed layout. */
  write(columns: readonly TypedArray[]): void {
    const { maxBytes = MAX_SEGMENT_BYTES } = this.#format;
    const rows = columns[0].length;
    for (let from = 0; from < rows; ) {
      const current = (this.#current ??= this.#open());
      // A segment takes at least one row, however small the limit is.
      const least = current.tally.rows === 0 ? 1 : 0;
      const count = Math.max(least, current.file.room(rows - from, maxBytes));
      if (count === 0) {
        this.#close();
        continue;
      }
      const part = count === rows ? columns : columns.map((column) => column.subarray(from, from + count));
      current.file.write(part);
      current.tally.add(part, this.#timestampAt);
      from += count;
    }
  }

  /** Bytes of a short segment in memory. */
  get heldBytes(): number {
    return this.#current?.file.heldBytes ?? 0;
  }

  /** Ends a segment that waits in memory. What follows is written to files at once. */
  relieve(): void {
    if (this.heldBytes === 0) return;
    this.#close();
    this.#isRelieved = true;
  }

  /** The segments in order; none when there was no row. */
  finish(): Segment[] {
    this.#close();
    return this.#finished;
  }

  #open() {
    const { root, prefix, nextName, bundles } = this.#place;
    const { layout, compression } = this.#format;
    const relative = layout === 'mapped' ? nextName() : `${nextName()}.atc`;
    const full = path.join(root(), relative);
    const file =
      layout === 'mapped'
        ? new ColumnFiles(full, this.#schema)
        : new FrameFile(full, this.#schema, compression, this.#isRelieved ? undefined : bundles);
    return { path: `${prefix}${relative}`, file, tally: new Tally(this.#schema.length) };
  }

  #close(): void {
    if (this.#current === undefined) return;
    const { path: relative, file, tally } = this.#current;
    const { crc32c: checksums, ...facts } = tally.segment();
    const { path: shared = relative, offset, byteLength, ...binding } = file.finish(tally.rows);
    // In the order of docs/format.md.
    const where = byteLength === undefined ? { path: relative } : { path: shared, offset, byteLength };
    this.#finished.push({ ...where, ...facts, ...binding, crc32c: checksums });
    this.#current = undefined;
  }
}

/** What the catalogue says about a segment, gathered while it is written. */
class Tally {
  rows = 0;
  #firstMs = Number.NaN;
  #lastMs = Number.NaN;
  /** 0: not known yet, NaN: not the same everywhere. */
  #stepMs = 0;
  readonly #checksums: number[];

  constructor(columns: number) {
    this.#checksums = new Array<number>(columns).fill(0);
  }

  add(columns: readonly TypedArray[], timestampAt: number): void {
    columns.forEach((column, k) => {
      this.#checksums[k] = crc32c(bytesOf(column), this.#checksums[k]);
    });
    const times = columns[timestampAt];
    let row = 0;
    if (this.rows === 0) this.#firstMs = this.#lastMs = Number(times[row++]);
    if (this.#stepMs === 0 && row < times.length) this.#stepMs = Number(times[row]) - this.#lastMs;
    if (!Number.isNaN(this.#stepMs)) this.#stepMs = stepOf(times, row, this.#lastMs, this.#stepMs);
    this.#lastMs = Number(times[times.length - 1]);
    this.rows += times.length;
  }

  segment(): Omit<Segment, 'path'> {
    const rows = this.rows;
    const firstMs = this.#firstMs;
    const lastMs = this.#lastMs;
    const stepMs = this.#stepMs;
    const checksums = this.#checksums;
    // Whole milliseconds only: with them the arithmetic of the index is exact.
    const isGrid = stepMs > 0 && Number.isSafeInteger(stepMs) && Number.isSafeInteger(firstMs);
    return { rows, firstMs, lastMs, ...(isGrid ? { stepMs } : {}), crc32c: checksums };
  }
}

/** `step` when all distances from `last` on are that, else NaN. */
function stepOf(times: TypedArray, from: number, last: number, step: number): number {
  let before = last;
  for (let row = from; row < times.length; row += 1) {
    const ms = Number(times[row]);
    if (ms - before !== step) return Number.NaN;
    before = ms;
  }
  return step;
}

/** One .npy file per column. The header is written twice: its length does not depend on the number of rows. */
class ColumnFiles implements SegmentFile {
  readonly #files: readonly string[];
  readonly #widest: number;
  readonly #blocks: BlockTally;
  #rows = 0;
  readonly #directory: string;
  readonly #schema: readonly ColumnSchema[];

  constructor(directory: string, schema: readonly ColumnSchema[]) {
    this.#directory = directory;
    this.#schema = schema;

    createDirectories(directory);
    this.#files = schema.map(({ name }, k) => path.join(directory, columnFileName(k, name)));
    this.#blocks = new BlockTally(schema.length);
    this.#widest = Math.max(...schema.map(({ dtype }) => itemSize(dtype)));
    schema.forEach(({ dtype }, k) => {
      appendBytes(this.#files[k], encodeNpyHeader({ dtype, shape: [0] }));
    });
  }

  write(columns: readonly TypedArray[]): void {
    this.#rows += columns[0].length;
    this.#blocks.add(columns);
    columns.forEach((column, k) => {
      appendBytes(this.#files[k], bytesOf(column));
    });
  }

  readonly heldBytes = 0;

  finish(rows: number): Pick<Segment, 'check'> {
    this.#schema.forEach(({ dtype }, k) => {
      overwriteBytes(this.#files[k], 0, encodeNpyHeader({ dtype, shape: [rows] }));
    });
    const { bytes, check } = this.#blocks.finish();
    appendBytes(path.join(this.#directory, CHECKS_FILE), bytes);
    return { check };
  }

  room(rows: number, maxBytes: number): number {
    return Math.max(0, Math.min(rows, Math.floor((maxBytes - HEADER_ROOM) / this.#widest) - this.#rows));
  }
}
