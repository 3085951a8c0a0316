/** Checks history before anybody relies on it: a dataset, files of any format, columns, or a table. */
import {
  requireKnownOptions,
  requireNames,
  requireOneOf,
  requireOptionalFunction,
  requirePath,
  requireSignal,
} from '../../arguments.js';
import { AtcError, isAtcError, shown } from '../../errors.js';
import type { RowBatch } from '../../formats/batch.js';
import { IMPORT_OPTIONS, importOptionsOf } from '../../formats/options.js';
import { batchesOfSource, type HistorySource } from '../../formats/source.js';
import { zoneOf } from '../../formats/time/zones.js';
import { Turns } from '../../io/turns.js';
import type { CandleTable } from '../../table.js';
import type { TimeSpan } from '../catalogue.js';
import { hasCatalogue } from '../catalogue-file.js';
import type { ReadSourceOptions } from '../dataset.js';
import { openDatasetSync } from '../open.js';
import type { AsOf } from '../versions/version-name.js';
import { FINDING_KINDS, type Finding } from './findings.js';
import { RowMender } from './row-mender.js';
import { type CheckOptions, type SymbolCheck, SymbolChecker } from './symbol-check.js';

/** Options of `checkHistory`. */
export interface CheckHistoryOptions extends CheckOptions, ReadSourceOptions {
  /** Of a dataset: the version to check, as `openDataset` takes it. Default: the current one. */
  readonly asOf?: AsOf;
  /** Only these symbols. Default: all. */
  readonly symbols?: readonly string[];
  /**
   * Mends what is safe to mend, and lists it in `fixed`. Of a dataset the hours in which its market is closed are
   * marked as known to be empty; of any other source the rows are put in order of time, rows that are there twice are
   * taken once, and a dataset is written to `out`. No value is ever changed. Default false.
   */
  readonly fix?: boolean;
  /** With `fix`, for sources that are no dataset: the dataset to write; it must not exist. */
  readonly out?: string;
}

/** What `checkHistory` found. */
export interface HistoryCheck {
  /** Nothing is wrong; notes do not count. */
  readonly ok: boolean;
  /** One for each symbol, in the order in which they appeared. */
  readonly symbols: readonly SymbolCheck[];
  /** What prevented the source from being read to its end. */
  readonly unreadable?: Finding;
  /** What `fix` did, a line each. */
  readonly fixed: readonly string[];
}

/**
 * Checks a source of any kind: gaps, order, repetitions, candles that contradict themselves, jumps, stuck and
 * impossible prices, volumes. What is wrong with the data is a finding, never an error; a source that is not there, or
 * a wrong option, is; so is `asOf` for what is no dataset, or with `fix` (ARGUMENT).
 */
export async function checkHistory(source: HistorySource, options: CheckHistoryOptions = {}): Promise<HistoryCheck> {
  requireCheckOptions(options);
  const isDataset = typeof source === 'string' && source !== '-' && hasCatalogue(source);
  if (options.asOf !== undefined && (!isDataset || options.fix === true)) {
    const why = isDataset ? 'a version that is over is not mended; leave out fix' : 'only a dataset has versions';
    throw new AtcError('ARGUMENT', `checkHistory: asOf: ${why}`);
  }
  return isDataset ? checkDataset(source as string, options) : checkSource(source, options);
}

const OPTIONS: readonly string[] = [
  ...['stepMs', 'timezone', 'jumpFactor', 'ignore', 'asOf', 'symbols', 'fix', 'out', 'signal', 'onRows'],
  ...IMPORT_OPTIONS,
];

function requireCheckOptions(options: CheckHistoryOptions): void {
  requireKnownOptions(options, OPTIONS, 'checkHistory');
  const { stepMs, jumpFactor, symbols, ignore, fix, out, onRows, signal } = options;
  requireAtLeast('stepMs', stepMs, 1);
  requireAtLeast('jumpFactor', jumpFactor, 0);
  if (options.timezone !== undefined) void zoneOf(options.timezone);
  if (symbols !== undefined) requireNames(symbols, 'checkHistory: symbols');
  if (ignore !== undefined) requireNames(ignore, 'checkHistory: ignore');
  for (const kind of ignore ?? []) requireOneOf(kind, FINDING_KINDS, 'checkHistory: ignore');
  requireOneOf(fix, [true, false], 'checkHistory: fix');
  if (out !== undefined) requirePath(out, 'checkHistory: out');
  requireOptionalFunction(onRows, 'checkHistory: onRows');
  requireSignal(signal, 'checkHistory');
}

