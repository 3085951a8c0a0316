/** A CSV file as pieces of columns. */
import type { ColumnSchema } from '../codec/codec.js';
import type { TablePiece } from './batch.js';
import { parseCandleCsv } from './csv.js';
import type { CsvRows } from './csv-rows.js';

/** `symbol` names the rows of a file that has no symbol column. */
export async function* piecesOfCsv(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { path, symbol }: { readonly path: string; readonly symbol: string },
): AsyncGenerator<TablePiece> {
  let schema: readonly ColumnSchema[] | undefined;
  for await (const rows of parseCandleCsv(bytes, { path })) {
    schema ??= rows.names.map((name) => ({ name, dtype: 'float64' }));
    yield pieceOf(rows, schema, path, symbol);
  }
}

function pieceOf(rows: CsvRows, schema: readonly ColumnSchema[], path: string, symbol: string): TablePiece {
  const { symbols, lines } = rows;
  return {
    rows: rows.length,
    schema,
    columns: rows.columns,
    timestampAt: 0,
    symbolAt: symbols === undefined ? () => symbol : (row) => symbols[row],
    isMixed: symbols !== undefined,
    placeOf: (row) => ({
      text: `${path}: line ${lines[row]}, column "timestamp"`,
      path,
      line: lines[row],
      column: 'timestamp',
    }),
  };
}
