/** What a user may hand over as history -> pieces. Paths are looked at here: a CSV file, several of them, or a dataset. */
import path from 'node:path';
import { AtcError } from '../errors.js';
import { isDirectory } from '../io/path-kind.js';
import { readTextAsync } from '../io/text-reader.js';
import { piecesOfCsv } from './csv-pieces.js';
import { type PieceSource, piecesOf, type TablePiece } from './pieces.js';
import type { Dataset } from './table.js';

/** A path, several paths, columns of one symbol, or an (async) iterable of columns or of candles that name their symbol. */
export type HistorySource = string | readonly string[] | PieceSource;

export interface SourceOptions {
  readonly signal?: AbortSignal;
  /** Opens a directory; given by whoever knows datasets, so that this file need not. */
  readonly open: (directory: string) => Dataset;
}

export async function* piecesOfSource(source: HistorySource, options: SourceOptions): AsyncGenerator<TablePiece> {
  if (typeof source === 'string') yield* piecesOfPath(source, options);
  else if (isPaths(source)) for (const one of source) yield* piecesOfPath(one, options);
  else yield* piecesOf(source as PieceSource);
}

/** An empty list counts as paths: nothing to read is said here, not as an empty dataset later. */
function isPaths(source: HistorySource): source is readonly string[] {
  if (!Array.isArray(source)) return false;
  if (source.length === 0)
    throw new AtcError('ARGUMENT', 'no source given: name a CSV file, a dataset directory, or pass columns');
  return source.every((item) => typeof item === 'string');
}

async function* piecesOfPath(file: string, { signal, open }: SourceOptions): AsyncGenerator<TablePiece> {
  if (isDirectory(file)) {
    yield* piecesOfDataset(open(file));
    return;
  }
  yield* piecesOfCsv(readTextAsync(file, { signal }), { path: file, symbol: symbolOfFile(file) });
}

/** Rows of a file without a symbol column belong to the symbol its name begins with: `BTCUSDT.csv.gz` -> BTCUSDT. */
export function symbolOfFile(file: string): string {
  return path
    .basename(file)
    .replace(/\.gz$/i, '')
    .replace(/\.(csv|tsv|txt)$/i, '');
}

async function* piecesOfDataset(dataset: Dataset): AsyncGenerator<TablePiece> {
  try {
    for (const symbol of dataset.symbols) {
      for (const { columns } of dataset.table(symbol).blocks(dataset.table(symbol).columns)) {
        yield* piecesOf({ symbol, columns });
      }
    }
  } finally {
    dataset.close();
  }
}
