/**
 * Keeps a cache directory below a size by removing the least recently used entries. Several processes share the
 * directory and none knows what the others write, so each counts its own writes and looks at the whole directory when
 * its count says that the limit may be reached, or that it has written a tenth of it since it last looked. With P
 * processes it can be exceeded by (P - 1) tenths of the limit at most.
 */
import { type FileIdentity, takeAway } from './entry-files.js';

export interface SizedFile {
  readonly path: string;
  readonly identity: FileIdentity;
}

/** Eviction goes on down to this share of the limit, so that not every set has to evict. */
const LOW_WATER = 0.9;
/** Written without a look: the others do not see it before either. */
const LOOK_SHARE = 0.1;

export class SizeLimit {
  /** At the last look at the directory; undefined before the first look. */
  #seen: number | undefined;
  /** Written by this object since that look began: it may be in it, or not. */
  #written = 0;
  #evicting: Promise<number> | undefined;

  readonly #files: () => AsyncIterable<SizedFile>;

  constructor(
    readonly maxBytes: number,
    files: () => AsyncIterable<SizedFile>,
  ) {
    this.#files = files;
  }

  /** Counts a write, and evicts when that is due. `keep` is never evicted: it was used just now. */
  async wrote(byteLength: number, keep: string): Promise<void> {
    this.#written += byteLength;
    // A look that is under way may have begun before this write, and so may have passed it by: after it, count again.
    await this.#evicting?.catch(() => undefined);
    if (this.#isDue) await this.evict(keep);
  }

  get #isDue(): boolean {
    const most = Math.min(this.maxBytes * LOOK_SHARE, this.maxBytes - (this.#seen ?? 0));
    return this.#seen === undefined || this.#written > most;
  }

  /** Looks at the directory and removes the entries used longest ago; returns how many. */
  async evict(keep?: string): Promise<number> {
    this.#evicting ??= this.#evictNow(keep).finally(() => {
      this.#evicting = undefined;
    });
    return this.#evicting;
  }

  async #evictNow(keep: string | undefined): Promise<number> {
    const found: SizedFile[] = [];
    let total = 0;
    // Unknown until the look is done: should it fail, the next write looks again.
    this.#seen = undefined;
    this.#written = 0;
    for await (const file of this.#files()) {
      found.push(file);
      total += file.identity.byteLength;
    }
    let removed = 0;
    if (total > this.maxBytes) {
      found.sort((a, b) => a.identity.usedMs - b.identity.usedMs);
      for (const { path, identity } of found) {
        if (total <= this.maxBytes * LOW_WATER) break;
        // Used or rewritten since it was listed: then it is not the oldest any more, and takeAway leaves it.
        if (path === keep || !(await takeAway(path, identity))) continue;
        total -= identity.byteLength;
        removed++;
      }
    }
    this.#seen = total;
    return removed;
  }
}
