/** Tables and datasets that are open already, as sources: their rows are read block by block. */
import type { CandleTable, Dataset } from '../table.js';
import { batchOfColumns, type RowBatch } from './batch.js';

/** Open tables: one, several, or a dataset with all of its own. */
export type TableSource = CandleTable | readonly CandleTable[] | Dataset;

/** Whether a source is a table, a list of tables, or a dataset. */
export function isTableSource(source: unknown): source is TableSource {
  return isTable(source) || isDataset(source) || (Array.isArray(source) && source.length > 0 && source.every(isTable));
}

/** The rows of the tables, one after the other. Nothing is closed. */
export async function* batchesOfTables(source: TableSource): AsyncGenerator<RowBatch> {
  const tables = isDataset(source) ? source.symbols.map((symbol) => source.table(symbol)) : [source].flat();
  for (const table of tables as readonly CandleTable[]) {
    for (const { columns } of table.blocks(table.columns)) yield batchOfColumns({ symbol: table.symbol, columns });
  }
}

function isTable(value: unknown): value is CandleTable {
  const { symbol, columns, blocks } = Object(value) as Partial<CandleTable>;
  return typeof symbol === 'string' && Array.isArray(columns) && typeof blocks === 'function';
}

function isDataset(value: unknown): value is Dataset {
  const { symbols, table } = Object(value) as Partial<Dataset>;
  return Array.isArray(symbols) && typeof table === 'function';
}
