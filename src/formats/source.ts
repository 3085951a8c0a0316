/**
 * What a user may hand over as history -> batches of rows. Paths are looked at here: files, folders, patterns,
 * datasets, standard input.
 */
import { AtcError } from '../errors.js';
import { diskUsage } from '../io/disk-usage.js';
import { filesBelow, isPattern, matchPattern, patternRoot } from '../io/expand-paths.js';
import { isDirectory } from '../io/path-kind.js';
import { requireLocal } from '../remote-url.js';
import type { Dataset } from '../table.js';
import { batchesOf, type PieceSource, type RowBatch } from './batch.js';
import { type FrameSource, isFrameSource } from './frame-source.js';
import { requireImportOptions, timeBound } from './options.js';
import { inRange } from './order/range.js';
import type { ListedPath, SourceOptions } from './source-options.js';
import { batchesOfTables, isTableSource, type TableSource } from './table-source.js';

/**
 * A path, several paths, columns of one symbol, or an (async) iterable of columns or of candles that name their symbol.
 * A path is a file of any format that is known, a folder of such files, a pattern (`data/*.csv`), a dataset, or `-` for
 * standard input. Tables and datasets that are open are sources as well, and so are tables that apache-arrow,
 * nodejs-polars, arquero or DuckDB hold in memory.
 */
export type HistorySource = string | readonly string[] | PieceSource | FrameSource | TableSource;

export async function* batchesOfSource(source: HistorySource, options: SourceOptions): AsyncGenerator<RowBatch> {
  if (typeof source === 'string') yield* batchesOfPaths([source], options);
  else if (isPaths(source)) yield* batchesOfPaths(source, options);
  else if (isTableSource(source)) yield* batchesOfTables(source);
  else if (isFrameSource(source)) yield* (await import('./frames.js')).batchesOfFrame(source, options);
  else yield* batchesOf(source as PieceSource);
}

/** An empty list counts as paths: that there is nothing to read is reported here, not as an empty dataset later. */
function isPaths(source: HistorySource): source is readonly string[] {
  if (!Array.isArray(source)) return false;
  if (source.length === 0)
    throw new AtcError('ARGUMENT', 'no source given: name a CSV file, a dataset directory, or pass columns');
  return source.every((item) => typeof item === 'string');
}

async function* batchesOfPaths(given: readonly string[], options: SourceOptions): AsyncGenerator<RowBatch> {
  requireImportOptions(options);
  const paths = given.flatMap(expand);
  const sizes =
    options.onShare === undefined ? [] : paths.map(({ path }) => (path === '-' ? 0 : diskUsage(path).byteLength));
  const total = sizes.reduce((sum, size) => sum + size, 0) || 1;
  const isDataset = ({ path }: ListedPath) => path !== '-' && isDirectory(path) && options.isDataset(path);
  const datasets = paths.filter(isDataset);
  let done = 0;
  for (const one of datasets) {
    const size = sizes[paths.indexOf(one)] ?? 0;
    const start = done;
    const rows = batchesOfDataset(options.open(one.path), (share) => options.onShare?.((start + share * size) / total));
    const range = { from: timeBound('from', options.from), to: timeBound('to', options.to) };
    yield* inRange(rows, () => range);
    done += size;
  }
  const files = paths.filter((one) => !isDataset(one)).flatMap((one) => filesOf(one));
  if (files.length === 0) return;
  const { batchesOfFiles } = await import('./files.js');
  yield* batchesOfFiles(files, {
    ...options,
    onBytes: (bytes) => options.onShare?.(Math.min(1, (done + bytes) / total)),
  });
}

function expand(given: string): ListedPath[] {
  requireLocal(given);
  if (given === '-' || !isPattern(given)) return [{ path: given, isListed: false }];
  const matched = matchPattern(given);
  const root = patternRoot(given);
  if (matched.length > 0) return matched.map((path) => ({ path, isListed: true, root }));
  throw new AtcError('IO', `no file matches ${given}; check the path: a relative one starts at the working directory`, {
    path: given,
  });
}

function filesOf(one: ListedPath): ListedPath[] {
  if (one.path === '-' || !isDirectory(one.path)) return [one];
  const files = filesBelow(one.path);
  if (files.length > 0) return files.map((path) => ({ path, isListed: true, root: one.root ?? one.path }));
  throw new AtcError('IO', `${one.path} is neither a dataset nor a folder with files of market data`, {
    path: one.path,
  });
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
