/** Files in memory for the tests of readers. */
import type { RowBatch } from '../../src/formats/batch.js';
import type { ReadContext, SourceFile } from '../../src/formats/format.js';
import type { ImportOptions } from '../../src/formats/options.js';
import { presetNamed, recogniseName } from '../../src/formats/presets.js';

export interface FileShape {
  readonly name?: string;
  readonly folders?: readonly string[];
  /** Bytes of a chunk. */
  readonly size?: number;
}

export function fileOf(
  content: string | Uint8Array,
  { name = 'file.csv', folders = [], size }: FileShape = {},
): SourceFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    path: name,
    name,
    folders,
    depth: 0,
    head: bytes.slice(0, 1 << 16),
    async *bytes() {
      const step = size ?? (bytes.length || 1);
      for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
    },
  };
}

export function contextOf(file: SourceFile, options: ImportOptions = {}): ReadContext {
  const asked = options.as === undefined ? undefined : presetNamed(options.as);
  const { preset, facts } = recogniseName(file.name, file.folders, asked);
  return {
    options,
    preset,
    name: file.name,
    folders: file.folders,
    facts,
    symbol: options.symbol ?? facts.symbol ?? file.name.replace(/\.\w+$/, ''),
    found: { title: '', times: new Set(), notes: new Set() },
  };
}

/** Columns of all batches joined, with symbols and lines. */
export interface Table {
  readonly names: readonly string[];
  readonly columns: number[][];
  readonly symbols: string[];
  readonly lines: number[];
}

export async function joined(batches: AsyncIterable<RowBatch>): Promise<Table> {
  let names: readonly string[] = [];
  const columns: number[][] = [];
  const symbols: string[] = [];
  const lines: number[] = [];
  for await (const batch of batches) {
    names = batch.schema.map(({ name }) => name);
    batch.columns.forEach((column, k) => {
      columns[k] = [...(columns[k] ?? []), ...Array.from(column, Number)];
    });
    for (let row = 0; row < batch.rows; row += 1) {
      symbols.push(batch.symbolAt(row));
      lines.push(batch.locationOf(row).line ?? 0);
    }
  }
  return { names, columns, symbols, lines };
}
