/** The beginning of a CSV file -> delimiter, where its rows begin, and the titles of its columns. */
import { requireNow } from '../../require-now.js';
import { fileDamage, optionNeeded } from '../damage.js';
import type { ReadContext, SourceFile } from '../format.js';
import { recogniseHeader, suggestPreset } from '../presets.js';
import { isTimeTitle } from '../table/time-titles.js';
import { keyOf } from '../table/title-key.js';
import { FIELD_TITLES, isFieldTitle, isKnownTitle } from '../table/vocabulary.js';
import { isDaytime } from '../time/time-reader.js';
import { readWholeTime } from '../time/whole-number.js';
import { readWrittenTime } from '../time/written-date.js';

/** How a CSV file is laid out. */
export interface CsvShape {
  readonly delimiter: string;
  /** One per cell of a row. */
  readonly titles: readonly string[];
  /** Lines before the first row. */
  readonly skipLines: number;
  /** Titles stand in the file, in this line (from 1). */
  readonly headerLine?: number;
  /** The first rows. */
  readonly rows: readonly (readonly string[])[];
  readonly isNamed: boolean;
  /** Several tables side by side: symbol and columns of each. */
  readonly groups?: readonly { readonly symbol: string; readonly at: readonly number[] }[];
}

const DELIMITERS = [',', ';', '\t', '|', '^', '~', ':', ' ', '\x1e', '\x1f'];
/** Lines of prose that may stand before the header. */
const MAX_PREAMBLE = 12;

/** `head`: the first bytes as text, of whole lines. */
export function inspectCsv(file: SourceFile, context: ReadContext, head: string): CsvShape {
  const given = columnsOption(context);
  const best = DELIMITERS.map((delimiter) => readLines(head, delimiter)).sort((a, b) => b.score - a.score)[0];
  if (best.lines.length === 0) {
    throw fileDamage({ path: file.path }, 'the file is empty; a header line and at least one candle are needed');
  }
  const header = findHeader(best.lines);
  const { lines, delimiter } = best;
  const at = header ?? 0;
  const first = lines[at];
  if (header === undefined || (given !== undefined && isRow(first.cells))) {
    return withoutHeader(file, context, given, lines, delimiter);
  }
  const sideBySide = given === undefined ? readSideBySide(lines, at, context.symbol) : undefined;
  if (sideBySide !== undefined) {
    const rows = lines.slice(sideBySide.rowsAt).map(({ cells }) => cells);
    const skipLines = lines[sideBySide.rowsAt - 1].line;
    return { ...sideBySide, delimiter, skipLines, headerLine: first.line, rows, isNamed: false };
  }
  const rows = lines.slice(at + 1).map(({ cells }) => cells);
  const titles = given ?? padTitles(file, first.cells, rows, first.line);
  if (given !== undefined && given.length < first.cells.length) {
    const what = `--columns names ${given.length} columns where the file has ${first.cells.length}; "-" skips one`;
    throw optionNeeded({ path: file.path, line: first.line }, what);
  }
  if (context.preset === undefined) recogniseHeader(context, titles.map(keyOf), titles);
  return { delimiter, titles, skipLines: first.line, headerLine: first.line, rows, isNamed: given !== undefined };
}

interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

function readLines(head: string, delimiter: string): { delimiter: string; lines: Line[]; score: number } {
  const { parse } = requireNow<typeof import('papaparse')>('papaparse');
  const parsed = parse<string[]>(head, { delimiter, preview: 400 });
  const lines: Line[] = [];
  let line = 1;
  for (const cells of parsed.data) {
    const at = line;
    line += 1 + cells.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0);
    if (cells.length === 1 && cells[0].trim() === '') continue;
    lines.push({ line: at, cells });
  }
  // A cut quoted cell at the end of the head is no line.
  if (parsed.errors.some((error) => error.type === 'Quotes') && lines.length > 1) lines.pop();
  return { delimiter, lines, score: score(lines, delimiter) };
}

/** A header that is understood beats everything; then rows of one width, then width, then the usual marks. */
function score(lines: readonly Line[], delimiter: string): number {
  const sample = lines.slice(0, MAX_PREAMBLE + 20);
  const widths = new Map<number, number>();
  for (const { cells } of sample) widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
  const [width, count] = [...widths].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
  const known = sample.slice(0, MAX_PREAMBLE).reduce((most, { cells }) => {
    const titles = cells.filter(isKnownTitle).length;
    return Math.max(most, titles);
  }, 0);
  if (width < 2) return known > 0 && delimiter === ',' ? 0.5 : 0;
  return (
    known * 100 + (count / sample.length) * 20 + Math.min(width, 15) + (DELIMITERS.indexOf(delimiter) < 4 ? 10 : 0)
  );
}

