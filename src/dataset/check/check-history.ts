/** Checks history before anybody relies on it: a dataset, files of any format, columns, or a table. */
import path from 'node:path';
import { isAtcError } from '../../errors.js';
import type { HistorySource } from '../../formats/source.js';
import { isPresent } from '../../io/json-file.js';
import { isDirectory } from '../../io/path-kind.js';
import { Turns } from '../../io/turns.js';
import type { CandleTable } from '../../table.js';
import { CATALOGUE_FILE, type TimeSpan } from '../catalogue.js';
import { type ReadSourceOptions, readingOf } from '../dataset.js';
import { openDatasetSync } from '../open.js';
import type { Finding } from './findings.js';
import { type CheckOptions, type SymbolCheck, SymbolChecker } from './symbol-check.js';

/** Options of `checkHistory`. */
export interface CheckHistoryOptions extends CheckOptions, ReadSourceOptions {
  /** Only these symbols. Default: all. */
  readonly symbols?: readonly string[];
  /**
   * Notes what is safe to note: in a dataset, the hours in which the market is closed are marked as known to be empty, so that `findGaps` does not
   * report them as missing. Nothing else of a dataset is touched. Default false.
   */
  readonly fix?: boolean;
}

/** What `checkHistory` found. */
export interface HistoryCheck {
  /** Nothing is wrong; notes do not count. */
  readonly ok: boolean;
  /** One for each symbol, in the order in which they appeared. */
  readonly symbols: readonly SymbolCheck[];
  /** What kept the source from being read to its end. */
  readonly unreadable?: Finding;
  /** What `fix` did, a line each. */
  readonly fixed: readonly string[];
}

/** Rows, times, prices and volumes of one table, in one pass and bounded memory. */
export function checkTable(
  table: CandleTable,
  options: CheckOptions = {},
  empty: readonly TimeSpan[] = [],
): SymbolCheck {
  return checkRows(table, options, empty).check;
}

/** Checks a source of any kind. Never throws for what is wrong with the data: that is a finding. */
export async function checkHistory(source: HistorySource, options: CheckHistoryOptions = {}): Promise<HistoryCheck> {
  const isDataset =
    typeof source === 'string' && source !== '-' && isDirectory(source) && isPresent(path.join(source, CATALOGUE_FILE));
  return isDataset ? checkDataset(source as string, options) : checkSource(source, options);
}

async function checkDataset(directory: string, options: CheckHistoryOptions): Promise<HistoryCheck> {
  const { onRows, signal, symbols } = options;
  const dataset = openDatasetSync(directory);
  const turns = new Turns(signal);
  const checks: SymbolCheck[] = [];
  const fixed: string[] = [];
  let done = 0;
  try {
    const total = dataset.catalogue.symbols.reduce((sum, { rows }) => sum + rows, 0);
    for (const { symbol, rows, empty = [] } of dataset.catalogue.symbols) {
      if (symbols !== undefined && !symbols.includes(symbol)) continue;
      signal?.throwIfAborted();
      const { check, closedSpans } = checkRows(dataset.table(symbol), options, empty);
      checks.push(check);
      if (options.fix === true && closedSpans.length > 0) {
        await dataset.markEmpty(symbol, closedSpans, { signal });
        fixed.push(`${symbol}: ${closedSpans.length} spans outside the market's hours marked as known to be empty`);
      }
      done += rows;
      onRows?.(done, done / total);
      if (turns.due) await turns.take();
    }
  } finally {
    dataset.close();
  }
  return outcome(checks, fixed);
}

function checkRows(table: CandleTable, options: CheckOptions, empty: readonly TimeSpan[]) {
  const checker = new SymbolChecker(table.symbol, options);
  for (const { length, columns } of table.blocks(table.columns)) checker.add(columns, 0, length);
  return checker.finish(empty);
}

async function checkSource(source: HistorySource, options: CheckHistoryOptions): Promise<HistoryCheck> {
  const { onRows, signal, symbols } = options;
  const checkers = new Map<string, SymbolChecker>();
  const turns = new Turns(signal);
  let rows = 0;
  let unreadable: Finding | undefined;
  try {
    const { pieces } = readingOf(source, { ...options, onRows: undefined });
    for await (const batch of pieces) {
      signal?.throwIfAborted();
      const columns = Object.fromEntries(batch.schema.map(({ name }, k) => [name, batch.columns[k]]));
      for (let row = 0; row < batch.rows; ) {
        const symbol = batch.symbolAt(row);
        let end = row + 1;
        while (end < batch.rows && batch.symbolAt(end) === symbol) end += 1;
        if (symbols === undefined || symbols.includes(symbol)) {
          let checker = checkers.get(symbol);
          if (checker === undefined) checkers.set(symbol, (checker = new SymbolChecker(symbol, options)));
          checker.add(columns, row, end);
        }
        row = end;
      }
      rows += batch.rows;
      onRows?.(rows);
      if (turns.due) await turns.take();
    }
  } catch (error) {
    // A source that is not there, or options that are wrong, are no finding.
    if (!isAtcError(error, 'CORRUPT')) throw error;
    unreadable = { kind: 'unreadable', severity: 'wrong', count: 1, text: error.message, examples: [] };
  }
  const checks = [...checkers.values()].map((checker) => checker.finish().check);
  return outcome(checks, [], unreadable);
}

function outcome(symbols: readonly SymbolCheck[], fixed: readonly string[], unreadable?: Finding): HistoryCheck {
  const isRight = symbols.every(({ findings }) => findings.every(({ severity }) => severity === 'note'));
  return { ok: isRight && unreadable === undefined, symbols, fixed, ...(unreadable && { unreadable }) };
}
