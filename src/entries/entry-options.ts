/** What a directory of entries is given, and what it hands out. */
import type { CompressionOptions } from '../codec/compression-options.js';
import type { FeatureMode } from '../feature-mode.js';
import type { Durability } from '../io/durability.js';
import type { EntryFacts } from './entry-file.js';

/** Where entries are stored, how they are encoded and how many bytes they may take. */
export interface EntryDirectoryOptions extends CompressionOptions {
  /** Created by the first write. Several processes may share it. */
  readonly directory: string;
  /**
   * 'verify' compares before it writes; `false` and `'read'` write entries uncompressed; every mode reads what any
   * other wrote. Default true.
   */
  readonly mode?: FeatureMode;
  /** The least recently used entries are removed when the files take more than this. Default: no limit. */
  readonly maxBytes?: number;
  /**
   * Most memory in bytes that one value may take once it is decoded: a larger one is UNSUPPORTED when it is set; when
   * it is read it is a miss and a `corrupt` event, and its file stays. Default 512 MiB.
   */
  readonly maxValueBytes?: number;
  /**
   * 'process': an acknowledged entry survives kill -9; 'power': a power cut as well, for an fsync each. Default
   * 'process'.
   */
  readonly durability?: Durability;
  /** Serve what cache-manager-fs-hash and keyv-file left in the directory. Default true. */
  readonly legacy?: boolean;
  /** Name of the service in events. */
  readonly service?: string;
  /** Called for every file found damaged, with the path it was moved to; the entry counts as absent. Must not throw. */
  readonly onDamage?: (error: unknown, movedTo: string | undefined) => void;
}

/** An entry as it is read back. */
export interface StoredEntry extends EntryFacts {
  /** Decoded anew on every read: the caller owns it. */
  readonly value: unknown;
}

/** What may be stated about a value when it is set. */
export type EntryWriteOptions = Partial<Pick<EntryFacts, 'expires' | 'isBare' | 'origin'>>;
