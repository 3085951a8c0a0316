/** What other file caches left in a directory: the seam that reading, migrating and reverting go by. */

/**
 * Where and how a foreign entry is stored: enough to write it again as it was. JSON, because migrations remember it on
 * disk.
 */
export type LegacyFormat =
  | {
      readonly name: 'cache-manager-fs-hash';
      readonly zip: boolean;
      readonly subdirs: boolean;
      readonly hash: boolean;
      readonly items: LegacyItems;
    }
  /** All entries in one JSON file of that name. */
  | { readonly name: 'keyv-file'; readonly file: string; readonly items: LegacyItems }
  /** One JSON file per entry (`separatedFile`). */
  | { readonly name: 'keyv-file-separated'; readonly items: LegacyItems };

/**
 * What the cache was handed by its own user: the value, or Keyv's `{ value, expires }` as JSON text or as an object.
 */
export type LegacyItems = 'values' | 'keyv-text' | 'keyv-objects';

export interface LegacyEntry {
  readonly key: string;
  readonly value: unknown;
  /** UTC ms; Infinity for never. */
  readonly expires: number;
  /** What its files take, or its share of a common file. */
  readonly byteLength: number;
  readonly format: LegacyFormat;
}

export interface LegacyEntries {
  readonly name: LegacyFormat['name'];
  /** The entry, expired or not; undefined when there is none or its file is damaged. */
  read(key: string): Promise<LegacyEntry | undefined>;
  /** Removes its files; true when there were any. */
  remove(key: string): Promise<boolean>;
  /** The same for many; a file that holds many entries is rewritten once. */
  removeAll(keys: readonly string[]): Promise<void>;
  /** Writes entries of its format the way the original would, over those of the same keys. */
  writeAll(entries: readonly LegacyEntry[]): Promise<void>;
  /** Every entry; damaged files are handed to `onDamage` and stay. */
  entries(onDamage?: (file: string, error: unknown) => void): AsyncGenerator<LegacyEntry, void>;
}
