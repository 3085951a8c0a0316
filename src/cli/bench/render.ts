/** Tables of the benchmark as text for a terminal and as Markdown for the docs. */
import { formatBytes, formatCount, wrap } from '../text.js';
import type { BenchTable, Cell, Measure, Unit } from './table.js';

/** Three significant digits, no exponent. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return formatCount(Math.round(value));
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

const FORMATS: Record<Exclude<Unit, 'text'>, (value: number) => string> = {
  ratio: (value) => `${digits(value)}x`,
  share: (value) => `${(value * 100).toFixed(1)} %`,
  s: (value) => `${digits(value)} s`,
  ms: (value) => `${digits(value)} ms`,
  us: (value) => `${digits(value)} µs`,
  ns: (value) => `${digits(value)} ns`,
  bytes: formatBytes,
  'MB/s': (value) => `${digits(value)} MB/s`,
  count: formatCount,
};

/** `7.42x (7.31-7.50)`; the spread only where the runs differ in a digit that is shown. */
export function formatCell(cell: Cell, unit: Unit): string {
  if (cell === null) return '-';
  if (typeof cell === 'string') return cell;
  const format = unit === 'text' ? String : FORMATS[unit];
  if (typeof cell === 'number') return format(cell);
  const spread = spreadCell(cell, unit);
  return spread === '' ? format(cell.median) : `${format(cell.median)} (${spread})`;
}

/** Without the unit where the median shows it; empty when it would show the same digits twice. */
function spreadCell({ min, max }: Measure, unit: Unit): string {
  const format = unit === 'text' ? String : FORMATS[unit];
  const [low, high] = [format(min), format(max)];
  if (low === high) return '';
  const unitOf = (text: string) => /[^\d.,-]*$/.exec(text)?.[0] ?? '';
  const bare = (text: string) => text.slice(0, text.length - unitOf(text).length);
  return unitOf(low) === unitOf(high) ? `${bare(low)}-${bare(high)}` : `${low}-${high}`;
}

/** Medians in one line, their spread in the next: so a table fits 80 columns. */
export function textOfTable({ title, columns, rows, notes }: BenchTable): string {
  const lines = [columns.map(({ name }) => name)];
  for (const row of rows) {
    lines.push(row.map((cell, k) => formatCell(isMeasure(cell) ? cell.median : cell, columns[k].unit)));
    const spread = row.map((cell, k) => (isMeasure(cell) ? spreadCell(cell, columns[k].unit) : ''));
    if (spread.some((text) => text !== '')) lines.push(spread);
  }
  const widths = columns.map((_, k) => Math.max(...lines.map((line) => line[k].length)));
  const aligned = lines.map((line) =>
    line
      .map((text, k) => (columns[k].unit === 'text' ? text.padEnd(widths[k]) : text.padStart(widths[k])))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const listed = notes.map((note) => `* ${wrap(note, 76).replaceAll('\n', '\n  ')}`);
  return [title, '', aligned[0], rule, ...aligned.slice(1), ...listed].join('\n');
}

function isMeasure(cell: Cell): cell is Measure {
  return typeof cell === 'object' && cell !== null;
}

function cellsOf({ columns, rows }: BenchTable): string[][] {
  return rows.map((row) => row.map((cell, index) => formatCell(cell, columns[index].unit)));
}

export function markdownOfTable(table: BenchTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = line(table.columns.map(({ unit }) => (unit === 'text' ? '---' : '--:')));
  const notes = table.notes.length === 0 ? [] : ['', ...table.notes.map((note) => `* ${note}`)];
  return [line(table.columns.map(({ name }) => name)), rule, ...cellsOf(table).map(line), ...notes].join('\n');
}
