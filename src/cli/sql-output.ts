/** Results of SQL as a table, as CSV, or as JSON; written as they arrive. */
import { printAll, printOut } from './output.js';
import { formatNumber, formatTable } from './text.js';

export type SqlFormat = 'table' | 'csv' | 'json';

/** A row as DuckDB gives it: numbers, texts, bigints, null, and objects that know their text. */
export type SqlRow = readonly unknown[];

/** Rows of a table; the others are counted. */
const SHOWN_ROWS = 40;

/** Prints all rows; a table shows the first ones. */
export async function printRows(
  format: SqlFormat,
  columns: readonly string[],
  portions: AsyncIterable<readonly SqlRow[]>,
): Promise<void> {
  if (format === 'table') return printTable(columns, portions);
  if (format === 'csv') {
    printOut(columns.map(csvCell).join(','));
    for await (const rows of portions) await printAll(rows.map((row) => row.map(csvCell).join(',')).join('\n'));
    return;
  }
  let isFirst = true;
  for await (const rows of portions) {
    const objects = rows.map((row) =>
      JSON.stringify(Object.fromEntries(columns.map((name, k) => [name, json(row[k])]))),
    );
    await printAll(`${isFirst ? '[' : ','}${objects.join(',\n')}`);
    isFirst = false;
  }
  printOut(isFirst ? '[]' : ']');
}

async function printTable(columns: readonly string[], portions: AsyncIterable<readonly SqlRow[]>): Promise<void> {
  const shown: string[][] = [];
  let count = 0;
  for await (const rows of portions) {
    for (const row of rows.slice(0, SHOWN_ROWS - shown.length)) shown.push(row.map(text));
    count += rows.length;
  }
  printOut(columns.length === 0 ? 'done' : formatTable(columns, shown));
  if (count > shown.length) printOut(`the first ${shown.length} of ${formatNumber(count, 'row')}; --csv has all`);
}

function text(value: unknown): string {
  return value === null ? '' : String(value);
}

/** RFC 4180; null is an empty cell, and an empty text one in quotes. */
function csvCell(value: unknown): string {
  const cell = text(value);
  return /[",\r\n]/.test(cell) || (cell === '' && value !== null) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Numbers that JSON has; other numbers that are exact as doubles; null for NaN and infinities; texts of all else. */
function json(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'object' && value !== null) return String(value);
  return value;
}
