/**
 * A dataset as a table of DuckDB, read where it lies: a table function that gives the blocks of what a query asks for.
 */
import type * as DuckDB from '@duckdb/node-api';
import { requireKnownOptions, requireMethodsOf, requireNames } from '../../arguments.js';
import { AtcError, shown } from '../../errors.js';
import type { Dataset } from '../../table.js';
import { loadDuckDB } from './load-duckdb.js';
import { DatasetScan } from './scan.js';
import { fillSame, fillTimes, fillVector, type ScanColumn, scanColumns } from './scan-columns.js';
import type { SqlTimes } from './sql-times.js';

/** How a dataset is shown to DuckDB. */
export interface RegisterOptions {
  /** Name of the view. Default `candles`. */
  readonly name?: string;
  /** Only these symbols. Default: all. */
  readonly symbols?: Iterable<string>;
  /** Only candles at or after this time, UTC ms. */
  readonly fromMs?: number;
  /** Only candles before this time. */
  readonly toMs?: number;
  /** `timestamp` (default): TIMESTAMP, in UTC, without a zone; `numbers`: UTC ms as they are stored. */
  readonly times?: SqlTimes;
}

/** The part of a connection of `@duckdb/node-api` that is used. */
export interface DuckDBConnectionLike {
  /** As DuckDB has it. */
  registerTableFunction(tableFunction: never): void;
  /** Runs one statement. */
  run(sql: string): Promise<unknown>;
}

/** The table function behind a view. */
export interface RegisteredScan {
  /** As plans name it. */
  readonly functionName: string;
  /** How often statements were bound to it so far. */
  bindings: number;
  /** What went wrong in the dataset while it was read: DuckDB passes on the message alone. */
  failure?: unknown;
}

const OPTIONS = ['name', 'symbols', 'fromMs', 'toMs', 'times'];
let count = 0;

/**
 * Makes a temporary view of a dataset in a connection of `@duckdb/node-api`: `symbol` and all columns, in the order of
 * the symbols and their times. A query reads the columns that it names, block by block, and nothing else; symbols and
 * times are restricted by the options. The dataset must stay open as long as the view is used. Another call with the
 * same name replaces the view.
 *
 * @throws AtcError ARGUMENT for wrong options, UNSUPPORTED when DuckDB is missing or the dataset has columns that SQL
 * cannot tell apart.
 */
export async function registerDataset(
  connection: DuckDBConnectionLike,
  dataset: Dataset,
  options: RegisterOptions = {},
): Promise<void> {
  await registerScan(connection, dataset, options);
}

/** The same, with what the caller may want to know of it. */
export async function registerScan(
  connection: DuckDBConnectionLike,
  dataset: Dataset,
  options: RegisterOptions,
): Promise<RegisteredScan> {
  requireMethodsOf(connection, ['registerTableFunction', 'run'], 'a connection of @duckdb/node-api');
  requireMethodsOf(dataset, ['table'], 'a dataset');
  requireNames(dataset.symbols, 'symbols of the dataset');
  requireKnownOptions(options, OPTIONS, 'registerDataset');
  const { name = 'candles', times = 'timestamp' } = options;
  if (typeof name !== 'string' || name === '') {
    throw new AtcError('ARGUMENT', `the name of a view must be a text, got ${shown(name)}`, { key: 'name' });
  }
  const duckdb = await loadDuckDB();
  const columns = scanColumns(duckdb, dataset, times);
  count += 1;
  const registered: RegisteredScan = { functionName: `atc_scan_${count}`, bindings: 0 };
  const scanned = tableFunction(duckdb, registered, dataset, columns, options);
  (connection as unknown as DuckDB.DuckDBConnection).registerTableFunction(scanned);
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const list = columns.map((column) => quoted(column.name)).join(', ');
  // An enumeration for the scan, a text for the query: it compares with any other text.
  const select = `SELECT CAST(symbol AS VARCHAR) AS symbol, ${list} FROM ${registered.functionName}()`;
  await connection.run(`CREATE OR REPLACE TEMPORARY VIEW ${quoted(name)} AS ${select}`);
  return registered;
}

function tableFunction(
  duckdb: typeof DuckDB,
  registered: RegisteredScan,
  dataset: Dataset,
  columns: readonly ScanColumn[],
  options: RegisterOptions,
): DuckDB.DuckDBTableFunction {
  const { symbols } = dataset;
  const wanted = options.symbols === undefined ? symbols : symbolsOf(symbols, options.symbols);
  const { times = 'timestamp' } = options;
  const range = { fromMs: options.fromMs, toMs: options.toMs };
  return duckdb.DuckDBTableFunction.create({
    name: registered.functionName,
    supportsProjectionPushdown: true,
    bindFunction(info) {
      registered.bindings += 1;
      info.addResultColumn('symbol', duckdb.ENUM(symbols.length === 0 ? [''] : [...symbols]));
      for (const column of columns) info.addResultColumn(column.name, column.type);
    },
    initFunction(info) {
      // Number 0 is the symbol.
      const projected = info.getColumnIndexes().map((index) => (index === 0 ? undefined : columns[index - 1]));
      const names = projected.flatMap((column) => column?.name ?? []);
      info.setInitData({ projected, scan: new DatasetScan(dataset, wanted, names, range) });
    },
    mainFunction(info, output) {
      const { projected, scan } = info.initData as { projected: (ScanColumn | undefined)[]; scan: DatasetScan };
      try {
        const part = scan.next();
        output.rowCount = part?.rows ?? 0;
        if (part === undefined) return;
        projected.forEach((column, k) => {
          const vector = output.getColumnVector(k);
          if (column === undefined) {
            fillSame(vector, part.rows, part.symbol, symbols.indexOf(part.symbol));
            return;
          }
          const values = part.columns[column.name];
          if (values === undefined) fillSame(vector, part.rows, null);
          else if (column.name === 'timestamp' && times === 'timestamp') fillTimes(duckdb, vector, values, part.symbol);
          else fillVector(vector, values);
        });
      } catch (error) {
        registered.failure = error;
        output.rowCount = 0;
        info.setError((error as Error).message);
      }
    },
  });
}

/** In the order of the dataset; those that there are not have no rows. */
function symbolsOf(all: readonly string[], wanted: Iterable<string>): string[] {
  if (typeof (wanted as Partial<Iterable<string>> | null)?.[Symbol.iterator] !== 'function') {
    throw new AtcError('ARGUMENT', `registerDataset: symbols must be a list of names, got ${shown(wanted)}`);
  }
  const set = new Set(wanted);
  return all.filter((symbol) => set.has(symbol));
}
