/** What is known of a version that stays. */

/** A version of a dataset that `openDataset` opens with `asOf`. */
export interface SnapshotInfo {
  /** Undefined for a generation that is retained without a name. */
  readonly name?: string;
  /** The number of its generation. */
  readonly generation: number;
  /** When that generation was published, UTC ms. */
  readonly publishedMs: number;
  /** When it was named or retained, UTC ms. */
  readonly takenMs: number;
  /** Identifies the content bit by bit: the same for the same candles. */
  readonly snapshotId: string;
  /** Number of its symbols. */
  readonly symbols: number;
  /** Candles of all symbols. */
  readonly rows: number;
  /** Of all files that it needs, its own file included. */
  readonly bytes: number;
  /** Of those that nothing else needs, neither the current version nor another one: what deleting it gives back. */
  readonly ownBytes: number;
  /** Of those that it shares. */
  readonly sharedBytes: number;
}
