/** The catalogue that follows from entries, old and new: with all of them in it while they are few, else in pages. */
import path from 'node:path';
import { appendBytes } from '../io/append.js';
import { encodeChecked } from '../io/encode-checked-json.js';
import { type Catalogue, type CatalogueFacts, PagedCatalogue } from './catalogue.js';
import type { SymbolEntry } from './catalogue-entry.js';
import {
  type CatalogueFile,
  CataloguePages,
  NAMES_FORMAT,
  PAGE_FORMAT,
  PAGE_SYMBOLS,
  type PagedContent,
  type PageRecord,
} from './catalogue-pages.js';
import { addedContainerOf } from './superseded.js';

/** Entries of so many symbols stand in the catalogue itself: reading it whole takes half a millisecond. */
export const INLINE_SYMBOLS = 64;

/** Where pages go that nobody reads yet. */
export interface CataloguePlace {
  /** Of the dataset, when the catalogue is in force. */
  readonly directory: string;
  /** The directory that they are written to, made when it is needed. */
  readonly root: () => string;
  /** Where that will be, relative to the dataset: `added-<generation>/`. */
  readonly prefix: string;
}

/** A catalogue of these symbols and no others. */
export function catalogueOfEntries(
  facts: CatalogueFacts,
  symbols: readonly SymbolEntry[],
  place: CataloguePlace,
): Catalogue {
  if (symbols.length <= INLINE_SYMBOLS) return { ...facts, symbols };
  return new PagedCatalogue(facts, new PageWriter(place).write(symbols));
}

/** `present` with entries changed and, in their order, added. Pages without a change stay. */
export function amendedCatalogue(
  present: Catalogue,
  facts: CatalogueFacts,
  changed: ReadonlyMap<string, SymbolEntry>,
  place: CataloguePlace,
): Catalogue {
  if (present instanceof PagedCatalogue) {
    return new PagedCatalogue(facts, new PageWriter(place, present.pages).write(changed.values()));
  }
  const entries = new Map(present.symbols.map((entry) => [entry.symbol, entry]));
  for (const [symbol, entry] of changed) entries.set(symbol, entry);
  return catalogueOfEntries(facts, [...entries.values()], place);
}

class PageWriter {
  readonly #place: CataloguePlace;
  readonly #before: CataloguePages | undefined;
  readonly #records: PageRecord[];
  readonly #containers: Map<string, number>;
  /** Entries of pages that differ from those before, by index. */
  readonly #pages = new Map<number, SymbolEntry[]>();
  #pageCount: number;
  #hasNewNames = false;

  constructor(place: CataloguePlace, before?: CataloguePages) {
    this.#place = place;
    this.#before = before;
    this.#records = [...(before?.content.pages ?? [])];
    this.#pageCount = this.#records.length;
    this.#containers = new Map(Object.entries(before?.content.containers ?? {}));
  }

  /** Entries of symbols that are there replace those; the others come after them. */
  write(entries: Iterable<SymbolEntry>): CataloguePages {
    for (const entry of entries) {
      const index = this.#before?.pageOf(entry.symbol);
      if (index === undefined) this.#add(entry);
      else this.#replace(index, entry);
    }
    for (const [index, page] of this.#pages) this.#writePage(index, page);
    const names = this.#hasNewNames ? this.#writeNames() : this.#before!.content.names;
    const content: PagedContent = {
      names,
      pages: this.#records,
      containers: Object.fromEntries([...this.#containers].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
    return new CataloguePages(this.#place.directory, content, this.#pages);
  }

  #replace(index: number, entry: SymbolEntry): void {
    const page = this.#page(index);
    page[page.findIndex(({ symbol }) => symbol === entry.symbol)] = entry;
  }

  #add(entry: SymbolEntry): void {
    this.#hasNewNames = true;
    const last = this.#pageCount - 1;
    if (last >= 0 && this.#page(last).length < PAGE_SYMBOLS) this.#page(last).push(entry);
    else this.#pages.set(this.#pageCount++, [entry]);
  }

  #page(index: number): SymbolEntry[] {
    let page = this.#pages.get(index);
    if (page === undefined) this.#pages.set(index, (page = [...this.#before!.page(index)]));
    return page;
  }

  #writePage(index: number, entries: readonly SymbolEntry[]): void {
    const before = this.#records[index];
    if (before !== undefined) {
      this.#count(before.path, -1);
      for (const path of pathsOf(this.#before!.page(index))) this.#count(path, -1);
    }
    const name = `page-${String(index).padStart(5, '0')}.json`;
    this.#records[index] = {
      ...this.#writeFile(name, encodeChecked(PAGE_FORMAT, { symbols: entries })),
      symbols: entries.length,
      rows: entries.reduce((sum, { rows }) => sum + rows, 0),
      segments: entries.reduce((most, { segments }) => Math.max(most, segments.length), 0),
    };
    for (const path of pathsOf(entries)) this.#count(path, 1);
  }

  #writeNames(): CatalogueFile {
    const present = this.#before?.namesByPage() ?? [];
    const pages = this.#records.map(
      (_, index) => this.#pages.get(index)?.map(({ symbol }) => symbol) ?? present[index],
    );
    if (this.#before !== undefined) this.#count(this.#before.content.names.path, -1);
    return this.#writeFile('names.json', encodeChecked(NAMES_FORMAT, { pages }));
  }

  #writeFile(name: string, { text, check }: { readonly text: string; readonly check: number }): CatalogueFile {
    appendBytes(path.join(this.#place.root(), name), new TextEncoder().encode(text));
    const relative = `${this.#place.prefix}${name}`;
    this.#count(relative, 1);
    return { path: relative, check };
  }

  /** One more or one less that is named in the directory of `relative`. */
  #count(relative: string, by: 1 | -1): void {
    const container = addedContainerOf(relative);
    if (container === undefined) return;
    const count = (this.#containers.get(container) ?? 0) + by;
    if (count > 0) this.#containers.set(container, count);
    else this.#containers.delete(container);
  }
}

function* pathsOf(entries: readonly SymbolEntry[]): Generator<string> {
  for (const { segments } of entries) for (const segment of segments) yield segment.path;
}
