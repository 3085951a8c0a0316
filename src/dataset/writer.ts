/** Writes a new dataset: blocks of symbols in, their files and a catalogue out. */
import path from 'node:path';
import { type CompressionOptions, resolveCompression } from '../codec/compression-options.js';
import type { TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { appendBytes } from '../io/append.js';
import type { Durability } from '../io/durability.js';
import type { DatasetLayout } from '../table.js';
import { BRIEF_FILE, encodeBrief } from './brief-catalogue.js';
import {
  CATALOGUE_FILE,
  type Catalogue,
  encodeCatalogue,
  entryName,
  type Segment,
  type SymbolEntry,
} from './catalogue.js';
import type { BlockSink, GroupSchema } from './grouping.js';
import { type SegmentFormat, SegmentWriter } from './segment-writer.js';

/**
 * Collects the blocks below `directory`, which nobody reads yet. `prefix` is where that will be in the dataset, '' for
 * the dataset itself.
 */
export class DatasetFiles implements BlockSink {
  readonly #entries = new Map<string, { readonly schema: GroupSchema; readonly segments: SegmentWriter }>();
  readonly #format: SegmentFormat;
  readonly #directory: string;
  readonly #layout: DatasetLayout;
  readonly #compression: CompressionOptions;
  readonly #prefix: string;
  readonly #durability: Durability;

  constructor(
    directory: string,
    layout: DatasetLayout,
    compression: CompressionOptions,
    maxSegmentBytes?: number,
    prefix = '',
    durability: Durability = 'power',
  ) {
    this.#directory = directory;
    this.#layout = layout;
    this.#compression = compression;
    this.#prefix = prefix;
    this.#durability = durability;

    this.#format = { layout, compression, maxBytes: maxSegmentBytes };
  }

  writeBlock(symbol: string, schema: GroupSchema, _rows: number, columns: readonly TypedArray[]): void {
    let entry = this.#entries.get(symbol);
    if (entry === undefined) this.#entries.set(symbol, (entry = this.#open(symbol, schema)));
    entry.segments.write(columns);
  }

  /** Writes the catalogue of a new dataset. */
  finish(): Catalogue {
    const catalogue: Catalogue = {
      layout: this.#layout,
      generation: 1,
      durability: this.#durability,
      compression: resolveCompression(this.#compression),
      symbols: this.finishSymbols(),
    };
    appendBytes(path.join(this.#directory, CATALOGUE_FILE), new TextEncoder().encode(encodeCatalogue(catalogue)));
    appendBytes(path.join(this.#directory, BRIEF_FILE), encodeBrief(catalogue));
    return catalogue;
  }

  /** What the catalogue will say about the symbols; ARGUMENT when there are none. */
  finishSymbols(): SymbolEntry[] {
    if (this.#entries.size === 0) throw new AtcError('ARGUMENT', 'the source holds no candles');
    return [...this.#entries].map(([symbol, { schema, segments }]) => entryOf(symbol, schema, segments.finish()));
  }

  #open(symbol: string, schema: GroupSchema) {
    const name = entryName(this.#entries.size, symbol);
    let count = 0;
    const nextName = () => `${name}/${String(count++).padStart(5, '0')}`;
    const place = { root: () => this.#directory, prefix: this.#prefix, nextName };
    return { schema, segments: new SegmentWriter(place, schema, this.#format) };
  }
}

/** The entry of a symbol with these segments, at least one. */
export function entryOf(symbol: string, columns: GroupSchema, segments: readonly Segment[]): SymbolEntry {
  return {
    symbol,
    rows: segments.reduce((sum, { rows }) => sum + rows, 0),
    firstMs: segments[0].firstMs,
    lastMs: segments[segments.length - 1].lastMs,
    columns,
    segments,
  };
}
