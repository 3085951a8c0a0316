/** Keeps a directory of entries below a size by removing those used longest ago. */
import { ByteBudget } from './byte-budget.js';
import { type FileIdentity, takeAway } from './entry-files.js';

export interface SizedFile {
  readonly path: string;
  readonly identity: FileIdentity;
}

export class SizeLimit {
  readonly #budget: ByteBudget;
  readonly #files: () => AsyncIterable<SizedFile>;
  #evicting: Promise<number> | undefined;

  constructor(maxBytes: number, files: () => AsyncIterable<SizedFile>) {
    this.#budget = new ByteBudget(maxBytes);
    this.#files = files;
  }

  /** Counts a write, and evicts when that is due. `keep` is never evicted: it was used just now. */
  async wrote(byteLength: number, keep: string): Promise<void> {
    this.#budget.wrote(byteLength);
    // A look that is under way may have begun before this write, and so may have passed it by: after it, count again.
    await this.#evicting?.catch(() => undefined);
    if (this.#budget.isDue) await this.evict(keep);
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
    this.#budget.startLook();
    for await (const file of this.#files()) {
      found.push(file);
      total += file.identity.byteLength;
    }
    let removed = 0;
    if (total > this.#budget.maxBytes) {
      found.sort((a, b) => a.identity.usedMs - b.identity.usedMs);
      for (const { path, identity } of found) {
        if (total <= this.#budget.lowWater) break;
        // Used or rewritten since it was listed: then it is not the oldest any more, and takeAway leaves it.
        if (path === keep || !(await takeAway(path, identity))) continue;
        total -= identity.byteLength;
        removed++;
      }
    }
    this.#budget.endLook(total);
    return removed;
  }
}