function requireAtLeast(name: string, value: unknown, least: number): void {
  if (value === undefined || (typeof value === 'number' && value >= least && Number.isFinite(value))) return;
  throw new AtcError('ARGUMENT', `checkHistory: ${name} must be a number from ${least}, got ${shown(value)}`);
}

async function checkDataset(directory: string, options: CheckHistoryOptions): Promise<HistoryCheck> {
  const { onRows, signal, symbols } = options;
  const dataset = openDatasetSync(directory, { asOf: options.asOf });
  const turns = new Turns(signal);
  const checks: SymbolCheck[] = [];
  const fixed: string[] = [];
  let done = 0;
  try {
    for (const wanted of symbols ?? []) dataset.table(wanted);
    const entries = dataset.catalogue.symbols.filter(({ symbol }) => symbols?.includes(symbol) ?? true);
    const total = entries.reduce((sum, { rows }) => sum + rows, 0);
    for (const { symbol, rows, empty = [] } of entries) {
      signal?.throwIfAborted();
      const { check, closedSpans } = checkRows(dataset.table(symbol), options, empty);
      checks.push(check);
      if (options.fix === true && closedSpans.length > 0) {
        await dataset.markEmpty(symbol, closedSpans, { signal });
        fixed.push(
          `${symbol}: ${closedSpans.length} spans outside the hours of its market marked as known to be empty`,
        );
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
  const { onRows, signal } = options;
  const checkers = new Map<string, SymbolChecker>();
  const mender = options.fix === true ? new RowMender() : undefined;
  const turns = new Turns(signal);
  let share: number | undefined;
  let rows = 0;
  let unreadable: Finding | undefined;
  try {
    const how = {
      ...importOptionsOf(options),
      signal,
      keepsRepeats: true,
      onShare: (now: number) => void (share = now),
    };
    for await (const batch of batchesOfSource(source, { ...how, open: openDatasetSync, isDataset: hasCatalogue })) {
      signal?.throwIfAborted();
      checkBatch(batch, checkers, options);
      mender?.add(batch);
      rows += batch.rows;
      onRows?.(rows, share);
      if (turns.due) await turns.take();
    }
  } catch (error) {
    if (!isAtcError(error, 'CORRUPT')) throw error;
    unreadable = { kind: 'unreadable', severity: 'wrong', count: 1, text: error.message, examples: [] };
  }
  const checks = [...checkers.values()].map((checker) => checker.finish().check);
  const fixed = mender === undefined || unreadable !== undefined ? [] : await mender.write(options.out, options);
  return outcome(checks, fixed, unreadable);
}

function checkBatch(batch: RowBatch, checkers: Map<string, SymbolChecker>, options: CheckHistoryOptions): void {
  const columns = Object.fromEntries(batch.schema.map(({ name }, k) => [name, batch.columns[k]]));
  for (let row = 0; row < batch.rows; ) {
    const symbol = batch.symbolAt(row);
    let end = row + 1;
    while (end < batch.rows && batch.symbolAt(end) === symbol) end += 1;
    if (options.symbols?.includes(symbol) ?? true) {
      let checker = checkers.get(symbol);
      if (checker === undefined) checkers.set(symbol, (checker = new SymbolChecker(symbol, options)));
      checker.add(columns, row, end);
    }
    row = end;
  }
}

function outcome(symbols: readonly SymbolCheck[], fixed: readonly string[], unreadable?: Finding): HistoryCheck {
  const isRight = symbols.every(({ findings }) => findings.every(({ severity }) => severity === 'note'));
  return { ok: isRight && unreadable === undefined, symbols, fixed, ...(unreadable && { unreadable }) };
}
