/** A dataset directory, opened: tables over its files as they were at open, or at the last change or refresh. */
import { requireKnownOptions } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import { appliedError, whenApplied } from '../io/io-error.js';
import { selectBackend } from '../io/select-backend.js';
import { nearestHint } from '../nearest.js';
import type { CandleSource, CandleTable, Dataset, DatasetLayout } from '../table.js';
import type { AmendOptions } from './amend.js';
import type { Catalogue, SymbolEntry, TimeSpan } from './catalogue.js';
import { readCatalogue } from './catalogue-file.js';
import { findGaps, type GapOptions, type GapReport } from './gaps.js';
import { type OpenDatasetOptions, OpenSegments } from './open-segments.js';
import { Snapshot } from './snapshot.js';
import { SourcedTable } from './sourced-table.js';
import { type LeasedVersion, leaseVersion } from './versions/lease-version.js';
import type { SnapshotInfo } from './versions/snapshot-info.js';
import { type AsOf, wantedVersion } from './versions/version-name.js';

/** Most processes only read: what writes is loaded when it is called for. */
const writing = async () => ({ ...(await import('./amend.js')), ...(await import('../formats/batch.js')) });
const versions = async () => ({
  ...(await import('./versions/retain.js')),
  ...(await import('./versions/version-usage.js')),
});

/** Leases of generations that only old tables still need: each ends when the last of those has been collected. */
const retired = new FinalizationRegistry<() => void>((endLease) => endLease());

/**
 * The function that ends a lease and forgets it. It stands alone because the registry above holds it for good: a
 * function that shares its scope with one that holds the dataset would keep a dataset that was dropped without `close`,
 * and all that it has open.
 */
function endingIn(leases: Set<() => void>, endLease: () => void): () => void {
  const end = () => {
    leases.delete(end);
    endLease();
  };
  leases.add(end);
  return end;
}

/**
 * A dataset on disk, open in the generation that was current then; others' changes are seen after `refresh` or a change
 * of its own.
 */
export class DirectoryDataset implements Dataset {
  /** As its catalogue says. */
  readonly layout: DatasetLayout;
  readonly #segments: OpenSegments;
  readonly #leases = new Set<() => void>();
  #current: { readonly snapshot: Snapshot; readonly version: LeasedVersion; readonly endLease: () => void } | undefined;
  readonly #takeVersion: typeof leaseVersion;

