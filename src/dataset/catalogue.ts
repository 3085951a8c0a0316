/**
 * The catalogue of a dataset directory: which symbols there are, with which columns, in which files. It is written
 * last, so a directory without one is not a dataset. Layout of the directory: docs/format.md.
 */
import path from 'node:path';
import type { CompressionAlgorithm } from '../codec/codec.js';
import { resolveCompression } from '../codec/compression-options.js';
import { AtcError, isAtcError } from '../errors.js';
import { type CheckedFormat, type CheckedJson, decodeCheckedJson } from '../io/checked-json.js';
import type { Durability } from '../io/durability.js';
import type { DatasetLayout } from '../table.js';
import { entryProblem, isCount, isRecord, type SymbolEntry } from './catalogue-entry.js';
import { CataloguePages, pagedContentOf } from './catalogue-pages.js';

export {
  FRAME_CHECK_FROM_END,
  isFrameSegment,
  isIndex,
  type Segment,
  type SegmentIndex,
  type SegmentPage,
  type SymbolEntry,
  type TimeSpan,
} from './catalogue-entry.js';

export const CATALOGUE_FILE = 'catalogue.json';
export const CATALOGUE_FORMAT: CheckedFormat = { format: 'atc-memory dataset', version: 3 };

/** Contents of `catalogue.json`, which is renamed into place last: what it names is complete. */
export interface Catalogue {
  /** The layout that the dataset was written in. */
  readonly layout: DatasetLayout;
  /** 1 for a new dataset, one more with every change. */
  readonly generation: number;
  /**
   * When the generation was published, UTC ms. Only in datasets of which a version was ever retained: without one the
   * same rows give the same catalogue at any time.
   */
  readonly publishedMs?: number;
  /** The most that any change was promised to survive; left out by version 1. */
  readonly durability?: Durability;
  /** How packed segments are coded when candles are added later. */
  readonly compression: {
    /** 0 stores, 9 is the smallest. */
    readonly level: number;
    /** Of what the codec for numbers leaves over. */
    readonly algorithm: CompressionAlgorithm;
  };
  /** In the order in which they first appeared in the source. */
  readonly symbols: readonly SymbolEntry[];
}

/**
 * The catalogue of a dataset of many symbols: the entries of a symbol are read when they are asked for. `symbols` reads
 * them all.
 */
export class PagedCatalogue implements Catalogue {
  readonly layout: DatasetLayout;
  readonly generation: number;
  readonly publishedMs?: number;
  readonly durability?: Durability;
  readonly compression: Catalogue['compression'];

  constructor(
    facts: CatalogueFacts,
    readonly pages: CataloguePages,
  ) {
    this.layout = facts.layout;
    this.generation = facts.generation;
    this.publishedMs = facts.publishedMs;
    this.durability = facts.durability;
    this.compression = facts.compression;
  }

  get symbols(): readonly SymbolEntry[] {
    return this.pages.all();
  }
}

/** What a catalogue says of the whole dataset. */
export type CatalogueFacts = Omit<Catalogue, 'symbols'>;

/** The same symbols with other facts; no page is read. */
export function withFacts(catalogue: Catalogue, changed: Partial<CatalogueFacts>): Catalogue {
  const { layout, generation, publishedMs, durability, compression } = catalogue;
  const facts: CatalogueFacts = {
    layout,
    generation,
    ...(publishedMs !== undefined && { publishedMs }),
    durability,
    compression,
    ...changed,
  };
  if (catalogue instanceof PagedCatalogue) return new PagedCatalogue(facts, catalogue.pages);
  return { ...facts, symbols: catalogue.symbols };
}

/** Throws CORRUPT for anything that is not a catalogue, FORMAT_VERSION for one of a later version. */
export function decodeCatalogue(text: string, file: string): Catalogue {
  const fail = (what: string): never => {
    throw new AtcError('CORRUPT', `${file} is damaged: ${what}; import the dataset again`, { path: file });
  };
  const decoded = decodeCheckedJson(CATALOGUE_FORMAT, text);
  if ('problem' in decoded) throw unusable(file, decoded);
  return catalogueOf(decoded.content, path.dirname(file), fail);
}

/**
 * The catalogue of the dataset in `directory`, whose checksum was right; `fail` throws for one that is not understood.
 */
export function catalogueOf(
  content: Record<string, unknown>,
  directory: string,
  fail: (what: string) => never,
): Catalogue {
  const { layout, generation, publishedMs, durability, compression } = content;
  if (layout !== 'mapped' && layout !== 'packed') return fail('"layout" is neither mapped nor packed');
  if (!isCount(generation) || generation < 1) return fail('"generation" is not a count');
  if (publishedMs !== undefined && !isCount(publishedMs)) return fail('"publishedMs" is not a time');
  if (durability !== undefined && durability !== 'power' && durability !== 'process')
    return fail('"durability" is neither power nor process');
  if (!isRecord(compression)) return fail('"compression" is missing');
  const coding = compressionOf(compression) ?? fail('"compression" is not a level and an algorithm');
  const facts: CatalogueFacts = {
    layout,
    generation,
    ...(publishedMs !== undefined && { publishedMs }),
    ...(durability && { durability }),
    compression: coding,
  };
  if (content.pages !== undefined) {
    const paged = pagedContentOf(content) ?? fail('its pages are not understood');
    return new PagedCatalogue(facts, new CataloguePages(directory, paged));
  }
  if (!Array.isArray(content.symbols)) return fail('"symbols" is not a list');
  const symbols = content.symbols.map((entry: unknown, k): SymbolEntry => {
    const problem = entryProblem(entry);
    return problem === undefined ? (entry as SymbolEntry) : fail(`symbol ${k}: ${problem}`);
  });
  if (new Set(symbols.map(({ symbol }) => symbol)).size !== symbols.length) return fail('a symbol is there twice');
  return { ...facts, symbols };
}

/** Undefined for what no writer has been asked for. */
function compressionOf(found: Record<string, unknown>): Catalogue['compression'] | undefined {
  try {
    return resolveCompression(found);
  } catch (error) {
    if (isAtcError(error, 'ARGUMENT')) return undefined;
    throw error;
  }
}

function unusable(file: string, { problem, version, cause }: Extract<CheckedJson, { problem: unknown }>): AtcError {
  if (problem === 'a later version') {
    const known = CATALOGUE_FORMAT.version;
    const text = `${file} has version ${String(version)}, this release reads ${known}; update atc-memory`;
    return new AtcError('FORMAT_VERSION', text, { path: file });
  }
  const what = {
    'not JSON': 'it is not JSON',
    'another format': `its "format" is not "${CATALOGUE_FORMAT.format}"`,
    'a wrong checksum': 'its content does not match its checksum',
  }[problem];
  return new AtcError('CORRUPT', `${file} is damaged: ${what}; import the dataset again`, { path: file, cause });
}
