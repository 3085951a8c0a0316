/** Writes a new dataset: blocks of symbols in, their files and a catalogue out. */
import path from 'node:path';
import { type CompressionOptions, resolveCompression } from '../codec/compression-options.js';
import type { TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { appendBytes } from '../io/append.js';
import type { Durability } from '../io/durability.js';
import { createDirectories } from '../io/path-kind.js';
import type { DatasetLayout } from '../table.js';
import { BRIEF_FILE, encodeBrief } from './brief-catalogue.js';
import { CATALOGUE_FILE, type Catalogue, type CatalogueFacts, type Segment, type SymbolEntry } from './catalogue.js';
import { type CataloguePlace, catalogueOfEntries, INLINE_SYMBOLS } from './catalogue-writer.js';
import { encodeCatalogue } from './encode-catalogue.js';
import { entryName } from './entry-name.js';
import { FrameBundles } from './frame-bundle.js';
import type { BlockSink, GroupSchema } from './grouping.js';
import { type SegmentFormat, SegmentWriter } from './segment-writer.js';
import { addedDirectory } from './superseded.js';

/** Short segments that wait to be put together, before all that wait are written. */
const MAX_WAITING_BYTES = 32 << 20;

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
  readonly #bundles: FrameBundles;
  #waitingBytes = 0;

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
    this.#bundles = new FrameBundles(() => path.join(directory, this.#shared), `${prefix}${this.#shared}`);
  }

  /** Where the files that symbols share are, below the directory: never beside a catalogue. */
  get #shared(): string {
    return this.#prefix === '' ? `${addedDirectory(1)}/` : '';
  }

  writeBlock(symbol: string, schema: GroupSchema, _rows: number, columns: readonly TypedArray[]): void {
    let entry = this.#entries.get(symbol);
    if (entry === undefined) this.#entries.set(symbol, (entry = this.#open(symbol, schema)));
    const before = entry.segments.heldBytes;
    entry.segments.write(columns);
    this.#waitingBytes += entry.segments.heldBytes - before;
    if (this.#waitingBytes > MAX_WAITING_BYTES && this.#isMany) this.#relieve();
  }

  /** Writes the catalogue of a new dataset. */
  finish(): Catalogue {
    const facts: CatalogueFacts = {
      layout: this.#layout,
      generation: 1,
      durability: this.#durability,
      compression: resolveCompression(this.#compression),
    };
    const catalogue = this.finishCatalogue(facts, this.#directory);
    writeCatalogue(this.#directory, catalogue);
    appendBytes(path.join(this.#directory, BRIEF_FILE), encodeBrief(catalogue));
    return catalogue;
  }

  /** Completes all files but for the catalogue itself, which will be in `dataset`; ARGUMENT without a symbol. */
  finishCatalogue(facts: CatalogueFacts, dataset: string): Catalogue {
    if (this.#entries.size === 0) throw new AtcError('ARGUMENT', 'the source holds no candles');
    const symbols = [...this.#entries].map(([symbol, { schema, segments }]) =>
      entryOf(symbol, schema, segments.finish()),
    );
    this.#bundles.flush();
    return catalogueOfEntries(facts, symbols, {
      directory: dataset,
      root: () => sharedRoot(path.join(this.#directory, this.#shared)),
      prefix: `${this.#prefix}${this.#shared}`,
    });
  }

  get #isMany(): boolean {
    return this.#entries.size > INLINE_SYMBOLS;
  }

  #relieve(): void {
    for (const { segments } of this.#entries.values()) segments.relieve();
    this.#waitingBytes = 0;
  }

  /** The directory of a dataset is listed with every change: that of many symbols has few entries. */
  #open(symbol: string, schema: GroupSchema) {
    const name = entryName(this.#entries.size, symbol);
    const parent = this.#entries.size < INLINE_SYMBOLS ? '' : this.#shared;
    let count = 0;
    const nextName = () => `${parent}${name}/${String(count++).padStart(5, '0')}`;
    const bundles = () => (this.#isMany ? this.#bundles : undefined);
    const place = { root: () => this.#directory, prefix: this.#prefix, nextName, bundles };
    return { schema, segments: new SegmentWriter(place, schema, this.#format) };
  }
}

function sharedRoot(directory: string): string {
  createDirectories(directory);
  return directory;
}

/** From then on the directory is a dataset. Only for one that nobody reads yet. */
export function writeCatalogue(directory: string, catalogue: Catalogue): void {
  appendBytes(path.join(directory, CATALOGUE_FILE), new TextEncoder().encode(encodeCatalogue(catalogue)));
}

/** The catalogue of a new dataset, its pages included. */
export function writeNewCatalogue(directory: string, facts: CatalogueFacts, symbols: readonly SymbolEntry[]): void {
  const shared = `${addedDirectory(1)}/`;
  const root = () => sharedRoot(path.join(directory, shared));
  const place: CataloguePlace = { directory, root, prefix: shared };
  writeCatalogue(directory, catalogueOfEntries(facts, symbols, place));
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
