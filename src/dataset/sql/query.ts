/** One statement of SQL over a dataset, in a database of its own that lives in memory. */
import type * as DuckDB from '@duckdb/node-api';
import { AtcError } from '../../errors.js';
import type { DirectoryDataset } from '../directory-dataset.js';
import { loadDuckDB } from './load-duckdb.js';
import { type RegisteredScan, type RegisterOptions, registerScan } from './register.js';
import { type PlanNode, rangeOfPlan, type ScanRange } from './scan-range.js';

/** The result, a portion at a time. */
export interface QueryResult {
  readonly columns: readonly string[];
  /** Of the statement: what was left out of the scan. */
  readonly range: ScanRange;
  /** Rows as DuckDB's own values. */
  portions(): AsyncGenerator<readonly (readonly DuckDB.DuckDBValue[])[]>;
}

export interface QueryOptions extends Pick<RegisterOptions, 'name' | 'times'> {
  /** Interrupts the query. */
  readonly signal?: AbortSignal;
}

/** Names that DuckDB prints in its plans as they are. */
const PLAIN = /^[A-Za-z_]\w*$/;

/**
 * Runs one statement; `use` gets its result, and the database is closed when it has returned.
 *
 * @throws AtcError ARGUMENT with DuckDB's message for a statement that it refuses, UNSUPPORTED when it is missing.
 */
export async function queryDataset(
  dataset: DirectoryDataset,
  sql: string,
  { name, times, signal }: QueryOptions,
  use: (result: QueryResult) => Promise<void>,
): Promise<void> {
  const duckdb = await loadDuckDB();
  const instance = await duckdb.DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  let scan: RegisteredScan | undefined;
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const range = await neededRange(connection, dataset, sql, { name, times });
    const { symbols, fromMs, toMs } = range;
    scan = await registerScan(connection, dataset, {
      name,
      times,
      ...(symbols !== undefined && { symbols }),
      ...(fromMs !== undefined && { fromMs: Math.floor(fromMs) }),
      // Half-open here, and the bound itself may count.
      ...(toMs !== undefined && { toMs: Math.floor(toMs) + 1 }),
    });
    const result = await attempt(() => connection.stream(sql), name);
    await use({ columns: result.deduplicatedColumnNames(), range, portions: () => portionsOf(result) });
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : (scan?.failure ?? error);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
  }
}

/** From the plan of the statement; all of it where that says nothing. */
async function neededRange(
  connection: DuckDB.DuckDBConnection,
  dataset: DirectoryDataset,
  sql: string,
  options: Pick<RegisterOptions, 'name' | 'times'>,
): Promise<ScanRange> {
  const scan = await registerScan(connection, dataset, options);
  const statements = await attempt(() => connection.extractStatements(sql));
  if (statements.count !== 1) {
    throw new AtcError('ARGUMENT', `one statement of SQL is run at a time, these are ${statements.count}`);
  }
  const names = dataset.symbols.flatMap((symbol) => dataset.table(symbol).columns);
  if (options.times === 'numbers' || !names.every((name) => PLAIN.test(name))) return {};
  // Long lists of symbols stay in the filter, where they can be read.
  await connection.run("SET disabled_optimizers = 'in_clause'");
  try {
    const before = scan.bindings;
    const rows = (await connection.runAndReadAll(`EXPLAIN (FORMAT JSON) ${sql}`)).getRows();
    const plan = JSON.parse(String(rows[0]?.[1])) as PlanNode[];
    return rangeOfPlan(plan, scan.functionName, scan.bindings - before);
  } catch {
    // A statement that has no plan. If it is wrong, running it says so.
    return {};
  } finally {
    await connection.run('RESET disabled_optimizers');
  }
}

async function* portionsOf(result: DuckDB.DuckDBResult) {
  for (;;) {
    const chunk = await attempt(() => result.fetchChunk());
    if (chunk === null || chunk === undefined || chunk.rowCount === 0) return;
    yield chunk.getRows();
  }
}

/** `table`: the name of ours, for statements that ask for another. */
async function attempt<Result>(run: () => Promise<Result>, table = 'candles'): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof AtcError) throw cause;
    const message = (cause as Error).message.trim();
    const hint = /^Catalog Error: Table with name/.test(message) ? `\nthe table of the dataset is "${table}"` : '';
    throw new AtcError('ARGUMENT', `SQL: ${message}${hint}`, { cause });
  }
}
