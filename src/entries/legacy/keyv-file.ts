/**
 * Files of keyv-file 5 (https://github.com/zaaack/keyv-file): all entries in one JSON file `{ cache: [[key, { expire,
 * value }], …], lastExpire }`, or with `separatedFile` one file `{ expire, value }` per entry, named by its key.
 */
import path from 'node:path';
import {
  type FileIdentity,
  identifyFile,
  listDirectory,
  readEntryFile,
  removeFile,
} from '../../cache-directory/entry-files.js';
import { AtcError } from '../../errors.js';
import { writeFileAtomic } from '../../io/atomic-file.js';
import { acquireLock } from '../../io/process-lock.js';
import { closeKeyvItem, expiryOf, keyvJson, openKeyvItem, parseKeyvJson } from './keyv-item.js';
import type { LegacyEntries, LegacyEntry, LegacyFormat, LegacyItems } from './legacy-entries.js';
import { readLegacyFile, textWithin } from './legacy-file.js';

type CommonFormat = Extract<LegacyFormat, { name: 'keyv-file' }>;

interface Stored {
  readonly expire?: number;
  readonly value: unknown;
}

/** Other programs begin JSON like this too: what is no entry is ignored, and its neighbours are served. */
function isStored(found: unknown): found is Stored {
  return typeof found === 'object' && found !== null && 'value' in found;
}

