/**
 * The files of one series as this process has them open: segments, journals, and how they are found again after a
 * change.
 */
import path from 'node:path';
import type { CompressionOptions } from '../codec/compression-options.js';
import { isAtcError } from '../errors.js';
import { emitMemoryEvent } from '../events.js';
import { entryNames, moveAside } from '../io/directory-entries.js';
import type { Durability } from '../io/durability.js';
import { systemCode } from '../io/io-error.js';
import { isRealFile, refuseLinks } from '../io/own-path.js';
import type { MappingBackendChoice } from '../io/select-backend.js';
import { BlockCache } from './block-cache.js';
import type { SegmentLayout } from './candle-segment-writer.js';
import { isDamagedSegment } from './damaged-segment.js';
import { type CandleEntry, encodeEntries } from './entry.js';
import { Journal } from './journal.js';
import type { StoredCandle } from './row-shape.js';
import { Segment } from './segment.js';
import {
  isSeriesFile,
  journalName,
  type Listing,
  parseSegmentName,
  readListing,
  type SegmentName,
} from './series-listing.js';
import { seriesIdentity } from './series-path.js';
import { UnsyncedJournals } from './unsynced-journals.js';

/** What all series of a store share. */
export interface SeriesSettings {
  readonly cache: BlockCache;
  readonly layout: SegmentLayout;
  readonly compression: CompressionOptions;
  readonly backend: MappingBackendChoice;
  /** Rows of a journal that make it a segment. */
  readonly sealRows: number;
  readonly durability: Durability;
  readonly service: string;
}

/** Other processes seal and merge at any time; a listing that is overtaken so often is a sign of something else. */
const MAX_ATTEMPTS = 64;
/** The last damaged segment of a series, retained for inspection. */
const DAMAGED_NAME = 'damaged.atcs';

/** The highest number of a series' files. */
function newest(segments: readonly SegmentName[], journals: readonly number[]): number {
  return Math.max(0, ...segments.map(({ last }) => last), ...journals);
}

export class SeriesFiles {
  segments: Segment[] = [];
  journals: Journal[] = [];
  #loaded = false;
  /** What this process has appended and not seen on the disk. */
  readonly unsynced: UnsyncedJournals;

  readonly #settings: SeriesSettings;

  constructor(
    readonly directory: string,
    settings: SeriesSettings,
  ) {
    this.#settings = settings;
    this.unsynced = new UnsyncedJournals(this);
  }

