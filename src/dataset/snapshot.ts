/** One generation of a dataset, and what identifies its content. */

import { itemSize } from '../dtype.js';
import { createHash } from '../io/crypto.js';
import { type Catalogue, PagedCatalogue, type Segment, type SymbolEntry } from './catalogue.js';
import { joinCrc } from './checksum.js';
import type { SegmentSource } from './segment-source.js';
import { SegmentedSource } from './segmented-source.js';

/** Tables hold on to the snapshot they came from, so that it is known when nobody needs its files any more. */
export class Snapshot {
  /** Of a catalogue that has them all in it. */
  readonly #entries: ReadonlyMap<string, SymbolEntry>;
  readonly #sources = new Map<string, SegmentedSource>();
  readonly #open: (entry: SymbolEntry, segment: Segment, key: string) => SegmentSource;
  #id: string | undefined;
  #key: string | undefined;

  constructor(
    readonly catalogue: Catalogue,
    open: (entry: SymbolEntry, segment: Segment, key: string) => SegmentSource,
  ) {
    this.#open = open;
    const inline = catalogue instanceof PagedCatalogue ? [] : catalogue.symbols;
    this.#entries = new Map(inline.map((entry) => [entry.symbol, entry]));
  }

  get symbols(): readonly string[] {
    return this.catalogue instanceof PagedCatalogue ? this.catalogue.pages.names() : [...this.#entries.keys()];
  }

  /** `snapshotId` of the catalogue, computed once: it takes all columns of all symbols. */
  get id(): string {
    return (this.#id ??= snapshotId(this.catalogue));
  }

  /** Identifies the catalogue itself, by the checksums of its pages where it has pages: `id` without any entry. */
  get key(): string {
    return (this.#key ??= this.catalogue instanceof PagedCatalogue ? keyOfPages(this.catalogue) : this.id);
  }

  /** Nobody was given anything that reads its files. */
  get isUnused(): boolean {
    return this.#sources.size === 0;
  }

  entry(symbol: string): SymbolEntry | undefined {
    return this.catalogue instanceof PagedCatalogue ? this.catalogue.pages.entry(symbol) : this.#entries.get(symbol);
  }

  source(entry: SymbolEntry): SegmentedSource {
    let source = this.#sources.get(entry.symbol);
    if (source === undefined) {
      // Slices of one file are segments of their own, and so are frames of one file.
      const keys = entry.segments.map(({ path, offset = '', start = 0, rows }) => `${path}:${offset}:${start}:${rows}`);
      source = new SegmentedSource(entry, (k) => this.#open(entry, entry.segments[k], keys[k]));
      this.#sources.set(entry.symbol, source);
    }
    return source;
  }
}

/**
 * Identifies the content: symbols, columns, rows and every bit of them, whatever the layout, the segments and the order
 * of the symbols. 32 hexadecimal digits of SHA-256 over the CRC-32C of every column, so it distinguishes versions at no
 * cost; it is no protection against forgery.
 */
export function snapshotId({ symbols }: Catalogue): string {
  const facts = symbols.map((entry): [string, unknown] => [
    entry.symbol,
    [entry.rows, entry.columns, columnChecksums(entry)],
  ]);
  facts.sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(facts);
}

function keyOfPages({ generation, pages }: PagedCatalogue): string {
  const files = [pages.content.names, ...pages.content.pages].map(({ path, check }) => [path, check]);
  return digestOf([generation, files]);
}

function digestOf(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}

/** CRC-32C of every column over all rows, however they are cut into segments. */
export function columnChecksums({ columns, segments }: SymbolEntry): number[] {
  return columns.map(({ dtype }, k) =>
    segments.reduce((crc, { rows, crc32c }) => joinCrc(crc, crc32c[k], rows * itemSize(dtype)), 0),
  );
}
