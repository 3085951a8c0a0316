/** Candles of several sources as one sorted table per shape, for a segment or an export. The earlier source wins. */
import { type RowShape, shapeId } from './row-shape.js';
import { mergeTables, type RowTable } from './row-table.js';

export interface RowSource {
  readonly tables: Iterable<RowTable>;
  readonly documents: ReadonlyMap<number, string>;
}

export interface GatheredRows {
  readonly tables: readonly RowTable[];
  /** Ascending. */
  readonly documents: readonly (readonly [number, string])[];
}

export function gatherRows(sources: readonly RowSource[]): GatheredRows {
  const byShape = new Map<string, { shape: RowShape; tables: RowTable[] }>();
  const all = sources.map((source) => ({ tables: [...source.tables], documents: source.documents }));
  for (const { tables } of all) {
    for (const table of tables) {
      const id = shapeId(table.shape);
      const group = byShape.get(id) ?? { shape: table.shape, tables: [] };
      byShape.set(id, group);
      group.tables.push(table);
    }
  }
  const mixed = byShape.size > 1 || all.some(({ documents }) => documents.size > 0);
  if (!mixed) return { tables: [...byShape.values()].map(({ tables }) => mergeTables(tables)), documents: [] };
  return gatherMixed(all);
}

/** Shapes and documents together: a timestamp belongs to the first source that has it, whatever its form there. */
function gatherMixed(sources: readonly { tables: RowTable[]; documents: ReadonlyMap<number, string> }[]): GatheredRows {
  const taken = new Set<number>();
  const byShape = new Map<string, RowTable[]>();
  const documents: [number, string][] = [];
  for (const source of sources) {
    for (const table of source.tables) {
      const own = mergeTables([table], taken);
      const id = shapeId(table.shape);
      byShape.set(id, [...(byShape.get(id) ?? []), own]);
    }
    for (const [timestamp, text] of source.documents) {
      if (taken.has(timestamp)) continue;
      taken.add(timestamp);
      documents.push([timestamp, text]);
    }
  }
  const tables = [...byShape.values()].map((some) => mergeTables(some)).filter(({ length }) => length > 0);
  return { tables, documents: documents.sort(([a], [b]) => a - b) };
}