/** How such a file begins; `cache` is an object in files of version 0. */
const COMMON_START = /^\{"cache":[[{]/;
const SEPARATED_START = /^\{"(expire|value)":/;
const SEPARATED_NAME = /^(?:[0-9a-zA-Z\u007f-\uffff]|_[0-9a-f]{2})+$/;
const START_BYTES = 16;
/** Held by the process that rewrites a common file. */
const LOCK = 'keyv-file';

/** The readers of what is in a directory. */
export async function openKeyvFiles(directory: string, maxBytes: number): Promise<LegacyEntries[]> {
  const found: LegacyEntries[] = [];
  let isSeparated = false;
  for (const entry of await listDirectory(directory)) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const isNamedByKey = SEPARATED_NAME.test(entry.name);
    // Every separated entry looks like the first.
    if (isNamedByKey && isSeparated) continue;
    const opened = await readEntryFile(path.join(directory, entry.name), START_BYTES);
    const start = Buffer.from(opened?.bytes ?? []).toString('latin1');
    if (COMMON_START.test(start)) found.push(new KeyvFileEntries(directory, entry.name));
    else if (isNamedByKey && SEPARATED_START.test(start)) isSeparated = true;
  }
  return isSeparated ? [...found, new SeparatedEntries(directory, maxBytes)] : found;
}

export class KeyvFileEntries implements LegacyEntries {
  readonly name = 'keyv-file';
  #loaded: { identity: FileIdentity; entries: Map<string, unknown>; lastExpire: unknown } | undefined;

  /** Settles with the change that was requested last. */
  #turn: Promise<unknown> = Promise.resolve();

  readonly #directory: string;
  readonly #file: string;

  constructor(directory: string, file: string) {
    this.#directory = directory;
    this.#file = file;
  }

  async read(key: string): Promise<LegacyEntry | undefined> {
    const { entries, share } = await this.#load();
    const found = entries.get(key);
    return isStored(found) ? this.#entryOf(key, found, share) : undefined;
  }

  async remove(key: string): Promise<boolean> {
    return this.#change([key], (entries) => entries.delete(key));
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    await this.#change(keys, (entries) => {
      for (const key of keys) entries.delete(key);
    });
  }

  async *entries(onDamage?: (file: string, error: unknown) => void): AsyncGenerator<LegacyEntry, void> {
    try {
      const { entries, share } = await this.#load();
      for (const [key, found] of [...entries]) if (isStored(found)) yield this.#entryOf(key, found, share);
    } catch (error) {
      onDamage?.(path.join(this.#directory, this.#file), error);
    }
  }

  async writeAll(entries: readonly LegacyEntry[]): Promise<void> {
    await this.#alone((known) => {
      for (const { key, value, expires, format } of entries) known.set(key, stored(value, expires, format.items));
      return true;
    });
  }

  async #change(keys: readonly string[], apply: (entries: Map<string, unknown>) => void): Promise<boolean> {
    const isThere = (entries: Map<string, unknown>) => keys.some((key) => entries.has(key));
    // Nearly always: what was superseded once is not there any more, and no lock is needed.
    if (!isThere((await this.#load()).entries)) return false;
    return this.#alone((entries) => {
      if (!isThere(entries)) return false;
      apply(entries);
      return true;
    });
  }

  /**
   * Reads, changes and writes the file, which holds the entries of all: one after the other, in this process and
   * between processes, or the later write would restore what the earlier one removed.
   */
  async #alone(apply: (entries: Map<string, unknown>) => boolean): Promise<boolean> {
    const mine = this.#turn.then(async () => {
      const lock = await acquireLock(this.#directory, LOCK);
      try {
        const { entries, lastExpire } = await this.#load();
        const isChanged = apply(entries);
        if (isChanged) await this.#save(entries, lastExpire);
        return isChanged;
      } finally {
        // Also when it could not be written: then the file is as it was, and what is in memory is not.
        this.#loaded = undefined;
        lock.release();
      }
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #save(entries: Map<string, unknown>, lastExpire: unknown): Promise<void> {
    const file = path.join(this.#directory, this.#file);
    if (entries.size === 0) await removeFile(file);
    else await writeFileAtomic(file, keyvJson({ cache: [...entries], lastExpire }));
  }

  /** Parsed once per generation of the file. */
  async #load() {
    const file = path.join(this.#directory, this.#file);
    const identity = await identifyFile(file);
    if (identity === undefined) return { entries: new Map<string, unknown>(), lastExpire: Date.now(), share: 0 };
    if (this.#loaded?.identity.inode !== identity.inode || this.#loaded.identity.writtenNs !== identity.writtenNs) {
      const opened = await readLegacyFile(file);
      this.#loaded = {
        identity: opened?.identity ?? identity,
        ...parseCommon(file, opened?.bytes ?? new Uint8Array()),
      };
    }
    const { entries, lastExpire } = this.#loaded;
    return { entries, lastExpire, share: identity.byteLength / Math.max(1, entries.size) };
  }

  #entryOf(key: string, found: Stored, share: number): LegacyEntry {
    const { items, ...rest } = opened(found);
    const format: CommonFormat = { name: this.name, file: this.#file, items };
    return { key, ...rest, byteLength: share, format };
  }
}

export class SeparatedEntries implements LegacyEntries {
  readonly name = 'keyv-file-separated';

  readonly #directory: string;
  readonly #maxBytes: number;

  /** `maxBytes`: most memory of one value. */
  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  async read(key: string): Promise<LegacyEntry | undefined> {
    return this.#readFile(fileOf(key), key);
  }

  async remove(key: string): Promise<boolean> {
    return SEPARATED_NAME.test(fileOf(key)) && removeFile(path.join(this.#directory, fileOf(key)));
  }

  async *entries(onDamage?: (file: string, error: unknown) => void): AsyncGenerator<LegacyEntry, void> {
    for (const entry of await listDirectory(this.#directory)) {
      if (!entry.isFile() || !SEPARATED_NAME.test(entry.name)) continue;
      try {
        const key = decodeURIComponent(entry.name.replaceAll('_', '%'));
        const found = await this.#readFile(entry.name, key);
        if (found !== undefined) yield found;
      } catch (error) {
        onDamage?.(path.join(this.#directory, entry.name), error);
      }
    }
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.remove(key);
  }

  async writeAll(entries: readonly LegacyEntry[]): Promise<void> {
    for (const { key, value, expires, format } of entries) {
      const text = keyvJson(stored(value, expires, format.items));
      await writeFileAtomic(path.join(this.#directory, fileOf(key)), text);
    }
  }

  async #readFile(file: string, key: string): Promise<LegacyEntry | undefined> {
    if (!SEPARATED_NAME.test(file)) return undefined;
    const full = path.join(this.#directory, file);
    const start = await readEntryFile(full, START_BYTES);
    // Any other file of the directory.
    if (start === undefined || !SEPARATED_START.test(Buffer.from(start.bytes).toString('latin1'))) return undefined;
    const read = await readLegacyFile(full, this.#maxBytes);
    if (read === undefined) return undefined;
    const text = textWithin(full, read.bytes, this.#maxBytes);
    const { items, ...rest } = opened(parsed(full, text) as Stored);
    return { key, ...rest, byteLength: read.bytes.length, format: { name: this.name, items } };
  }
}

/** Its SafeFilenameEncoder: ASCII that is no letter or digit as `_` and two hex digits, the rest as it is. */
function fileOf(key: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are escaped like the rest.
  return key.replaceAll(/[\u0000-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e]/g, (character) => {
    return `_${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

function parsed(file: string, text: string): unknown {
  try {
    return parseKeyvJson(text);
  } catch (cause) {
    throw new AtcError('CORRUPT', `${file} is damaged: it is no JSON`, { path: file, cause });
  }
}

function parseCommon(file: string, bytes: Uint8Array): { entries: Map<string, unknown>; lastExpire: unknown } {
  const { cache, lastExpire } = parsed(file, Buffer.from(bytes).toString()) as { cache: unknown; lastExpire: unknown };
  const pairs: unknown[] = Array.isArray(cache) ? cache : Object.entries(cache ?? {});
  const isPair = (pair: unknown): pair is [string, unknown] => Array.isArray(pair) && typeof pair[0] === 'string';
  return { entries: new Map(pairs.filter(isPair)), lastExpire };
}

function opened({ expire, value: item }: Stored): { value: unknown; expires: number; items: LegacyItems } {
  const { value, expires, items } = openKeyvItem(item);
  return { value, expires: Math.min(expires, expiryOf(expire)), items };
}

function stored(value: unknown, expires: number, items: LegacyItems): Stored {
  const item = closeKeyvItem(value, expires, items);
  return Number.isFinite(expires) ? { expire: expires, value: item } : { value: item };
}
