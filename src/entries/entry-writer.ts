/**
 * Writes the files of entries as safely as was asked, and as safely as others were promised.
 *
 * `.atc-power` in a directory means that an entry was acknowledged with `power` there: from then on every write is
 * synced, whatever its own durability is. An unsynced file that replaces a synced one would undo it, because after a
 * power cut the name may stand for neither. The mark is on the disk before the first such entry is.
 */
import path from 'node:path';
import { writeFileAtomic } from '../io/atomic-file.js';
import { type Durability, syncDirectory, syncFile } from '../io/durability.js';
import { whenApplied } from '../io/io-error.js';
import { isRealFile, refuseLinks } from '../io/own-path.js';

const MARK = '.atc-power';

export class EntryWriter {
  /** Directories whose own names are on the disk. */
  readonly #synced = new Set<string>();
  readonly #directory: string;
  readonly #durability: Durability;
  readonly #mark: string;

  constructor(directory: string, durability: Durability = 'process') {
    this.#directory = directory;
    this.#durability = durability;
    this.#mark = path.join(directory, MARK);
  }

  /** `file` is in a directory of the cache's own. CORRUPT when a symbolic link stands at its location. */
  async write(file: string, bytes: Uint8Array): Promise<void> {
    const shard = path.dirname(file);
    refuseLinks(this.#directory, path.basename(shard));
    const isMarked = () => isRealFile(this.#mark);
    if (this.#durability === 'power' && !isMarked()) await writeFileAtomic(this.#mark, '');
    const durability = isMarked() ? 'power' : 'process';
    await writeFileAtomic(file, bytes, { durability });
    await whenApplied(file, async () => {
      if (durability === 'power') this.#syncNames(shard);
      else if (isMarked()) {
        // Marked during this write: what was replaced may have been a promise.
        syncFile(file);
        syncDirectory(shard);
      }
    });
  }

  /** The names of the directories above an entry, once each: another process may have made them without a sync. */
  #syncNames(shard: string): void {
    if (this.#synced.has(shard)) return;
    if (this.#synced.size === 0) syncDirectory(path.dirname(this.#directory));
    syncDirectory(this.#directory);
    this.#synced.add(shard);
  }
}
