/** A candle on its way into a journal: its timestamp, and its numbers or its text. */
import { AtcError } from '../errors.js';
import { encodeDocuments, encodeRows } from './journal-record.js';
import { type RowShape, type StoredCandle, shapeOf } from './row-shape.js';

/** A candle and the time it is stored under. */
export interface CandleEntry {
  /** UTC ms of the open. */
  readonly timestamp: number;
  /** As the host handed it over. */
  readonly candle: StoredCandle;
}

/** Rows that one record takes: its write is short enough not to be cut up. */
const MAX_RECORD_ROWS = 1024;

/** One record for each run of candles of the same form. */
export function encodeEntries(entries: readonly CandleEntry[], binding: number): Uint8Array[] {
  const records: Uint8Array[] = [];
  let start = 0;
  let shape = formOf(entries[0]);
  for (let i = 1; i <= entries.length; i++) {
    const next = i < entries.length ? formOf(entries[i]) : null;
    if (next !== null && sameForm(shape, next) && i - start < MAX_RECORD_ROWS) continue;
    records.push(encodeRun(entries.slice(start, i), shape, binding));
    if (next !== null) [start, shape] = [i, next];
  }
  return records;
}

/** A row is stored under its timestamp: a candle whose own `timestamp` differs is stored as a document. */
function formOf({ timestamp, candle }: CandleEntry): RowShape | undefined {
  return candle.timestamp === timestamp ? shapeOf(candle) : undefined;
}

function sameForm(a: RowShape | undefined, b: RowShape | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && a.length === b.length && a.every((name, i) => name === b[i]);
}

function encodeRun(entries: readonly CandleEntry[], shape: RowShape | undefined, binding: number): Uint8Array {
  if (shape === undefined) {
    return encodeDocuments(
      entries.map(({ timestamp, candle }) => [timestamp, documentOf(candle)]),
      binding,
    );
  }
  const values = new Float64Array(entries.length * shape.length);
  let at = 0;
  for (const { candle } of entries) for (const name of shape) values[at++] = candle[name] as number;
  return encodeRows(shape, values, binding);
}

function documentOf(candle: StoredCandle): string {
  try {
    return JSON.stringify(candle);
  } catch (cause) {
    const message = `the candle at ${candle.timestamp} cannot be stored: JSON has no form for one of its values`;
    throw new AtcError('UNSUPPORTED', message, { cause });
  }
}
