/** The result of the benchmark as a page: every cell as its text, and the numbers that are drawn. */
import type { MeasuredPage, MeasuredTable } from '../../report/bench-html.js';
import { machineLine } from './machine.js';
import { formatCell } from './render.js';
import type { BenchResult } from './run-sections.js';
import type { BenchTable, Cell, Unit } from './table.js';

const LESS_IS_BETTER: readonly Unit[] = ['bytes', 's', 'ms', 'us', 'ns'];

export function benchPage({ machine, isQuick, sections }: BenchResult): MeasuredPage {
  const rough = 'Quick run: little history and few runs; quote figures of a full one only.';
  return {
    machine: machineLine(machine).replaceAll('\n', ', '),
    notes: isQuick ? [rough] : [],
    sections: sections.map(({ name, left, tables }) => ({ name, left, tables: tables.map(tableOf) })),
  };
}

function tableOf({ title, columns, rows, notes }: BenchTable): MeasuredTable {
  return {
    title,
    columns: columns.map(({ name, unit }) => ({
      name,
      isText: unit === 'text',
      isLess: LESS_IS_BETTER.includes(unit),
    })),
    rows: rows.map((row) => row.map((cell, k) => ({ text: formatCell(cell, columns[k].unit), value: numberOf(cell) }))),
    drawn: drawnColumns(columns.map(({ unit }) => unit)),
    notes,
  };
}

/** Sizes, memory and times where there are some; else the first number that is no mere count. */
function drawnColumns(units: readonly Unit[]): number[] {
  const drawn = units.flatMap((unit, k) => (LESS_IS_BETTER.includes(unit) ? [k] : []));
  const first = units.findIndex((unit) => unit !== 'text' && unit !== 'count');
  return drawn.length > 0 ? drawn : first < 0 ? [] : [first];
}

function numberOf(cell: Cell): number | null {
  const value = cell !== null && typeof cell === 'object' ? cell.median : cell;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
