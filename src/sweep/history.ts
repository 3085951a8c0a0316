/** The history of a sweep: what of it trials see, and what identifies it. */
import { requireMethodsOf } from '../arguments.js';
import { DirectoryDataset } from '../dataset/directory-dataset.js';
import type { History } from '../dataset/history/history.js';
import { RowsDigest } from '../dataset/rows-digest.js';
import { AtcError, shown } from '../errors.js';
import { createHash } from '../io/crypto.js';
import type { CandleTable, Dataset } from '../table.js';

/** Symbols of a sweep, in the order of the dataset. */
export interface SweepHistory {
  readonly tables: readonly CandleTable[];
  /** Identifies every bit that trials can see. */
  readonly snapshot: string;
  /** Set when worker threads can open the history themselves. */
  readonly dataset: DirectoryDataset | undefined;
}

export function sweepHistory({ dataset }: History): SweepHistory {
  const tables = dataset.symbols.map((symbol) => dataset.table(symbol));
  const onDisk = dataset instanceof DirectoryDataset ? dataset : undefined;
  return { tables, snapshot: snapshotIdOf(dataset), dataset: onDisk };
}

/**
 * Identifies every bit of a history, wherever it is: the `snapshotId` of a dataset on disk, a digest of what is in
 * memory, which is read for it. 32 hexadecimal digits; the two of the same rows differ.
 */
export function snapshotIdOf(dataset: Dataset): string {
  requireMethodsOf(dataset, ['table'], 'a dataset');
  if (!Array.isArray(dataset.symbols)) {
    throw new AtcError('ARGUMENT', `symbols of the dataset must be a list, got ${shown(dataset.symbols)}`);
  }
  if (dataset instanceof DirectoryDataset) return dataset.snapshotId;
  return digestOf(dataset.symbols.map((symbol) => dataset.table(symbol)));
}

/** Rows of a table before its holdout. */
export function searchedRows(table: CandleTable, holdout: number): number {
  return table.length - Math.round(table.length * holdout);
}

function digestOf(tables: readonly CandleTable[]): string {
  const hash = createHash('sha256');
  for (const table of tables) {
    const rows = new RowsDigest();
    for (const { columns, length } of table.blocks(table.columns)) {
      for (const name of table.columns) rows.update(name, columns[name].subarray(0, length));
    }
    hash.update(`${JSON.stringify([table.symbol, table.length, table.columns])}\0${rows.digest()}`);
  }
  return hash.digest('hex').slice(0, 32);
}
