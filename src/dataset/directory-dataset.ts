/** A dataset directory, opened: tables over its files, and how many of those are open at once. */
import path from 'node:path';
import { AtcError } from '../errors.js';
import { type MappingBackendChoice, selectBackend } from '../io/select-backend.js';
import { nearestHint } from '../nearest.js';
import type { Catalogue, DatasetLayout, SymbolEntry } from './catalogue.js';
import { MappedSource } from './mapped-source.js';
import { PackedSource } from './packed-source.js';
import { SourcedTable } from './sourced-table.js';
import type { CandleTable, Dataset } from './table.js';

/** Symbols whose files stay open; a table beyond that reopens its files when it is read. */
const MAX_OPEN_SYMBOLS = 32;

export interface OpenDatasetOptions {
  /** How mapped files are opened, default `auto`. */
  readonly backend?: MappingBackendChoice;
  /** Packed layout: read the compressed bytes through a map instead of reading the file. Default false. */
  readonly mapPacked?: boolean;
}

type Source = MappedSource | PackedSource;

export class DirectoryDataset implements Dataset {
  readonly layout: DatasetLayout;
  /** How bytes are got at: a mapping backend, or `file` for reading. */
  readonly backend: string;
  private readonly entries: ReadonlyMap<string, SymbolEntry>;
  private readonly sources = new Map<string, Source>();
  private closed = false;

  constructor(
    readonly directory: string,
    readonly catalogue: Catalogue,
    private readonly options: OpenDatasetOptions,
  ) {
    this.layout = catalogue.layout;
    const maps = this.layout === 'mapped' || options.mapPacked === true;
    this.backend = maps ? selectBackend(options.backend).name : 'file';
    this.entries = new Map(catalogue.symbols.map((entry) => [entry.symbol, entry]));
  }

  get symbols(): readonly string[] {
    return [...this.entries.keys()];
  }

  table(symbol: string): CandleTable {
    if (this.closed) throw new AtcError('CLOSED', `the dataset ${this.directory} is closed`, { path: this.directory });
    const entry = this.entries.get(symbol);
    if (entry === undefined) {
      const hint = nearestHint(symbol, this.symbols);
      throw new AtcError('ARGUMENT', `${this.directory} has no symbol "${symbol}"${hint}`, { path: this.directory });
    }
    return new SourcedTable(this.sourceOf(entry));
  }

  close(): void {
    this.closed = true;
    for (const source of this.sources.values()) source.release();
    this.sources.clear();
  }

  private sourceOf(entry: SymbolEntry): Source {
    let source = this.sources.get(entry.symbol);
    this.sources.delete(entry.symbol);
    source ??= this.openSource(entry);
    // The map keeps insertion order: the front is what was not asked for longest.
    this.sources.set(entry.symbol, source);
    if (this.sources.size > MAX_OPEN_SYMBOLS) {
      const idle = [...this.sources].find(([, candidate]) => candidate !== source && !candidate.pinned);
      if (idle !== undefined) {
        idle[1].release();
        this.sources.delete(idle[0]);
      }
    }
    return source;
  }

  private openSource(entry: SymbolEntry): Source {
    const [segment, more] = entry.segments;
    if (segment === undefined || more !== undefined) {
      throw new AtcError(
        'UNSUPPORTED',
        `${entry.symbol} has ${entry.segments.length} segments; this release reads one`,
        {
          path: this.directory,
        },
      );
    }
    const full = path.join(this.directory, segment.path);
    if (this.layout === 'mapped') return new MappedSource(full, entry, segment, this.options.backend ?? 'auto');
    const backend = this.options.mapPacked === true ? (this.options.backend ?? 'auto') : undefined;
    return new PackedSource(full, entry, segment, backend);
  }
}
