/**
 * The entries of a dataset of many symbols, in pages: immutable files of consecutive symbols, and one file with all
 * names. The catalogue names the pages, so opening it takes no entry, a symbol takes one page, and a change writes the
 * pages of the symbols that it changes. Layout: docs/format.md.
 */
import path from 'node:path';
import { AtcError } from '../errors.js';
import { type CheckedFormat, type CheckedJson, decodeCheckedJson, isAsEncoded } from '../io/checked-json.js';
import { refuseLinks } from '../io/own-path.js';
import { readTextFile } from '../io/path-kind.js';
import { entryProblem, isCount, isInside, isRecord, type SymbolEntry } from './catalogue-entry.js';

export const PAGE_FORMAT: CheckedFormat = { format: 'atc-memory catalogue page', version: 1 };
export const NAMES_FORMAT: CheckedFormat = { format: 'atc-memory catalogue names', version: 1 };

/** Symbols of a page: some 30 kB, which is read and parsed in a fraction of a millisecond. */
export const PAGE_SYMBOLS = 64;

/** Between the names of two pages in their file. */
const PAGE_BORDER = '"],["';

/** Names that are looked for in the text of the file; from then on in a map of all of them. */
const LOOKED_UP_IN_TEXT = 16;

/** A file of the catalogue: where it is, relative to the dataset, and the checksum that its content has. */
export interface CatalogueFile {
  readonly path: string;
  readonly check: number;
}

/** A page, as the catalogue names it. */
export interface PageRecord extends CatalogueFile {
  readonly symbols: number;
  /** Rows of all its symbols. */
  readonly rows: number;
  /** Segments of the symbol that has most of them. */
  readonly segments: number;
}

/** What the catalogue of a paged dataset has in place of its symbols. */
export interface PagedContent {
  readonly names: CatalogueFile;
  readonly pages: readonly PageRecord[];
  /** How many segments, pages and files of names it names in each directory `added-<generation>`. */
  readonly containers: Readonly<Record<string, number>>;
}

export class CataloguePages {
  readonly content: PagedContent;
  readonly #directory: string;
  readonly #loaded: Map<number, readonly SymbolEntry[]>;
  #namesText: string | undefined;
  #pageOf: ReadonlyMap<string, number> | undefined;
  #lookedUp = 0;

  /** `loaded` are pages that need not be read, by their index. */
  constructor(directory: string, content: PagedContent, loaded: Iterable<[number, readonly SymbolEntry[]]> = []) {
    this.#directory = directory;
    this.content = content;
    this.#loaded = new Map(loaded);
  }

  /** How many symbols there are. */
  get count(): number {
    return this.content.pages.reduce((sum, { symbols }) => sum + symbols, 0);
  }

  /** In order. */
  names(): string[] {
    return this.namesByPage().flat();
  }

  /** The names of every page. */
  namesByPage(): readonly string[][] {
    const { names, pages } = this.content;
    const fail = (what: string) => this.#fail(names.path, what);
    const { pages: found } = this.#contentOf(names, NAMES_FORMAT);
    if (!isListOfNames(found)) return fail('"pages" is not a list of names');
    if (found.length !== pages.length || found.some((list, k) => list.length !== pages[k].symbols))
      return fail('it has other pages than the catalogue');
    const all = found.flat();
    return new Set(all).size === all.length ? found : fail('a symbol is there twice');
  }

  /** The index of the page that a symbol is in. */
  pageOf(symbol: string): number | undefined {
    if (this.#pageOf === undefined && this.#lookedUp < LOOKED_UP_IN_TEXT) {
      this.#lookedUp += 1;
      const found = this.#searchText(symbol);
      if (found !== 'unclear') return found;
    }
    this.#pageOf ??= new Map(this.namesByPage().flatMap((names, page) => names.map((name) => [name, page] as const)));
    return this.#pageOf.get(symbol);
  }

  entry(symbol: string): SymbolEntry | undefined {
    const page = this.pageOf(symbol);
    if (page === undefined) return undefined;
    const entry = this.page(page).find((one) => one.symbol === symbol);
    if (entry !== undefined) return entry;
    return this.#fail(this.content.pages[page].path, `it does not hold the symbol "${symbol}"`);
  }

  /** The entries of a page, read once. */
  page(index: number): readonly SymbolEntry[] {
    let entries = this.#loaded.get(index);
    if (entries === undefined) this.#loaded.set(index, (entries = this.#read(this.content.pages[index])));
    return entries;
  }

  /** All entries, in order. */
  all(): SymbolEntry[] {
    return this.content.pages.flatMap((_, index) => this.page(index));
  }

