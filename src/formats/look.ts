/** A look at one file before it is read: whose rows it has, and when they begin. */
import { AtcError } from '../errors.js';
import { HEAD_BYTES } from './containers.js';
import { contextOf, formatOf, type OpenFile } from './file-reading.js';
import type { ColumnRange, Outline, SourceFile } from './format.js';
import type { SourceOptions } from './source-options.js';
import { columnNames } from './table/read-columns.js';
import { isTickerTitle } from './table/tickers.js';
import { keyOf } from './table/title-key.js';
import { SYMBOL_TITLES } from './table/vocabulary.js';
import { readWholeTime } from './time/whole-number.js';

/** Formats of text, whose head gives the first rows. */
const TEXT = ['csv', 'json'];
/** Bytes at the end of a text that are looked at for its last rows. */
const TAIL_BYTES = 1 << 14;
const LINE_FEED = 10;
/** Between the clock of any zone and UTC. */
const MAX_OFFSET_MS = 26 * 3_600_000;

export interface Look {
  readonly symbols: ReadonlySet<string>;
  /** Earliest time that was seen, UTC ms. */
  readonly first: number;
  /** Earliest time that the file can have. */
  readonly notBefore: number;
  /** Its symbols stand in a column, and further ones may come. */
  readonly isOpen: boolean;
}

/** `isAlone`: no other file has its name's symbol, so that only a column of symbols can make it part of a group. */
export async function lookAt(one: OpenFile, options: SourceOptions, isAlone: boolean): Promise<Look> {
  const { file, context } = one;
  const unknown: Look = {
    ...{ symbols: new Set([context.symbol]), isOpen: false },
    ...{ first: Number.NEGATIVE_INFINITY, notBefore: Number.NEGATIVE_INFINITY },
  };
  if (file.path === '-') return unknown;
  try {
    const isText = TEXT.includes(formatOf(file).name);
    const outline = await formatOf(file).outline?.(file);
    if (isAlone && outline !== undefined && !mayHaveSymbols(outline, options)) return unknown;
    const seen = await firstRows(file, options, isText);
    if (!Number.isFinite(seen.first)) return unknown;
    const { symbols, isOldestFirst, isWhole } = seen;
    const hasMore = !isWhole && seen.hasSymbols && !saysOneSymbol(outline, options);
    let { first } = seen;
    if (hasMore && formatOf(file).name === 'csv') {
      first = Math.min(first, await lookAtTail(file, options, symbols));
      return { symbols, first, notBefore: isOldestFirst ? first : Number.NEGATIVE_INFINITY, isOpen: symbols.size > 1 };
    }
    // Behind rows of one symbol alone those of another may begin earlier.
    const isKnown = isWhole || (isOldestFirst && (!hasMore || symbols.size > 1));
    return { symbols, first, notBefore: isKnown ? first : leastTime(outline, seen.timeTitle), isOpen: hasMore };
  } catch (error) {
    // What is wrong with the file is reported when it is read.
    if (error instanceof AtcError) return unknown;
    throw error;
  }
}

interface FirstRows {
  readonly symbols: Set<string>;
  readonly first: number;
  /** The times of each symbol ascend. */
  readonly isOldestFirst: boolean;
  /** These are all rows. */
  readonly isWhole: boolean;
  /** The symbols stand in the rows. */
  readonly hasSymbols: boolean;
  readonly timeTitle: string | undefined;
}

/** Of a short text all rows, of any other file those of the first batch. */
async function firstRows(file: SourceFile, options: SourceOptions, isText: boolean): Promise<FirstRows> {
  const isShort = isText && file.head.length < HEAD_BYTES;
  const end = isShort ? file.head.length : file.head.lastIndexOf(LINE_FEED) + 1;
  const bytes = async function* () {
    yield end > 0 ? file.head.subarray(0, end) : file.head;
  };
  try {
    return await rowsOf(isText ? { ...file, bytes } : file, options, isShort);
  } catch (error) {
    // A document of JSON is read whole: it has no first rows.
    if (!(error instanceof AtcError) || formatOf(file).name !== 'json' || isShort) throw error;
    return rowsOf(file, options, true);
  }
}