  /**
   * IO for a directory without a catalogue, ARGUMENT for a version that there is not, CORRUPT or FORMAT_VERSION for a
   * catalogue that cannot be used.
   */
  constructor(
    /** As it was given. */
    readonly directory: string,
    /** How it was opened: a worker thread opens it the same way. */
    readonly options: OpenDatasetOptions = {},
    takeVersion = leaseVersion,
  ) {
    this.#takeVersion = takeVersion;

    this.#segments = new OpenSegments(directory, options);
    this.#adopt();
    this.layout = this.catalogue.layout;
    try {
      // One that was asked for by name and is not there is refused now; which one `auto` takes shows when it is loaded.
      if (options.backend !== undefined && options.backend !== 'auto') void this.backend;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** How bytes are got at: a mapping backend, or `file` for reading. */
  get backend(): string {
    const maps = this.layout === 'mapped' || this.options.mapPacked === true;
    return maps ? selectBackend(this.options.backend).name : 'file';
  }

  get #snapshot(): Snapshot {
    return this.#current!.snapshot;
  }

  /** Of the generation that is open: row counts and time spans without touching any data. */
  get catalogue(): Catalogue {
    return this.#snapshot.catalogue;
  }

  /** In the order in which they first appeared in the source. */
  get symbols(): readonly string[] {
    return this.#snapshot.symbols;
  }

  /**
   * Identifies the content, bit by bit: the same for the same candles whatever the layout and the history of changes.
   * 32 hexadecimal digits, computed from the catalogue alone.
   */
  get snapshotId(): string {
    return this.#snapshot.id;
  }

  /**
   * The same for the same catalogue: equal keys mean the same files with the same content. Unlike `snapshotId` it
   * takes no entry of a dataset of many symbols. @internal
   */
  get catalogueKey(): string {
    return this.#snapshot.key;
  }

  /** One more with every change to the dataset; what `asOf` takes, as long as the generation is retained. */
  get generation(): number {
    return this.catalogue.generation;
  }

  /** The name of the snapshot that was opened with `asOf`. */
  get snapshotName(): string | undefined {
    return this.#current!.version.name;
  }

  /**
   * What the catalogue knows of a symbol, without touching any data; undefined when there is none of that name. Costs
   * what one symbol costs, where `catalogue.symbols` reads the entries of all.
   */
  entry(symbol: string): SymbolEntry | undefined {
    this.#segments.requireOpen();
    return this.#snapshot.entry(symbol);
  }

  table(symbol: string): CandleTable {
    const entry = this.entry(symbol);
    if (entry === undefined) {
      const hint = nearestHint(symbol, this.symbols);
      throw new AtcError('ARGUMENT', `${this.directory} has no symbol ${shown(symbol)}${hint}`, {
        path: this.directory,
      });
    }
    return new SourcedTable(this.#snapshot.source(entry));
  }

  async append(symbol: string, candles: CandleSource, options: AmendOptions = {}): Promise<void> {
    this.#requireWritable('append', options);
    const { addRows, batchesOfSymbol } = await writing();
    await addRows(this.directory, batchesOfSymbol(symbol, candles), 'append', options);
    this.#showChange();
  }

  /** Like append, but a candle whose timestamp is there already replaces that one. */
  async upsert(symbol: string, candles: CandleSource, options: AmendOptions = {}): Promise<void> {
    this.#requireWritable('upsert', options);
    const { addRows, batchesOfSymbol } = await writing();
    await addRows(this.directory, batchesOfSymbol(symbol, candles), 'upsert', options);
    this.#showChange();
  }

  /**
   * Joins segments, so that whole columns are views again. Happens by itself when there are many. Content stays the
   * same.
   */
  async compact(options: AmendOptions = {}): Promise<void> {
    this.#requireWritable('compact', options);
    const { compactSegments, removeLeftOvers } = await writing();
    await compactSegments(this.directory, options);
    // First: as long as this dataset shows the generation before, its files stay.
    this.#showChange();
    await whenApplied(this.directory, () => removeLeftOvers(this.directory));
  }

  /** Notes that the source has no candles in these spans, so that `findGaps` does not report them as missing. */
  async markEmpty(symbol: string, spans: readonly TimeSpan[], options: AmendOptions = {}): Promise<void> {
    this.#requireWritable('markEmpty', options);
    await (await writing()).noteEmptySpans(this.directory, symbol, spans, options);
    this.#showChange();
  }

  /**
   * Names the version that is open: under this name `openDataset` opens it with `asOf`, the same bits whatever becomes
   * of the dataset. It costs the segments that later versions do not share. The name takes letters, digits, `.`, `_`
   * and `-`; ARGUMENT for any other and for one that another version has, in any case of its letters.
   */
  async snapshot(name: string, options: Pick<AmendOptions, 'signal'> = {}): Promise<SnapshotInfo> {
    this.#segments.requireOpen();
    requireKnownOptions(options, ['signal'], 'snapshot');
    const { nameVersion, snapshotInfo } = await versions();
    await nameVersion(this.directory, this.#current!.version, name, options.signal);
    return whenApplied(this.directory, async () => snapshotInfo(this.directory, name));
  }

  /**
   * The versions that are retained, with a name or without, the oldest first: what each is and how much disk it takes.
   */
  async snapshots(): Promise<SnapshotInfo[]> {
    this.#segments.requireOpen();
    return (await versions()).retainedVersions(this.directory);
  }

  /**
   * Deletes the name of a snapshot, or what retains a generation without one. Space that no other version needs is free
   * at once, or, where somebody is reading it, with a later change.
   */
  async deleteSnapshot(nameOrGeneration: string | number, options: Pick<AmendOptions, 'signal'> = {}): Promise<void> {
    this.#segments.requireOpen();
    requireKnownOptions(options, ['signal'], 'deleteSnapshot');
    await (await versions()).deleteVersion(this.directory, nameOrGeneration, options.signal);
  }

  /**
   * Where candles are missing, determined from where the source is known to have none (`markEmpty`). Reads the
   * timestamps.
   */
  gaps(symbol: string, options: Omit<GapOptions, 'empty'> = {}): GapReport {
    return findGaps(this.table(symbol), { ...options, empty: this.#snapshot.entry(symbol)?.empty });
  }

  /**
   * Takes up what other processes have changed; true when there was something. Tables handed out before stay as they
   * are, and so does a version that was opened with `asOf`.
   */
  refresh(): boolean {
    this.#segments.requireOpen();
    if (this.options.asOf !== undefined) return false;
    if (readCatalogue(this.directory).generation === this.catalogue.generation) return false;
    this.#adopt();
    return true;
  }

  close(): void {
    try {
      this.#segments.close();
    } finally {
      for (const endLease of this.#leases) endLease();
    }
  }

  /** The change has happened: a failure to look at it must not read as a failure to make it. */
  #showChange(): void {
    try {
      this.refresh();
    } catch (error) {
      throw appliedError(error, this.directory);
    }
  }

  #requireWritable(where: string, options: AmendOptions): void {
    this.#segments.requireOpen();
    requireKnownOptions(options, ['durability', 'signal', 'onRows', 'keep'], where);
    if (this.options.asOf === undefined) return;
    const version = describeVersion(this.options.asOf);
    const what = `the dataset ${this.directory} is open as of ${version}, which never changes`;
    throw new AtcError('READ_ONLY', `${what}; open it without asOf to change it`, { path: this.directory });
  }

  #adopt(): void {
    const version = this.#takeVersion(this.directory, this.options.asOf);
    const { catalogue } = version;
    const end = endingIn(this.#leases, version.endLease);
    if (this.#current?.snapshot.isUnused === true) this.#current.endLease();
    const segments = this.#segments;
    const snapshot = new Snapshot(catalogue, (...what) => segments.get(...what));
    retired.register(snapshot, end);
    this.#current = { snapshot, version, endLease: end };
  }
}

function describeVersion(asOf: AsOf): string {
  const wanted = wantedVersion(asOf);
  if ('name' in wanted) return `snapshot "${wanted.name}"`;
  return 'generation' in wanted ? `generation ${wanted.generation}` : new Date(wanted.timeMs).toISOString();
}