/** The first line with titles of a table; undefined when there is none. */
function findHeader(lines: readonly Line[]): number | undefined {
  const preamble = lines.slice(0, MAX_PREAMBLE);
  const at = preamble.findIndex(({ cells }) => isHeader(cells) && cells.some((cell) => isFieldTitle(keyOf(cell))));
  if (at >= 0) return at;
  const first = preamble[0].cells;
  return isRow(first)
    ? undefined
    : Math.max(
        0,
        preamble.findIndex(({ cells }) => cells.some(isKnownTitle)),
      );
}

function isHeader(cells: readonly string[]): boolean {
  return cells.some(isKnownTitle) && !isRow(cells);
}

const NUMBER = /^[-+]?[$€£¥]?[-+]?[\d.,]+(?:[eE][-+]?\d+|[kmbt%])?$/i;

/** A line of values: a time, or mostly numbers. */
function isRow(cells: readonly string[]): boolean {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  const values = filled.filter((cell) => NUMBER.test(cell) || isTime(cell));
  return values.length > 0 && 2 * values.length >= filled.length;
}

function isTime(text: string): boolean {
  return readWholeTime(text, true, undefined).problem === '' || readWrittenTime(text, undefined).problem === '';
}

function columnsOption({ options }: ReadContext): readonly string[] | undefined {
  const { columns } = options;
  if (columns === undefined) return undefined;
  return typeof columns === 'string' ? columns.split(',').map((name) => name.trim()) : columns;
}

function withoutHeader(
  file: SourceFile,
  context: ReadContext,
  given: readonly string[] | undefined,
  lines: readonly Line[],
  delimiter: string,
): CsvShape {
  const { cells, line } = lines[0];
  const isTrailing = cells.length > 1 && cells[cells.length - 1].trim() === '';
  const width = cells.length;
  const fits = (titles: readonly string[]) => titles.length === width || (isTrailing && titles.length === width - 1);
  const titles = given ?? context.facts.columns ?? context.preset?.columns?.find(fits);
  const rows = lines.map((one) => one.cells);
  if (titles !== undefined && fits(titles)) {
    return { delimiter, titles: pad(titles, width), skipLines: line - 1, rows, isNamed: true };
  }
  const shown = cells.slice(0, 8).join(delimiter === '\t' ? ' ' : delimiter);
  const what = `there is no header line, the first line is "${shown.slice(0, 80)}"`;
  if (given !== undefined) {
    throw optionNeeded(
      { path: file.path, line },
      `${what} with ${width} cells, and --columns names ${given.length}; "-" skips one`,
    );
  }
  const found = context.preset === undefined ? '' : ` with ${width} cells, which ${context.preset.title} does not have`;
  const hint = suggestPreset(rows.filter((row) => row.length === width).map((row) => row.map((cell) => cell.trim())));
  const help = 'name the columns in order with --columns (such as --columns timestamp,open,high,low,close,volume)';
  throw optionNeeded({ path: file.path, line }, `${what}${found}; ${hint === undefined ? '' : `${hint}; or `}${help}`);
}

/**
 * Several tables side by side. Of two lines of titles the symbols may stand above the fields, which are found as the
 * header.
 */
function readSideBySide(lines: readonly Line[], at: number, fallback: string) {
  for (const from of at > 0 ? [at - 1, at] : [at]) {
    const levels = readLevels(lines.slice(from), fallback);
    if (levels !== undefined) return { ...levels, rowsAt: from + levels.lines };
  }
  const prefixes = readPrefixes(lines[at].cells);
  return prefixes && { ...prefixes, rowsAt: at + 1 };
}

/** Titles such as `BTC:open`, `ETH:open`: a table for each symbol, side by side. */
function readPrefixes(cells: readonly string[]) {
  const parts = cells.map((cell) => /^(.+)[:.](open|high|low|close|volume)$/i.exec(cell.trim()));
  const symbols = [...new Set(parts.flatMap((part) => (part === null ? [] : [part[1]])))];
  if (symbols.length < 2) return undefined;
  const shared = cells.flatMap((_, at) => (parts[at] === null ? [at] : []));
  const groups = symbols.map((symbol) => ({
    symbol,
    at: [...shared, ...parts.flatMap((part, at) => (part?.[1] === symbol ? [at] : []))],
  }));
  return { titles: cells.map((cell, at) => parts[at]?.[2] ?? cell), groups };
}

