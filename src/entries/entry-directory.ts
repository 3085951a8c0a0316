/**
 * A cache in a directory: one file per entry, written whole or not at all, shared by any number of processes without
 * locks.
 */
import path from 'node:path';
import { requireOptions } from '../arguments.js';
import { identifyFile, type OpenedFile, readEntryFile, takeAway, touchFile } from '../cache-directory/entry-files.js';
import { quarantineFile } from '../cache-directory/quarantine.js';
import { SizeLimit } from '../cache-directory/size-limit.js';
import { type CompressionOptions, resolveCompression } from '../codec/compression-options.js';
import type { DecodeLimit } from '../codec/decode-columns.js';
import { AtcError, isAtcError, shown } from '../errors.js';
import { emitMemoryEvent } from '../events.js';
import { unappliedError, whenApplied } from '../io/io-error.js';
import { firstDifference } from '../value/same-value.js';
import {
  decodeFrame,
  type EncodedValue,
  encodeFrame,
  FrameKind,
  MAX_STORED_VALUE_BYTES,
} from '../value/value-frame.js';
import { decodeEntryFrame, decodeEntryHeader, encodeEntry, entryPath, mostFileBytes } from './entry-file.js';
import type { EntryDirectoryOptions, EntryWriteOptions, StoredEntry } from './entry-options.js';
import { EntryWriter } from './entry-writer.js';
import { KeyQueue, Slots } from './key-queue.js';
import type { LegacyEntries } from './legacy/legacy-entries.js';
import { openEntry } from './open-entry.js';
import { removeEntry } from './remove-entry.js';
import { entryFiles, type PruneReport, removeEntries, sweepDirectory } from './upkeep.js';

/**
 * Keyed values in files of their own, complete or absent, for several processes at once. A damaged file is a miss, an
 * event, and moved aside.
 */
export class EntryDirectory {
  /** Absolute. */
  readonly directory: string;
  /** Files that this object found damaged. */
  damaged = 0;
  readonly #queue = new KeyQueue();
  readonly #reads = new Slots();
  readonly #limit: SizeLimit | undefined;
  #legacyEntries: Promise<LegacyEntries[]> | undefined;
  readonly #writer: EntryWriter;
  readonly #compression: CompressionOptions;
  readonly #valueLimit: Required<DecodeLimit>;
  readonly #mostFileBytes: number;

  readonly #options: EntryDirectoryOptions;

  /** Touches nothing: the directory is created by the first write. ARGUMENT for a wrong level or limit. */
  constructor(options: EntryDirectoryOptions) {
    this.#options = options;
    const { directory, maxBytes, maxValueBytes, mode = true } = options ?? {};
    if (typeof directory !== 'string' || directory === '') {
      throw new AtcError('ARGUMENT', 'a cache directory needs a path: { directory }', { key: 'directory' });
    }
    for (const [key, value] of Object.entries({ maxBytes, maxValueBytes })) {
      if (value === undefined || (typeof value === 'number' && value > 0)) continue;
      throw new AtcError('ARGUMENT', `${key} must be a number of bytes above 0, got ${shown(value)}`, { key });
    }
    const { level, algorithm } = resolveCompression(options);
    this.directory = path.resolve(directory);
    this.#writer = new EntryWriter(this.directory, options.durability);
    this.#valueLimit = { maxBytes: maxValueBytes ?? MAX_STORED_VALUE_BYTES };
    this.#mostFileBytes = mostFileBytes(this.#valueLimit.maxBytes);
    this.#compression = { level: mode === true ? level : 0, algorithm };
    this.#limit = maxBytes === undefined ? undefined : new SizeLimit(maxBytes, () => entryFiles(this.directory));
  }

  /**
   * The entry; undefined when there is none, it has expired, or its file is damaged (reported as an event, not thrown).
   */
  async get(key: string): Promise<StoredEntry | undefined> {
    requireKey(key);
    return this.#reads.within(() => this.#read(key));
  }

