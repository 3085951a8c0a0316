/** A CSV file as batches of columns. */
import type { ColumnSchema } from '../codec/codec.js';
import type { RowBatch } from './batch.js';
import { parseCandleCsv } from './csv.js';
import type { CsvRows } from './csv-rows.js';
import type { FormatReader } from './format.js';

export const readCsv: FormatReader = (file, { symbol }) => batchesOfCsv(file.bytes(), { path: file.path, symbol });

/** `symbol` names the rows of a file that has no symbol column. */
export async function* batchesOfCsv(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { path, symbol }: { readonly path: string; readonly symbol: string },
): AsyncGenerator<RowBatch> {
  let schema: readonly ColumnSchema[] | undefined;
  for await (const rows of parseCandleCsv(bytes, { path })) {
    schema ??= rows.names.map((name) => ({ name, dtype: 'float64' }));
    yield batchOf(rows, schema, path, symbol);
  }
}

function batchOf(rows: CsvRows, schema: readonly ColumnSchema[], path: string, symbol: string): RowBatch {
  const { symbols, lines } = rows;
  return {
    rows: rows.length,
    schema,
    columns: rows.columns,
    timestampAt: 0,
    symbolAt: symbols === undefined ? () => symbol : (row) => symbols[row],
    isMixed: symbols !== undefined,
    locationOf: (row) => ({
      text: `${path}: line ${lines[row]}, column "timestamp"`,
      path,
      line: lines[row],
      column: 'timestamp',
    }),
  };
}
