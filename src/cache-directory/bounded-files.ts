/**
 * Small files in a directory that several processes share, up to a size: those that were not used for longest go first.
 * What they hold is the caller's to check; a file that is removed while it is read is absent, never in part. No link
 * below the directory is followed: what another program put there is not read, listed or removed.
 */
import { lstat, unlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { readFileIfPresent, writeFileAtomic } from '../io/atomic-file.js';
import { createHash } from '../io/crypto.js';
import { entryNames } from '../io/directory-entries.js';
import { attemptAsync, systemCode } from '../io/io-error.js';
import { isRealDirectory, refuseLinks } from '../io/own-path.js';
import { sweepTraces } from '../io/temporary.js';
import { ByteBudget } from './byte-budget.js';

/** Files are spread over 256 directories by the first byte of the hash of their key. */
const FOLDER = /^[0-9a-f]{2}$/;
const FILE = /^[0-9a-f]{62}\.atc-part$/;

export class BoundedFiles {
  readonly #directory: string;
  readonly #budget: ByteBudget;
  #look: Promise<void> | undefined;

  /** The directory is made with the first file. */
  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#budget = new ByteBudget(maxBytes);
  }

  /** The bytes under a key, `length` of them, which count as used now; undefined where there are none or others. */
  async get(key: string, length: number): Promise<Uint8Array | undefined> {
    const file = this.#fileOf(key);
    // Before it is read: a file of any size may stand there.
    const facts = await factsOf(file);
    if (facts?.isFile() !== true || facts.size !== length || !isRealDirectory(path.dirname(file))) return undefined;
    const bytes = await readFileIfPresent(file);
    if (bytes === undefined) return undefined;
    const now = new Date();
    // On a file system that is read-only, or removed meanwhile: then it is not the newest.
    await utimes(file, now, now).catch(() => undefined);
    return bytes;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const file = this.#fileOf(key);
    refuseLinks(this.#directory, path.basename(path.dirname(file)));
    await writeFileAtomic(file, bytes, { durability: 'process' });
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
    return path.join(this.#directory, name.slice(0, 2), `${name.slice(2)}.atc-part`);
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

  /** With each look what killed processes left unfinished goes too. */
  async #list() {
    const files: { file: string; size: number; usedMs: number }[] = [];
    for (const folder of entryNames(this.#directory).directories) {
      if (!FOLDER.test(folder)) continue;
      const directory = path.join(this.#directory, folder);
      sweepTraces(directory);
      for (const name of entryNames(directory).files) {
        const file = path.join(directory, name);
        const facts = FILE.test(name) ? await factsOf(file) : undefined;
        if (facts?.isFile() === true) files.push({ file, size: facts.size, usedMs: facts.mtimeMs });
      }
    }
    return files;
  }
}

/** Of the file or link itself; undefined where there is none, or none that this process may look at. */
function factsOf(file: string) {
  return lstat(file).catch(() => undefined);
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
