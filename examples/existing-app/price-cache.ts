import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Compressed } from 'atc-memory';
import { inject, injectable } from 'inversify';
import { type Folders, TYPES } from './types.js';

/** One JSON file per key. */
@injectable()
@Compressed({ id: 'PriceCache' })
export class PriceCache {
  #folder: string;
  #hits = 0;

  constructor(@inject(TYPES.Folders) folders: Folders) {
    this.#folder = folders.cache;
  }

  get hits(): number {
    return this.#hits;
  }

  async get(key: string): Promise<unknown> {
    try {
      const { value } = JSON.parse(await readFile(this.#file(key), 'utf8'));
      this.#hits++;
      return value;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async set(key: string, value: unknown): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#file(key), JSON.stringify({ key, value }));
  }

  async delete(key: string): Promise<void> {
    await rm(this.#file(key), { force: true });
  }

  async getOrSet<Value>(key: string, make: () => Promise<Value>): Promise<Value> {
    const found = await this.get(key);
    if (found !== undefined) return found as Value;
    const made = await make();
    await this.set(key, made);
    return made;
  }

  #file(key: string): string {
    return path.join(this.#folder, `${encodeURIComponent(key)}.json`);
  }
}