/** Titles for every cell of a row: rows may be wider than their header. */
function padTitles(
  file: SourceFile,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  line: number,
): readonly string[] {
  const row = rows[0];
  if (row === undefined || row.length <= titles.length) return titles;
  const further = row.length - titles.length;
  // A comma at the end of each line; or names of rows, as R writes them, that have no title.
  if (rows.every((one) => one.slice(titles.length).every((cell) => cell.trim() === ''))) return pad(titles, row.length);
  const timeAt = titles.findIndex((title) => isTimeTitle(keyOf(title)));
  const isAligned = timeAt >= 0 && isTime((row[timeAt] ?? '').trim());
  if (further === 1 && !isAligned) return ['', ...titles];
  // A time of day without a title, beside its date.
  if (further === 1 && isAligned && isDaytime(row[timeAt + 1])) {
    return [...titles.slice(0, timeAt + 1), 'time', ...titles.slice(timeAt + 1)];
  }
  // Titles that are missing at the end: the time and the prices stand under their own.
  if (isAligned && areNumbers(titles, rows) && !contradictPrices(titles, rows) && !haveSplitNumbers(rows)) {
    return pad(titles, row.length);
  }
  const what = `${row.length} cells where the header has ${titles.length}; a number with commas stands in quotes`;
  throw fileDamage({ path: file.path, line: line + 1 }, what);
}

/** Every title of a price has a number under it in the first rows. */
function areNumbers(titles: readonly string[], rows: readonly (readonly string[])[]): boolean {
  return titles.every(
    (title, at) => !isFieldTitle(keyOf(title)) || rows.every((row) => /^[-+$\d.,eE% ]*$/.test(row[at] ?? '')),
  );
}

/** In all rows two neighbours read as the thousands of one number: `1,234` without quotes. */
function haveSplitNumbers(rows: readonly (readonly string[])[]): boolean {
  const isSplit = (row: readonly string[], at: number) =>
    /^\s*[-+]?[$€£¥]?[1-9]\d{0,2}$/.test(row[at]) && /^\d{3}(\.\d+)?\s*$/.test(row[at + 1] ?? '');
  return rows.length > 0 && rows[0].some((_, at) => rows.every((row) => isSplit(row, at)));
}

/** In most rows the high is below the low or the close beyond them: the cells do not stand under their titles. */
function contradictPrices(titles: readonly string[], rows: readonly (readonly string[])[]): boolean {
  const [high, low, close] = (['high', 'low', 'close'] as const).map((field) =>
    titles.findIndex((title) => FIELD_TITLES[field].includes(keyOf(title))),
  );
  if (high < 0 || low < 0 || close < 0) return false;
  const number = (text: string | undefined) => Number((text ?? '').replace(/[$\s]/g, '') || Number.NaN);
  const wrong = rows.filter((row) => {
    const [top, bottom, last] = [number(row[high]), number(row[low]), number(row[close])];
    return top < bottom || last > top || last < bottom;
  });
  return 2 * wrong.length > rows.length;
}

function pad(titles: readonly string[], width: number): readonly string[] {
  return [...titles, ...new Array<string>(Math.max(0, width - titles.length)).fill('')];
}

/**
 * Titles in two lines and a name of the index in a third, as pandas writes columns of two levels (yfinance): one line
 * names the fields, the other the symbols. Undefined for anything else.
 */
function readLevels(lines: readonly Line[], fallback: string) {
  if (lines.length < 3) return undefined;
  const [one, two, three] = lines.map(({ cells }) => cells.map((cell) => cell.trim()));
  const isFields = (cells: readonly string[]) => cells.slice(1).filter((cell) => isFieldTitle(keyOf(cell))).length >= 2;
  const isSymbols = (cells: readonly string[]) =>
    cells.slice(1).every((cell) => cell !== '' || one.length === 1) &&
    !isRow(cells) &&
    !isTime(cells[0]) &&
    !isFields(cells);
  const [fields, symbols] =
    isFields(one) && isSymbols(two) ? [one, two] : isFields(two) && isSymbols(one) ? [two, one] : [];
  if (fields === undefined || symbols === undefined || fields.length !== symbols.length) return undefined;
  const isName = three.slice(1).every((cell) => cell === '') && !isTime(three[0]);
  const groups = [...new Set(symbols.slice(1))].map((symbol) => ({
    symbol: symbol || fallback,
    at: [0, ...symbols.flatMap((cell, at) => (at > 0 && cell === symbol ? [at] : []))],
  }));
  return { titles: ['date', ...fields.slice(1)], groups, lines: isName ? 3 : 2 };
}
