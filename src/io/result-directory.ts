/** Results of jobs as files of a directory that several machines see: complete or absent, checked, removed by age. */
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { requirePath } from '../arguments.js';
import { AtcError } from '../errors.js';
import { readFileIfPresent, writeFileAtomic } from './atomic-file.js';
import { createHash } from './crypto.js';
import { entryNames, removeFile } from './directory-entries.js';

const KEY = /^[0-9a-f]{64}$/;
/** A result, or what a process that was killed has left of one. */
const OWN = /^(?:[0-9a-f]{64}\.part|\.[0-9a-f]{40}\..+\.atc-tmp)$/;

/** A directory of results, each in a file that is named after its key. */
export class ResultDirectory {
  readonly #directory: string;

  /** The directory need not be there; the first result makes it. */
  constructor(directory: string) {
    requirePath(directory, 'the directory of results');
    this.#directory = directory;
  }

  /**
   * The file of a key.
   *
   * @throws AtcError ARGUMENT for a key that is not 64 hexadecimal digits: it may come from elsewhere, and is part of a
   * path.
   */
  file(key: string): string {
    if (KEY.test(key)) return path.join(this.#directory, `${key}.part`);
    throw new AtcError('ARGUMENT', 'the key of a result is a SHA-256: 64 hexadecimal digits, lower case', { key });
  }

  /** Writes the bytes of a result, which are there complete or not at all; a result that is there is replaced. */
  async write(key: string, bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(this.file(key), bytes);
  }

  /**
   * The bytes of a result, whose SHA-256 must be this one.
   *
   * @throws AtcError IO where there is no such file, CORRUPT when its bytes are others.
   */
  async read(key: string, sha256: string): Promise<Uint8Array> {
    const file = this.file(key);
    const bytes = await readFileIfPresent(file);
    if (bytes === undefined) throw new AtcError('IO', `there is no result ${file}`, { path: file });
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found === sha256) return bytes;
    throw new AtcError(
      'CORRUPT',
      `${file} has the SHA-256 ${found}, not ${sha256}; it is not used: remove it, and its work is done again`,
      { path: file },
    );
  }

  /** Removes a result; one that is not there is fine. What the system holds stays for `removeOlderThan`. */
  remove(key: string): void {
    removeFile(this.file(key));
  }

  /**
   * Removes results that were written longer ago, in ms, and unfinished ones of that age; other files stay. Several
   * processes may do so at once. Returns how many it removed.
   */
  async removeOlderThan(ageMs: number): Promise<number> {
    const nowMs = Date.now();
    let removed = 0;
    for (const name of entryNames(this.#directory).files) {
      if (!OWN.test(name)) continue;
      const file = path.join(this.#directory, name);
      try {
        if (nowMs - (await stat(file)).mtimeMs <= ageMs) continue;
        await rm(file);
        removed += 1;
      } catch {
        // Another process was faster, or may not; the next look comes.
      }
    }
    return removed;
  }
}
