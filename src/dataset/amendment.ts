/** The rows that one change adds or replaces, symbol by symbol, and the catalogue that follows from them. */
import path from 'node:path';
import type { TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { DirectoryWriter } from '../io/atomic-directory.js';
import type { Durability } from '../io/durability.js';
import type { ProcessLock } from '../io/process-lock.js';
import { Turns } from '../io/turns.js';
import { nearestHint } from '../nearest.js';
import { type Catalogue, type CatalogueFacts, PagedCatalogue, type SymbolEntry, type TimeSpan } from './catalogue.js';
import { strongest } from './catalogue-file.js';
import type { PageRecord } from './catalogue-pages.js';
import { amendedCatalogue, INLINE_SYMBOLS } from './catalogue-writer.js';
import { entryName } from './entry-name.js';
import { FrameBundles } from './frame-bundle.js';
import type { GroupSchema } from './grouping.js';
import { OpenSegments } from './open-segments.js';
import { publishCatalogue } from './publish-catalogue.js';
import type { RowSpan } from './segment-slices.js';
import type { SegmentPlace } from './segment-writer.js';
import { columnChecksums, Snapshot } from './snapshot.js';
import { addedDirectory } from './superseded.js';
import { type AmendMode, SymbolAmendment } from './symbol-amendment.js';
import { normaliseSpans } from './time-spans.js';

/** Of all symbols together, on top of what grouping holds. */
const MAX_HELD_BYTES = 64 << 20;

interface RewriteOptions {
  readonly signal?: AbortSignal;
  readonly onRows?: (rows: number) => void;
  readonly isPageWanted?: (page: PageRecord) => boolean;
}

/** Changes to one generation of a dataset, gathered until `commit` makes the next one of them. */
export class Amendment {
  readonly #generation: number;
  readonly #durability: Durability;
  readonly #segments: OpenSegments;
  readonly #present: Snapshot;
  readonly #changes = new Map<string, SymbolAmendment>();
  readonly #emptied = new Map<string, readonly TimeSpan[]>();
  #writer: DirectoryWriter | undefined;
  #bundles: FrameBundles | undefined;
  #names = 0;
  #heldBytes = 0;
  readonly #directory: string;
  readonly #lock: ProcessLock;

  constructor(
    directory: string,
    readonly catalogue: Catalogue,
    lock: ProcessLock,
    durability: Durability | undefined,
  ) {
    this.#directory = directory;
    this.#lock = lock;

    this.#durability = strongest(durability, catalogue.durability);
    this.#generation = catalogue.generation + 1;
    this.#segments = new OpenSegments(directory, { backend: 'read' });
    this.#present = new Snapshot(catalogue, (...what) => this.#segments.get(...what));
  }

  write(symbol: string, schema: GroupSchema, columns: readonly TypedArray[], mode: AmendMode): void {
    const present = this.#present.entry(symbol)?.columns;
    const change = this.#changeOf(symbol, present ?? schema, mode);
    const before = change.heldBytes;
    change.write(present === undefined ? columns : inOrderOf(symbol, present, schema, columns));
    this.#heldBytes += change.heldBytes - before;
    if (this.#heldBytes <= MAX_HELD_BYTES) return;
    this.#heldBytes -= change.heldBytes;
    change.relieve();
    this.#heldBytes += change.heldBytes;
  }

  /** Writes rows again, symbol by symbol; pages of the catalogue that are not wanted are not looked at. */
  async rewrite(
    spansOf: (entry: SymbolEntry) => readonly RowSpan[],
    { signal, onRows, isPageWanted = () => true }: RewriteOptions,
  ): Promise<void> {
    const turns = new Turns(signal);
    let before = 0;
    for (const entry of this.#entriesOf(isPageWanted)) {
      const spans = spansOf(entry);
      if (spans.length === 0) continue;
      const change = this.#changeOf(entry.symbol, entry.columns, 'append');
      for (const [from, to] of spans) {
        signal?.throwIfAborted();
        for (const rows of change.rewrite(from, to)) {
          onRows?.(before + rows);
          if (turns.due) await turns.take();
        }
        before += to - from;
      }
      this.#requireSameContent(entry, change.finish());
    }
  }

  noteEmpty(symbol: string, spans: readonly TimeSpan[]): void {
    const entry = this.#present.entry(symbol);
    // Rows that come with the same change make the symbol.
    if (entry === undefined && this.#changes.get(symbol)?.isChanged !== true) {
      const hint = nearestHint(symbol, this.#present.symbols);
      throw new AtcError('ARGUMENT', `${this.#directory} has no symbol "${symbol}"${hint}`, { path: this.#directory });
    }
    this.#emptied.set(symbol, normaliseSpans([...(entry?.empty ?? []), ...spans]));
  }

  /** Nothing is written when nothing has changed. `beforeShown` runs while the present generation is in force. */
  commit(beforeShown?: () => void): void {
    const changed = new Map<string, SymbolEntry>();
    for (const [symbol, change] of this.#changes) if (change.isChanged) changed.set(symbol, change.finish());
    for (const [symbol, empty] of this.#emptied) {
      changed.set(symbol, { ...(changed.get(symbol) ?? this.#present.entry(symbol)!), empty });
    }
    if (changed.size === 0) return;
    this.#bundles?.flush();
    const { layout, publishedMs, compression } = this.catalogue;
    const facts: CatalogueFacts = {
      layout,
      generation: this.#generation,
      ...(publishedMs !== undefined && { publishedMs }),
      durability: this.#durability,
      compression,
    };
    const next = amendedCatalogue(this.catalogue, facts, changed, {
      directory: this.#directory,
      root: this.#root,
      prefix: this.#prefix,
    });
    const files = { lock: this.#lock, writer: this.#writer, beforeShown };
    publishCatalogue(this.#directory, this.catalogue, next, files);
  }

  close(): void {
    this.#segments.close();
    this.#writer?.abort();
  }

  #changeOf(symbol: string, schema: GroupSchema, mode: AmendMode): SymbolAmendment {
    let change = this.#changes.get(symbol);
    if (change === undefined) {
      const entry = this.#present.entry(symbol);
      const source = entry && this.#present.source(entry);
      const { layout, compression } = this.catalogue;
      change = new SymbolAmendment(symbol, schema, source, this.#place(symbol), { layout, compression }, mode);
      this.#changes.set(symbol, change);
    }
    return change;
  }

  /** The directory of new segments appears with the first of them. */
  #place(symbol: string): SegmentPlace {
    const nextName = () => entryName(this.#names++, symbol);
    return { root: this.#root, prefix: this.#prefix, nextName, bundles: this.#bundlesOfMany };
  }

  readonly #root = (): string => {
    const target = path.join(this.#directory, addedDirectory(this.#generation));
    this.#writer ??= new DirectoryWriter(target, { durability: this.#durability });
    return this.#writer.temporary;
  };

  get #prefix(): string {
    return `${addedDirectory(this.#generation)}/`;
  }

  /** Where the symbols are many, or are going to be, their short segments share files. */
  readonly #bundlesOfMany = (): FrameBundles | undefined => {
    const isMany =
      this.catalogue instanceof PagedCatalogue ||
      Math.max(this.catalogue.symbols.length, this.#changes.size) > INLINE_SYMBOLS;
    return isMany ? (this.#bundles ??= new FrameBundles(this.#root, this.#prefix)) : undefined;
  };

  *#entriesOf(isPageWanted: (page: PageRecord) => boolean): Generator<SymbolEntry> {
    if (!(this.catalogue instanceof PagedCatalogue)) return yield* this.catalogue.symbols;
    const { pages } = this.catalogue;
    for (const [index, page] of pages.content.pages.entries()) if (isPageWanted(page)) yield* pages.page(index);
  }

  /** Rows that changed on the disk since they were written must not get a checksum that makes them right. */
  #requireSameContent(before: SymbolEntry, after: SymbolEntry): void {
    const now = columnChecksums(after);
    const wrong = columnChecksums(before).findIndex((crc, k) => crc !== now[k]);
    if (wrong < 0) return;
    throw new AtcError(
      'CORRUPT',
      `${this.#directory}: ${before.symbol}: column "${before.columns[wrong].name}" does not match its checksum; ` +
        'atc verify names the file; import the dataset again',
      { path: this.#directory, column: before.columns[wrong].name },
    );
  }
}

/** The columns in the order the symbol has them; ARGUMENT when they are not the same ones. */
function inOrderOf(
  symbol: string,
  present: GroupSchema,
  schema: GroupSchema,
  columns: readonly TypedArray[],
): readonly TypedArray[] {
  const ordered = present.map(({ name, dtype }) =>
    schema.findIndex((column) => column.name === name && column.dtype === dtype),
  );
  if (ordered.length === schema.length && !ordered.includes(-1)) return ordered.map((k) => columns[k]);
  const text = (of: GroupSchema) => of.map(({ name, dtype }) => `${name} ${dtype}`).join(', ');
  throw new AtcError('ARGUMENT', `${symbol} has the columns (${text(present)}), the new rows have (${text(schema)})`);
}
