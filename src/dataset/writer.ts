/** Writes a dataset directory: blocks of symbols in, a complete directory out, or nothing. */
import path from 'node:path';
import { encodeNpyHeader } from '../array/npy-header.js';
import { type CompressionOptions } from '../codec/compression-options.js';
import { crc32c } from '../codec/crc32c.js';
import { FrameWriter } from '../codec/frame-writer.js';
import { bytesOf, type TypedArray } from '../dtype.js';
import { appendBytes, overwriteBytes } from '../io/append.js';
import { createDirectories } from '../io/path-kind.js';
import {
  CATALOGUE_FILE,
  type Catalogue,
  columnFileName,
  type DatasetLayout,
  encodeCatalogue,
  entryName,
  type SymbolEntry,
} from './catalogue.js';
import type { BlockSink, GroupSchema } from './grouping.js';

/** The rows of one symbol on their way into files. */
interface SegmentWriter {
  write(columns: readonly TypedArray[]): void;
  /** Checksums per column, for the layouts whose files have none. */
  finish(rows: number): readonly number[] | undefined;
}

interface OpenEntry {
  readonly symbol: string;
  readonly schema: GroupSchema;
  readonly timestampAt: number;
  readonly segmentPath: string;
  readonly segment: SegmentWriter;
  rows: number;
  firstMs: number;
  lastMs: number;
}

/** Collects the blocks below `directory`, which nobody reads yet; `finish` writes the catalogue. */
export class DatasetFiles implements BlockSink {
  private readonly entries = new Map<string, OpenEntry>();

  constructor(
    private readonly directory: string,
    private readonly layout: DatasetLayout,
    private readonly compression: CompressionOptions,
  ) {}

  writeBlock(symbol: string, schema: GroupSchema, rows: number, columns: readonly TypedArray[]): void {
    let entry = this.entries.get(symbol);
    if (entry === undefined) this.entries.set(symbol, (entry = this.open(symbol, schema)));
    const times = columns[entry.timestampAt];
    if (entry.rows === 0) entry.firstMs = Number(times[0]);
    entry.lastMs = Number(times[rows - 1]);
    entry.rows += rows;
    entry.segment.write(columns);
  }

  finish(): Catalogue {
    const symbols = [...this.entries.values()].map((entry): SymbolEntry => {
      const { symbol, rows, firstMs, lastMs, schema, segment, segmentPath } = entry;
      const crc = segment.finish(rows);
      return {
        symbol,
        rows,
        firstMs,
        lastMs,
        columns: schema,
        segments: [{ path: segmentPath, rows, ...(crc === undefined ? {} : { crc32c: crc }) }],
      };
    });
    const catalogue: Catalogue = { layout: this.layout, symbols };
    appendBytes(path.join(this.directory, CATALOGUE_FILE), new TextEncoder().encode(encodeCatalogue(catalogue)));
    return catalogue;
  }

  private open(symbol: string, schema: GroupSchema): OpenEntry {
    const name = entryName(this.entries.size, symbol);
    const segmentPath = this.layout === 'mapped' ? `${name}/00000` : `${name}/00000.atc`;
    const full = path.join(this.directory, segmentPath);
    createDirectories(this.layout === 'mapped' ? full : path.dirname(full));
    return {
      symbol,
      schema,
      timestampAt: schema.findIndex((column) => column.name === 'timestamp'),
      segmentPath,
      segment: this.layout === 'mapped' ? new ColumnFiles(full, schema) : new FrameFile(full, schema, this.compression),
      rows: 0,
      firstMs: Number.NaN,
      lastMs: Number.NaN,
    };
  }
}

/** One .npy file per column. The header is written twice: its length does not depend on the number of rows. */
class ColumnFiles implements SegmentWriter {
  private readonly files: readonly string[];
  private readonly checksums: number[];

  constructor(
    directory: string,
    private readonly schema: GroupSchema,
  ) {
    this.files = schema.map(({ name }, k) => path.join(directory, columnFileName(k, name)));
    this.checksums = schema.map(() => 0);
    schema.forEach(({ dtype }, k) => {
      appendBytes(this.files[k], encodeNpyHeader({ dtype, shape: [0] }));
    });
  }

  write(columns: readonly TypedArray[]): void {
    columns.forEach((column, k) => {
      const bytes = bytesOf(column);
      this.checksums[k] = crc32c(bytes, this.checksums[k]);
      appendBytes(this.files[k], bytes);
    });
  }

  finish(rows: number): readonly number[] {
    this.schema.forEach(({ dtype }, k) => {
      overwriteBytes(this.files[k], 0, encodeNpyHeader({ dtype, shape: [rows] }));
    });
    return this.checksums;
  }
}

/** One frame with all columns. */
class FrameFile implements SegmentWriter {
  private readonly frame: FrameWriter;

  constructor(file: string, schema: GroupSchema, compression: CompressionOptions) {
    const pending: Uint8Array[] = [];
    let pendingBytes = 0;
    this.flush = () => {
      if (pendingBytes === 0) return;
      const joined = new Uint8Array(pendingBytes);
      let at = 0;
      for (const bytes of pending) {
        joined.set(bytes, at);
        at += bytes.length;
      }
      pending.length = 0;
      pendingBytes = 0;
      appendBytes(file, joined);
    };
    // One append per block, not one per chunk.
    this.frame = new FrameWriter(
      (bytes) => {
        pending.push(bytes.slice());
        pendingBytes += bytes.length;
      },
      { kind: 'table', columns: schema },
      compression,
    );
  }

  private readonly flush: () => void;

  write(columns: readonly TypedArray[]): void {
    this.frame.writeBlock(columns);
    this.flush();
  }

  finish(): undefined {
    this.frame.finish();
    this.flush();
  }
}
