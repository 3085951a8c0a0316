/** Tables of the benchmark as text for a terminal and as Markdown for the docs. */
import { formatBytes, formatCount, formatTable } from '../text.js';
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
  ms: (value) => `${digits(value)} ms`,
  us: (value) => `${digits(value)} µs`,
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
  const [low, middle, high] = [cell.min, cell.median, cell.max].map(format);
  return low === high ? middle : `${middle} (${spreadOf(cell, format)})`;
}

/** Without the unit, which the median before it has said. */
function spreadOf({ min, max }: Measure, format: (value: number) => string): string {
  const [low, high] = [format(min), format(max)];
  const lowUnit = /[^\d.,-]+$/.exec(low)?.[0];
  const highUnit = /[^\d.,-]+$/.exec(high)?.[0];
  const bare = (text: string) => text.replace(/\s*[^\d.,-]+$/, '');
  return lowUnit === highUnit ? `${bare(low)}-${bare(high)}` : `${low}-${high}`;
}

function cellsOf({ columns, rows }: BenchTable): string[][] {
  return rows.map((row) => row.map((cell, index) => formatCell(cell, columns[index].unit)));
}

export function textOfTable(table: BenchTable): string {
  const head = table.columns.map(({ name }) => name);
  const notes = table.notes.map((note) => wrap(note, 78).replaceAll('\n', '\n  '));
  return [`${table.title}`, '', formatTable(head, cellsOf(table)), ...notes.map((note) => `* ${note}`)].join('\n');
}

export function markdownOfTable(table: BenchTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = line(table.columns.map(({ unit }) => (unit === 'text' ? '---' : '--:')));
  const notes = table.notes.length === 0 ? [] : ['', ...table.notes.map((note) => `* ${note}`)];
  return [line(table.columns.map(({ name }) => name)), rule, ...cellsOf(table).map(line), ...notes].join('\n');
}

function wrap(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== '' && last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}
