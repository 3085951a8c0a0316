/** A study with its history: what is searched, over which rows, and what identifies it. */
import { requireOptions } from '../arguments.js';
import { type History, openHistory } from '../dataset/history/history.js';
import { AtcError } from '../errors.js';
import { type SweepHistory, searchedRows, sweepHistory } from './history.js';
import { identityOf, type ResolvedSweep, resolveSweep, type SweepOptions } from './options.js';
import type { SearchedTable } from './runner.js';
import { differenceOf } from './study-files.js';

/** What a study is, as every process that computes a part of it has to find it. */
export interface StudyDescription {
  /**
   * Plain data: a hash of the history's bits, its symbols, strategy and version, space, objective, sampler, seed,
   * costs.
   */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Trials of the whole study. */
  readonly trials: number;
}

export interface OpenStudy extends StudyDescription {
  readonly sweep: ResolvedSweep;
  readonly history: SweepHistory;
  readonly tables: readonly SearchedTable[];
  close(): void;
}

/** @throws AtcError ARGUMENT for wrong options, and for a study that is not the one of `options.identity`. */
export async function openStudy(options: SweepOptions): Promise<OpenStudy> {
  const sweep = resolveSweep(options);
  const { signal } = options;
  signal?.throwIfAborted();
  const opened = await openHistory(options.source, { ...options.history, signal });
  try {
    return { sweep, ...described(sweep, opened, options.identity), close: () => opened.close() };
  } catch (error) {
    opened.close();
    throw error;
  }
}

function described(sweep: ResolvedSweep, opened: History, expected: SweepOptions['identity']) {
  const history = sweepHistory(opened);
  const tables = history.tables.map((table) => ({ table, rows: searchedRows(table, sweep.holdout) }));
  const symbols = history.tables.map(({ symbol }) => symbol);
  const identity: Record<string, unknown> = JSON.parse(JSON.stringify(identityOf(sweep, history.snapshot, symbols)));
  if (expected !== undefined) requireExpected(identity, expected);
  return { history, tables, identity, trials: sweep.trials };
}

function requireExpected(found: Readonly<Record<string, unknown>>, expected: Readonly<Record<string, unknown>>): void {
  requireOptions(expected, 'identity of a study');
  const known = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]]));
  const difference = differenceOf(expected, known);
  if (difference === undefined) return;
  const { key, before, now } = difference;
  throw new AtcError('ARGUMENT', `this is not the study that was asked for: ${key} should be ${before}, it is ${now}`, {
    key,
  });
}

/**
 * What the study of these options is, without running a trial. As `identity` of the same options elsewhere it makes
 * sure that another machine has the same history, strategy and versions.
 *
 * @throws AtcError ARGUMENT for wrong options; what reading the history throws.
 */
export async function describeStudy(options: SweepOptions): Promise<StudyDescription> {
  const { identity, trials, close } = await openStudy(options);
  close();
  return { identity, trials };
}