async function rowsOf(file: SourceFile, options: SourceOptions, isWhole: boolean): Promise<FirstRows> {
  const symbols = new Set<string>();
  const before = new Map<string, number>();
  let [first, ascents, descents, hasSymbols] = [Number.POSITIVE_INFINITY, 0, 0, false];
  let timeTitle: string | undefined;
  const reader = await formatOf(file).load();
  for await (const batch of reader(file, contextOf(file, options))) {
    const times = batch.columns[batch.timestampAt];
    for (let row = 0; row < batch.rows; row += 1) {
      const symbol = batch.symbolAt(row);
      const ms = Number(times[row]);
      const last = before.get(symbol) ?? ms;
      if (ms > last) ascents += 1;
      if (ms < last) descents += 1;
      before.set(symbol, ms);
      symbols.add(symbol);
      first = Math.min(first, ms);
    }
    hasSymbols ||= batch.hasSymbols === true;
    const { column } = batch.rows > 0 ? batch.locationOf(0) : {};
    if (typeof column === 'string') timeTitle = column;
    if (!isWhole) break;
  }
  return { symbols, first, isOldestFirst: ascents > 0 && descents === 0, isWhole, hasSymbols, timeTitle };
}

/** Adds the symbols of the last rows, which come behind the head's in a file that is ordered by symbol. */
async function lookAtTail(file: SourceFile, options: SourceOptions, symbols: Set<string>): Promise<number> {
  let tail = new Uint8Array(0);
  for await (const chunk of file.bytes()) {
    const kept = chunk.length >= TAIL_BYTES ? tail.subarray(tail.length) : tail.subarray(-TAIL_BYTES + chunk.length);
    tail = Buffer.concat([kept, chunk.subarray(-TAIL_BYTES)]);
  }
  const head = file.head.subarray(0, file.head.lastIndexOf(LINE_FEED) + 1);
  const lines = tail.subarray(tail.indexOf(LINE_FEED) + 1);
  const bytes = async function* () {
    yield Buffer.concat([head, lines]);
  };
  let first = Number.POSITIVE_INFINITY;
  try {
    const reader = await formatOf(file).load();
    for await (const batch of reader({ ...file, bytes }, contextOf(file, options))) {
      for (let row = 0; row < batch.rows; row += 1) {
        symbols.add(batch.symbolAt(row));
        first = Math.min(first, Number(batch.columns[batch.timestampAt][row]));
      }
    }
  } catch (error) {
    // The cut may lie in a quoted cell: then the head has to do.
    if (!(error instanceof AtcError)) throw error;
  }
  return first;
}

/** Titles as the reader will take them. */
function titlesOf({ titles }: Outline, { columns }: SourceOptions): readonly string[] {
  const given = columnNames(columns);
  return given?.length === titles.length ? given : titles;
}

function mayHaveSymbols(outline: Outline, options: SourceOptions): boolean {
  return titlesOf(outline, options).some((title) => isTickerTitle(title) || isSymbolTitle(title));
}

function isSymbolTitle(title: string): boolean {
  const key = keyOf(title);
  return key === 's' || SYMBOL_TITLES.includes(key);
}

/** All columns that can be the one of symbols have one value. */
function saysOneSymbol(outline: Outline | undefined, options: SourceOptions): boolean {
  if (outline === undefined || outline.titles.some(isTickerTitle)) return false;
  const given = titlesOf(outline, options);
  const found = outline.titles.filter((_, k) => isSymbolTitle(given[k]));
  const isOne = (range: ColumnRange | undefined) => range !== undefined && range.min === range.max;
  return found.length > 0 && found.every((title) => isOne(outline.rangeOf?.(title)));
}

/** A time before which the file has no row, by what it says of the column with this title. */
function leastTime(outline: Outline | undefined, title: string | undefined): number {
  const min = title === undefined ? undefined : outline?.rangeOf?.(title)?.min;
  if (min instanceof Date) return min.getTime() - MAX_OFFSET_MS;
  const { ms, problem } = readWholeTime(String(min ?? ''), true, undefined);
  return problem === '' ? ms - MAX_OFFSET_MS : Number.NEGATIVE_INFINITY;
}