  has(timestamp: number): boolean {
    if (!this.#loaded) this.load();
    return this.segments.some((one) => one.has(timestamp)) || this.journals.some(({ rows }) => rows.has(timestamp));
  }

  /** The newest journal with a row of that time that no segment has. */
  journalOf(timestamp: number): Journal | undefined {
    if (this.segments.some((one) => one.has(timestamp))) return undefined;
    return this.journals.findLast(({ rows }) => rows.has(timestamp));
  }

  get(timestamp: number): StoredCandle | undefined {
    if (!this.#loaded) this.load();
    for (const segment of this.segments) {
      const candle = segment.get(timestamp);
      if (candle !== undefined) return candle;
    }
    for (const { rows } of this.journals) {
      const candle = rows.get(timestamp);
      if (candle !== undefined) return candle;
    }
    return undefined;
  }

  /** The journal that ends last, if it is open for rows. */
  get current(): Journal | undefined {
    const last = this.journals.at(-1);
    return last === undefined || last.sealed ? undefined : last;
  }

  /** Sees what other processes have written since the last look. */
  refresh(): void {
    const { current } = this;
    if (!this.#loaded || current === undefined || !current.refresh() || current.sealed) this.load();
  }

  /**
   * Runs what reads segments. A segment that another process has merged away, or that turns out to be damaged, is
   * looked for again and the work repeated; a damaged one is moved aside and its candles are missing from then on.
   */
  guarded<Result>(work: () => Result): Result {
    for (let attempt = 0; ; attempt++) {
      try {
        return work();
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !this.#recover(error)) throw error;
      }
    }
  }

  /**
   * The journal to write to, created when there is none. Undefined when other processes are ahead: what they wrote has
   * to be known before anything is written behind it, so load and look again.
   */
  forWriting(): Journal | undefined {
    if (this.current !== undefined) return this.current;
    const known = newest(
      this.segments.map(({ name }) => name),
      this.journals.map(({ generation }) => generation),
    );
    const listing = this.list();
    if (newest(listing.segments, listing.journals) > known) return undefined;
    const file = this.pathOf(journalName(known + 1));
    const journal = Journal.openOrCreate(known + 1, file, this.#onDamage);
    let isOurs = false;
    try {
      // Created, filled and sealed by others since the look at the directory; what stands behind the end would not
      // count.
      isOurs = !journal.sealed && !this.#isReplaced([journal]);
    } finally {
      // Also when the directory cannot be listed: no one else closes it.
      if (!isOurs) journal.close();
    }
    if (!isOurs) return undefined;
    this.journals.push(journal);
    return journal;
  }

  /** Opens what the directory holds now; files that are open already stay as they are. */
  load(): void {
    let before = '';
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const listing = this.list();
      if (!listing.complete) {
        // Twice the same gap is no race: a damaged segment was moved aside.
        const now = JSON.stringify(listing);
        if (now !== before) {
          before = now;
          continue;
        }
      }
      try {
        if (this.#open(listing)) {
          this.#loaded = true;
          this.unsynced.inherit(this.journals.map(({ generation }) => generation));
          return;
        }
      } catch (error) {
        if (!this.#setAside(error)) throw error;
      }
    }
    this.#loaded = true;
  }

  /**
   * CORRUPT when a symbolic link stands in place of a directory of the series; links in place of files are left out.
   */
  list(): Listing {
    const root = path.resolve(this.directory, '../../..');
    refuseLinks(root, seriesIdentity(this.directory));
    const { files } = entryNames(this.directory);
    return readListing(files.filter((name) => isSeriesFile(name) && isRealFile(this.pathOf(name))));
  }

  /** A journal that is not open here; undefined when there is none (any more). */
  reopen(generation: number): Journal | undefined {
    return Journal.openExisting(generation, this.pathOf(journalName(generation)), this.#onDamage);
  }

  /** Appends candles to a journal. False when they do not count: it was sealed or deleted before they got there. */
  append(journal: Journal, entries: readonly CandleEntry[]): boolean {
    const { generation, binding } = journal;
    for (const record of encodeEntries(entries, binding)) {
      this.unsynced.appended(generation);
      if (!journal.append(record)) return false;
    }
    return true;
  }

  pathOf(name: string): string {
    return path.join(this.directory, name);
  }

  /** Closes files and frees memory; the next use opens them again. */
  close(): void {
    for (const file of [...this.segments, ...this.journals]) file.close();
    this.segments = [];
    this.journals = [];
    this.#loaded = false;
  }

  /** False when a file was deleted or replaced before it could be opened. */
  #open({ segments, journals }: Listing): boolean {
    const { cache, backend } = this.#settings;
    const known = new Map(this.segments.map((one) => [one.name.file, one]));
    const opened: Segment[] = [];
    for (const name of segments) {
      opened.push(known.get(name.file) ?? new Segment(name, this.pathOf(name.file), cache, backend));
    }
    const read: Journal[] = [];
    const fresh: Journal[] = [];
    let isWhole = false;
    try {
      for (const generation of journals) {
        const same = this.journals.find((one) => one.generation === generation);
        if (same?.refresh()) {
          read.push(same);
          continue;
        }
        const journal = Journal.openExisting(generation, this.pathOf(journalName(generation)), this.#onDamage);
        if (journal === undefined) return false;
        read.push(journal);
        fresh.push(journal);
      }
      isWhole = !this.#isReplaced(fresh);
      if (!isWhole) return false;
    } finally {
      // Also when one of them cannot be read: no one else closes the others.
      if (!isWhole) for (const one of fresh) one.close();
    }
    for (const one of this.segments) if (!opened.includes(one)) one.close();
    for (const one of this.journals) if (!read.includes(one)) one.close();
    this.segments = opened;
    this.journals = read;
    return true;
  }

  /**
   * True when one of the journals that were just opened is not what its name says: between the look at the directory
   * and the opening a segment has replaced it, its file was removed, and a process that was as late has made a new one
   * of that name. The segment is there before such a file can be, so a look at the directory after the opening shows
   * it.
   */
  #isReplaced(journals: readonly Journal[]): boolean {
    if (journals.length === 0) return false;
    const { segments } = this.list();
    return journals.some(({ generation }) =>
      segments.some(({ first, last }) => first <= generation && generation <= last),
    );
  }

  /** True when trying again can help. */
  #recover(error: unknown): boolean {
    const worthwhile = this.#setAside(error);
    if (worthwhile) this.load();
    return worthwhile;
  }

  /** Moves a damaged file away; one that was deleted needs nothing. False for any other error. */
  #setAside(error: unknown): boolean {
    if (isAtcError(error, 'IO')) return systemCode(error.cause) === 'ENOENT';
    if (!isAtcError(error, 'CORRUPT') || error.path === undefined) return false;
    const name = parseSegmentName(path.basename(error.path));
    if (name === undefined || path.dirname(error.path) !== this.directory) return false;
    // Not to be used again: what it knows of the file may be the damage.
    for (const one of this.segments) if (one.name.file === name.file) one.close();
    this.segments = this.segments.filter((one) => one.name.file !== name.file);
    if (isDamagedSegment(name, this.pathOf(name.file))) {
      moveAside(error.path, this.pathOf(DAMAGED_NAME));
      emitMemoryEvent('corrupt', { service: this.#settings.service, error });
    }
    return true;
  }

  readonly #onDamage = (error: unknown): void => {
    emitMemoryEvent('corrupt', { service: this.#settings.service, error });
  };
}
