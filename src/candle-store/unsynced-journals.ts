/**
 * What a process has appended to the journals of a series and not seen on the disk yet. By number, not by open journal:
 * another process may seal one at any time, and this one may close and open its files, before the rows are safe.
 */
import path from 'node:path';
import { AtcError } from '../errors.js';
import { syncDirectory } from '../io/durability.js';
import type { Journal } from './journal.js';

/** Directories whose names lead to a series: its own, the symbol's, the exchange's and the store's. */
const LEVELS = 4;

/** The journals of a series as its files have them. */
interface SeriesJournals {
  readonly directory: string;
  readonly journals: readonly Journal[];
  /** Undefined when a segment has replaced it, which was on the disk before the journal was deleted. */
  reopen(generation: number): Journal | undefined;
}

export class UnsyncedJournals {
  readonly #series: SeriesJournals;
  /** Number of appends since the last sync that covered all of them. */
  readonly #appends = new Map<number, number>();
  readonly #failed = new Set<number>();
  #failure: unknown;
  /** Journals that were there before this process looked: whether a sync of them has failed is not known. */
  #inherited: ReadonlySet<number> | undefined;
  readonly #doubtful = new Set<number>();
  #hasNames = false;

  constructor(series: SeriesJournals) {
    this.#series = series;
  }

  appended(generation: number): void {
    this.#appends.set(generation, (this.#appends.get(generation) ?? 0) + 1);
  }

  /** The journals that the first look at the directory found. */
  inherit(generations: readonly number[]): void {
    this.#inherited ??= new Set(generations);
  }

  /** A row that the caller wants written is in this journal already, by whichever process. */
  repeated(generation: number): void {
    if (this.#inherited?.has(generation)) this.#doubtful.add(generation);
    else this.appended(generation);
  }

  /**
   * True when rows that are asked for stand in journals of which a sync may have failed before this process opened
   * them.
   */
  get isDoubtful(): boolean {
    return this.#doubtful.size > 0;
  }

  /** A sync has failed: the system may have dropped what it was to write, and a second sync would not report it. */
  get needsRewrite(): boolean {
    return this.#failed.size > 0;
  }

  /** @throws AtcError IO after a sync that failed, until the rows have been written anew. */
  requireRewritten(): void {
    if (!this.needsRewrite) return;
    const { directory } = this.#series;
    const reason = this.#failure instanceof Error ? ` (${this.#failure.message})` : '';
    throw new AtcError(
      'IO',
      `${directory}: an earlier sync failed${reason}, so candles written before it may not be on the disk; ` +
        'write again (any candles of this series), which writes them all anew, then flush',
      { path: directory, cause: this.#failure },
    );
  }

  /** The attempt to write anew failed. */
  notRewritten(error: unknown): void {
    this.#failure = error;
  }

  /** All journals are in segments now, which are synced. */
  rewritten(): void {
    for (const generation of [...this.#failed, ...this.#doubtful]) this.#appends.delete(generation);
    this.#failed.clear();
    this.#doubtful.clear();
    this.#inherited = new Set();
    this.#failure = undefined;
  }

  /** Resolves when everything appended before the call is on the disk, and the names of the directories with it. */
  async sync(): Promise<void> {
    await Promise.all([...this.#appends].map(([generation, count]) => this.#syncOne(generation, count)));
    if (this.#hasNames) return;
    let { directory } = this.#series;
    for (let level = 0; level < LEVELS; level++) syncDirectory((directory = path.dirname(directory)));
    this.#hasNames = true;
  }

  async #syncOne(generation: number, count: number): Promise<void> {
    const known = this.#series.journals.find((one) => one.generation === generation);
    const journal = known ?? this.#series.reopen(generation);
    try {
      await journal?.sync();
    } catch (error) {
      this.#failed.add(generation);
      this.#failure = error;
      throw error;
    } finally {
      if (known === undefined) journal?.close();
    }
    if (this.#appends.get(generation) === count) this.#appends.delete(generation);
  }
}
