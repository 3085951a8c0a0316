/** What `atc migrate` is given, for each kind of host. */
import type { CompressionAlgorithm, CompressionLevel } from '../codec/codec.js';

export interface MigrateFlags {
  readonly backtestKit?: string;
  readonly store?: string;
  readonly dryRun?: boolean;
  readonly revert?: boolean;
  readonly level?: CompressionLevel;
  readonly algorithm?: CompressionAlgorithm;
  readonly json?: boolean;
}
