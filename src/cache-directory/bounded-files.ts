/**
 * Small files in a directory that several processes share, up to a size: those that were not used for longest go first.
 * What they hold is the caller's to check; a file that is removed while it is read is absent, never in part.
 */
import { readdir, stat, unlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { readFileIfPresent, writeFileAtomic } from '../io/atomic-file.js';
import { createHash } from '../io/crypto.js';
import { attemptAsync, systemCode } from '../io/io-error.js';
import { ByteBudget } from './byte-budget.js';

const ENDING = '.atc-part';

export class BoundedFiles {
  readonly #directory: string;
  readonly #budget: ByteBudget;
  #look: Promise<void> | undefined;

  /** The directory is made with the first file. */
  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#budget = new ByteBudget(maxBytes);
  }

  /** The bytes under a key, which count as used now; undefined where there are none. */
  async get(key: string): Promise<Uint8Array | undefined> {
    const file = this.#fileOf(key);
    const bytes = await readFileIfPresent(file);
    if (bytes === undefined) return undefined;
    const now = new Date();
    // On a file system that is read-only, or removed meanwhile: then it is not the newest.
    await utimes(file, now, now).catch(() => undefined);
    return bytes;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(this.#fileOf(key), bytes, { durability: 'process' });
    this.#budget.wrote(bytes.length);
    if (!this.#budget.isDue) return;
    this.#look ??= this.#enforce().finally(() => {
      this.#look = undefined;
    });
    await this.#look;
  }

  async remove(key: string): Promise<void> {
    await removeIfPresent(this.#fileOf(key));
  }

  #fileOf(key: string): string {
    const name = createHash('sha256').update(key).digest('hex');
    return path.join(this.#directory, name.slice(0, 2), `${name.slice(2)}${ENDING}`);
  }

  async #enforce(): Promise<void> {
    this.#budget.startLook();
    const files = await this.#list();
    let total = files.reduce((sum, { size }) => sum + size, 0);
    if (total > this.#budget.maxBytes) {
      files.sort((a, b) => a.usedMs - b.usedMs);
      for (const { file, size } of files) {
        if (total <= this.#budget.lowWater) break;
        await removeIfPresent(file);
        total -= size;
      }
    }
    this.#budget.endLook(total);
  }

  async #list() {
    const files: { file: string; size: number; usedMs: number }[] = [];
    const names = await attemptAsync('list', this.#directory, () => readdir(this.#directory, { recursive: true }));
    for (const name of names) {
      if (!name.endsWith(ENDING)) continue;
      const file = path.join(this.#directory, name);
      const facts = await stat(file).catch(() => undefined);
      if (facts !== undefined) files.push({ file, size: facts.size, usedMs: facts.mtimeMs });
    }
    return files;
  }
}

async function removeIfPresent(file: string): Promise<void> {
  await attemptAsync('remove', file, async () => {
    try {
      await unlink(file);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  });
}
