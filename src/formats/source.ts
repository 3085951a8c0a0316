/** What a user may hand over as history -> pieces. Paths are looked at here: a CSV file, several of them, or a dataset. */
import path from 'node:path';
import { AtcError } from '../errors.js';
import { diskUsage } from '../io/disk-usage.js';
import { isDirectory } from '../io/path-kind.js';
import { readSourceAsync } from '../io/source-reader.js';
import type { Dataset } from '../table.js';
import { batchesOf, type PieceSource, type RowBatch } from './batch.js';
import { batchesOfCsv } from './csv-batches.js';

/** A path, several paths, columns of one symbol, or an (async) iterable of columns or of candles that name their symbol. */
export type HistorySource = string | readonly string[] | PieceSource;

export interface SourceOptions {
  readonly signal?: AbortSignal;
  /** Opens a directory; given by whoever knows datasets, so that this file need not. */
  readonly open: (directory: string) => Dataset;
  /** For paths: the share of their bytes that has been read, 0 to 1. */
  readonly onShare?: (share: number) => void;
}

export async function* batchesOfSource(source: HistorySource, options: SourceOptions): AsyncGenerator<RowBatch> {
  if (typeof source === 'string') yield* batchesOfPaths([source], options);
  else if (isPaths(source)) yield* batchesOfPaths(source, options);
  else yield* batchesOf(source as PieceSource);
}

async function* batchesOfPaths(paths: readonly string[], options: SourceOptions): AsyncGenerator<RowBatch> {
  const sizes = options.onShare === undefined ? [] : paths.map((one) => diskUsage(one).byteLength);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let before = 0;
  for (const [k, one] of paths.entries()) {
    const start = before;
    yield* batchesOfPath(one, options, (share) => options.onShare?.((start + share * sizes[k]) / total));
    before += sizes[k];
  }
}

/** An empty list counts as paths: nothing to read is said here, not as an empty dataset later. */
function isPaths(source: HistorySource): source is readonly string[] {
  if (!Array.isArray(source)) return false;
  if (source.length === 0)
    throw new AtcError('ARGUMENT', 'no source given: name a CSV file, a dataset directory, or pass columns');
  return source.every((item) => typeof item === 'string');
}

async function* batchesOfPath(
  file: string,
  { signal, open }: SourceOptions,
  onShare: (share: number) => void,
): AsyncGenerator<RowBatch> {
  if (isDirectory(file)) {
    yield* batchesOfDataset(open(file), onShare);
    return;
  }
  const { byteLength } = diskUsage(file);
  const onBytes = (bytes: number) => onShare(bytes / byteLength);
  yield* batchesOfCsv(readSourceAsync(file, { signal, onBytes }), { path: file, symbol: symbolOfFile(file) });
}

/** Rows of a file without a symbol column belong to the symbol its name begins with: `BTCUSDT.csv.gz` -> BTCUSDT. */
export function symbolOfFile(file: string): string {
  return path
    .basename(file)
    .replace(/\.gz$/i, '')
    .replace(/\.(csv|tsv|txt)$/i, '');
}

async function* batchesOfDataset(dataset: Dataset, onShare: (share: number) => void): AsyncGenerator<RowBatch> {
  try {
    const tables = dataset.symbols.map((symbol) => dataset.table(symbol));
    const total = tables.reduce((sum, { length }) => sum + length, 0);
    let done = 0;
    for (const table of tables) {
      for (const { columns, length } of table.blocks(table.columns)) {
        onShare((done += length) / total);
        yield* batchesOf({ symbol: table.symbol, columns });
      }
    }
  } finally {
    dataset.close();
  }
}
