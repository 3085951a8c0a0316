/** What is wrong with the order of rows, within a file or between two. */
import { AtcError } from '../../errors.js';
import type { RowBatch } from '../batch.js';
import { locationText } from '../damage.js';

/** The row before, of this file or of another. */
export interface SeenRow {
  readonly ms: number;
  readonly path: string;
  readonly line: number | undefined;
}

/** A row that lies within those of a file before. */
export function refuseOverlap(batch: RowBatch, row: number, symbol: string, before: SeenRow): AtcError {
  const what = `${symbol}: the time ${timeAt(batch, row)} comes after ${iso(before.ms)} of ${locationText(before)}`;
  const help =
    'the files overlap, and their rows are not in order of time across symbols: sort each by time, ' +
    'or join them into one file; two instruments need two symbols';
  return damage(batch, row, `${what}; ${help}`);
}

export function refuseDifferent(batch: RowBatch, row: number, symbol: string, before: SeenRow): AtcError {
  const time = timeAt(batch, row);
  if (before.path !== batch.locationOf(row).path) {
    const what = `${symbol}: the time ${time} is there with different values in ${locationText(before)}`;
    const help =
      'the files overlap; --duplicates first or last says which row stays, in the order of the files; ' +
      'files of two instruments or exchanges need two symbols: import one with --symbol, or rename its file';
    return damage(batch, row, `${what}; ${help}`);
  }
  const line = before.line === undefined ? '' : ` (line ${before.line})`;
  const help =
    '--duplicates first or last says which one stays; of local times of an hour that comes twice (daylight saving) ' +
    'name the zone (--timezone)';
  return damage(batch, row, `${symbol}: the time ${time} is there twice with different values${line}; ${help}`);
}

/** Rows of one time whose columns differ. */
export function refuseColumns(
  batch: RowBatch,
  row: number,
  symbol: string,
  before: SeenRow,
  other: RowBatch['schema'],
): AtcError {
  const names = (schema: RowBatch['schema']) => schema.map(({ name }) => name).join(', ');
  const what = `${symbol}: the columns are ${names(batch.schema)}, and those of ${before.path} are ${names(other)}`;
  return damage(batch, row, `${what}; files of one symbol need the same columns (--columns names them, "-" skips one)`);
}

export function refuseFarApart(batch: RowBatch, row: number): AtcError {
  const what = `${batch.symbolAt(row)}: a row of ${timeAt(batch, row)} was written already with other values`;
  return damage(batch, row, `${what}; give the files in the other order, or --duplicates first`);
}

/** A row that goes back in time within its file. */
export function refuseUnsorted(batch: RowBatch, row: number, before: number): AtcError {
  const what = `${batch.symbolAt(row)}: the timestamp ${timeAt(batch, row)} comes after ${iso(before)}`;
  return damage(batch, row, `${what}; sort the rows by time, oldest first`);
}

function timeAt(batch: RowBatch, row: number): string {
  return iso(Number(batch.columns[batch.timestampAt][row]));
}

function iso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

function damage(batch: RowBatch, row: number, what: string): AtcError {
  const location = batch.locationOf(row);
  return new AtcError('CORRUPT', `${location.text}: ${what}`, location);
}