  /** Of all files that hold the catalogue but for the one that names them. */
  get files(): string[] {
    return [this.content.names.path, ...this.content.pages.map((page) => page.path)];
  }

  /**
   * Looks for the JSON of a name in that of all, which takes a hundredth of parsing it. Names with quotes and brackets
   * may look like the border of two others: the entries of the page tell.
   */
  #searchText(symbol: string): number | undefined | 'unclear' {
    const text = (this.#namesText ??= this.#intactNames());
    if (text === '') return 'unclear';
    const at = text.indexOf(JSON.stringify(symbol));
    if (at < 0) return undefined;
    let page = 0;
    for (let end = text.indexOf(PAGE_BORDER); end >= 0 && end < at; end = text.indexOf(PAGE_BORDER, end + 1)) page += 1;
    if (page >= this.content.pages.length) return 'unclear';
    return this.page(page).some((entry) => entry.symbol === symbol) ? page : 'unclear';
  }

  /** Empty where the file is not just what a writer wrote: then it is parsed, which tells why. */
  #intactNames(): string {
    const { names } = this.content;
    const text = this.#textOf(names.path);
    return isAsEncoded(NAMES_FORMAT, text, names.check) ? text : '';
  }

  #read(record: PageRecord): readonly SymbolEntry[] {
    return decodePage(record, this.#textOf(record.path), path.join(this.#directory, record.path));
  }

  #contentOf(file: CatalogueFile, format: CheckedFormat): Record<string, unknown> {
    return contentOf(file, this.#textOf(file.path), format, path.join(this.#directory, file.path));
  }

  #textOf(relative: string): string {
    refuseLinks(this.#directory, relative);
    const full = path.join(this.#directory, relative);
    const text = readTextFile(full);
    if (text !== undefined) return text;
    const what = `${full} is missing: the dataset was changed meanwhile, or a file of it was deleted`;
    throw new AtcError('IO', what, { path: full });
  }

  #fail(relative: string, what: string): never {
    return fail(path.join(this.#directory, relative), what);
  }
}

/** The entries of a page by its text; CORRUPT, naming `file`, for another page than the catalogue names. */
export function decodePage(record: PageRecord, text: string, file: string): readonly SymbolEntry[] {
  const { symbols } = contentOf(record, text, PAGE_FORMAT, file);
  if (!Array.isArray(symbols)) return fail(file, '"symbols" is not a list');
  symbols.forEach((entry: unknown, k) => {
    const problem = entryProblem(entry);
    if (problem !== undefined) fail(file, `symbol ${k}: ${problem}`);
  });
  const entries = symbols as readonly SymbolEntry[];
  const rows = entries.reduce((sum, entry) => sum + entry.rows, 0);
  if (entries.length === record.symbols && rows === record.rows) return entries;
  return fail(file, `it holds ${entries.length} symbols of ${rows} rows, the catalogue says otherwise`);
}

function contentOf({ check }: CatalogueFile, text: string, format: CheckedFormat, file: string) {
  const decoded = decodeCheckedJson(format, text);
  if ('problem' in decoded) return fail(file, problemText(decoded), decoded.cause);
  if (decoded.crc32c !== check) return fail(file, 'it is not the file that the catalogue names');
  return decoded.content;
}

function fail(file: string, what: string, cause?: unknown): never {
  throw new AtcError('CORRUPT', `${file} is damaged: ${what}; import the dataset again`, { path: file, cause });
}

function problemText({ problem }: Extract<CheckedJson, { problem: unknown }>): string {
  return problem === 'a wrong checksum' ? 'its content does not match its checksum' : `it is ${problem}`;
}

function isListOfNames(value: unknown): value is string[][] {
  return (
    Array.isArray(value) && value.every((list) => Array.isArray(list) && list.every((name) => typeof name === 'string'))
  );
}

/** What the text of a catalogue says about its pages; undefined for what no writer wrote. */
export function pagedContentOf({ names, pages, containers }: Record<string, unknown>): PagedContent | undefined {
  if (!isCatalogueFile(names) || !Array.isArray(pages) || !isRecord(containers)) return undefined;
  const isPage = (page: unknown) =>
    isCatalogueFile(page) && [page.symbols, page.rows, page.segments].every(isCount) && page.symbols !== 0;
  if (!pages.every(isPage) || !Object.values(containers).every(isCount)) return undefined;
  return { names, pages, containers } as unknown as PagedContent;
}

function isCatalogueFile(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && typeof value.path === 'string' && isInside(value.path) && isCount(value.check);
}