  async #read(key: string): Promise<StoredEntry | undefined> {
    const file = this.#pathOf(key);
    const opened = await openEntry(file, this.#mostFileBytes);
    if (opened === undefined) return this.#getLegacy(key);
    const entry = await this.#decode(file, opened, key);
    if (entry === undefined) return undefined;
    if (entry.expires <= Date.now()) {
      await whereAllowed(() => takeAway(file, opened.identity));
      emitMemoryEvent('miss', { ...this.#labels(key), reason: 'expired' });
      return undefined;
    }
    if (this.#limit) await whereAllowed(() => touchFile(file, opened.identity));
    emitMemoryEvent('hit', { ...this.#labels(key), bytes: opened.bytes.length });
    return entry;
  }

  /**
   * Stores the value as it is at the time of the call; resolves when every process can read it. Entries never expire by
   * default. Throws UNSUPPORTED with the path of what cannot be stored exactly (also a `fallback` event), ARGUMENT for
   * a time that is no number, CORRUPT where a symbolic link stands in place of a directory of the cache, IO.
   */
  async set(key: string, value: unknown, options: EntryWriteOptions = {}): Promise<void> {
    requireKey(key);
    requireOptions(options, 'set');
    const { expires = Infinity, isBare = false, origin = 0 } = options;
    requireTime(expires);
    const { bytes: frame, plainBytes } = this.#encode(key, value);
    const bytes = encodeEntry({ key, expires, isBare, origin }, frame);
    const sizes = { ...this.#labels(key), bytesBefore: plainBytes, bytesAfter: bytes.length };
    if (this.#options.mode === 'verify') {
      const difference = firstDifference(decodeFrame(frame, this.#valueLimit), value);
      if (difference === undefined) emitMemoryEvent('verified', sizes);
      else emitMemoryEvent('difference', { ...this.#labels(key), reason: `${difference} decodes to another value` });
    }
    const file = this.#pathOf(key);
    await this.#queue.run(key, async () => {
      await this.#writer.write(file, bytes);
      // Superseded: it must not reappear once this entry has expired or been deleted.
      await whenApplied(file, () => this.#removeLegacy(key));
    });
    emitMemoryEvent('write', sizes);
    await whenApplied(file, async () => this.#limit?.wrote(bytes.length, file));
  }

  #encode(key: string, value: unknown): EncodedValue {
    try {
      return encodeFrame(value, FrameKind.entry, { ...this.#compression, ...this.#valueLimit });
    } catch (error) {
      // Hosts swallow what a store throws: without an event nobody would learn why nothing is cached.
      if (isAtcError(error, 'UNSUPPORTED'))
        emitMemoryEvent('fallback', { ...this.#labels(key), reason: error.message });
      throw error;
    }
  }

  /** True when there was one. An error with `applied: true` means that it is deleted all the same. */
  async delete(key: string): Promise<boolean> {
    requireKey(key);
    return this.#queue.run(key, async () => {
      const file = this.#pathOf(key);
      // What it supersedes goes first: a failure leaves the newer one, which is the entry.
      const hadLegacy = await this.#removeLegacy(key).catch(async (error: unknown) => {
        throw (await identifyFile(file)) === undefined ? error : unappliedError(error);
      });
      return (await removeEntry(file)) || hadLegacy;
    });
  }

  /** Removes the entries whose keys begin with `prefix`, all of them by default. Files of others stay. */
  async clear(prefix = ''): Promise<void> {
    requireKey(prefix);
    await this.#queue.settled();
    await removeEntries(this.directory, prefix);
    for (const legacy of await this.#legacy()) {
      const keys: string[] = [];
      for await (const { key } of legacy.entries()) if (key.startsWith(prefix)) keys.push(key);
      if (keys.length > 0) await legacy.removeAll(keys);
    }
  }

  /** Every entry whose key begins with `prefix` and that has not expired, in no particular order. */
  async *entries(prefix = ''): AsyncGenerator<StoredEntry, void> {
    requireKey(prefix);
    for await (const { path: file } of entryFiles(this.directory)) {
      const opened = await readEntryFile(file, Infinity, this.#mostFileBytes);
      const entry = opened && (await this.#decode(file, opened));
      if (entry?.key.startsWith(prefix) && entry.expires > Date.now()) yield entry;
    }
    for (const legacy of await this.#legacy()) {
      for await (const { key, value, expires } of legacy.entries((_, error) => this.#report(error, undefined))) {
        const isHidden = !key.startsWith(prefix) || expires <= Date.now();
        // Both are there for a moment while an entry is superseded or migrated.
        if (isHidden || (await identifyFile(this.#pathOf(key)))) continue;
        yield { key, value, expires, isBare: false, origin: 0 };
      }
    }
  }

  /** Removes what has expired, what dead processes left unfinished, and what exceeds the size limit. */
  async prune(): Promise<PruneReport> {
    const swept = await sweepDirectory(this.directory);
    return { ...swept, evicted: (await this.#limit?.evict()) ?? 0 };
  }

  /** Resolves when all requested writes are done. */
  async settled(): Promise<void> {
    await this.#queue.settled();
  }

  #pathOf(key: string): string {
    return path.join(this.directory, entryPath(key));
  }

  /** `key` is what the file should hold; a file that holds another one is not it. */
  async #decode(file: string, opened: OpenedFile, key?: string): Promise<StoredEntry | undefined> {
    try {
      if (opened.bytes.length === 0 && opened.identity.byteLength > this.#mostFileBytes) {
        throw new AtcError(
          'ARGUMENT',
          `${file} has ${opened.identity.byteLength} bytes, more than a value may take; raise maxValueBytes`,
          { path: file },
        );
      }
      const header = decodeEntryHeader(opened.bytes);
      if (typeof header === 'number' || (key !== undefined && header.key !== key)) return undefined;
      const { key: own, expires, isBare, origin } = header;
      // An expired value is not looked at.
      const value = expires > Date.now() ? decodeEntryFrame(opened.bytes, header, this.#valueLimit) : undefined;
      return { key: own, expires, isBare, origin, value };
    } catch (error) {
      const isDamage = isAtcError(error, 'CORRUPT');
      const movedTo = isDamage
        ? await whereAllowed(() => quarantineFile(this.directory, file, opened.identity))
        : undefined;
      this.#report(error, movedTo, key);
      return undefined;
    }
  }

  #report(error: unknown, movedTo: string | undefined, key?: string): void {
    this.damaged++;
    emitMemoryEvent('corrupt', { ...this.#labels(key), error, movedTo });
    this.#options.onDamage?.(error, movedTo);
  }

  async #legacy(): Promise<readonly LegacyEntries[]> {
    if (this.#options.legacy === false) return [];
    this.#legacyEntries ??= lookForLegacy(this.directory, this.#valueLimit.maxBytes).catch((error: unknown) => {
      // Not remembered: a look that failed (no descriptor left, a directory that could not be read) is repeated.
      this.#legacyEntries = undefined;
      throw error;
    });
    return this.#legacyEntries;
  }

  async #getLegacy(key: string): Promise<StoredEntry | undefined> {
    for (const legacy of await this.#legacy()) {
      try {
        const entry = await legacy.read(key);
        if (entry === undefined || entry.expires <= Date.now()) continue;
        emitMemoryEvent('legacy', this.#labels(key));
        return { key, value: entry.value, expires: entry.expires, isBare: false, origin: 0 };
      } catch (error) {
        // Larger than a value may be: not damaged, so it stays.
        const isTooLarge = isAtcError(error, 'ARGUMENT');
        if (isTooLarge) this.#report(error, undefined, key);
        if (isTooLarge) continue;
        if (!isAtcError(error, 'CORRUPT') || error.path === undefined) throw error;
        const damaged = error.path;
        const seen = await identifyFile(damaged);
        this.#report(error, seen && (await whereAllowed(() => quarantineFile(this.directory, damaged, seen))), key);
      }
    }
    emitMemoryEvent('miss', { ...this.#labels(key), reason: 'absent' });
    return undefined;
  }

  async #removeLegacy(key: string): Promise<boolean> {
    let removed = false;
    for (const legacy of await this.#legacy()) {
      try {
        removed = (await legacy.remove(key)) || removed;
      } catch (error) {
        // It cannot be read, so it is not served either.
        if (!isAtcError(error, 'CORRUPT') && !isAtcError(error, 'ARGUMENT')) throw error;
      }
    }
    return removed;
  }

  #labels(key: string | undefined): { service?: string; key?: string } {
    return { service: this.#options.service, key };
  }
}

/** A key that is no text would not be found again, or under the key of another value. */
function requireKey(key: unknown): void {
  if (typeof key !== 'string') throw new AtcError('ARGUMENT', `a key must be a text, got ${shown(key)}`);
}

function requireTime(expires: unknown): void {
  if (typeof expires === 'number' && !Number.isNaN(expires)) return;
  const message = `expires must be a time in ms, or Infinity for never, got ${shown(expires)}`;
  throw new AtcError('ARGUMENT', message, { key: 'expires' });
}

/** For changes that reading makes on the disk: a directory that is read-only or full can still be read. */
async function whereAllowed<T>(change: () => Promise<T>): Promise<T | undefined> {
  try {
    return await change();
  } catch (error) {
    if (isAtcError(error, 'IO')) return undefined;
    throw error;
  }
}

/** Loaded when a directory is first looked at: an import of the package does not pay for it. */
async function lookForLegacy(directory: string, maxBytes: number): Promise<LegacyEntries[]> {
  const { openLegacy } = await import('./legacy/open-legacy.js');
  return openLegacy(directory, maxBytes);
}
