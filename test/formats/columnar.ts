/** Reads a file of columns whole, for tests. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readArrow } from '../../src/formats/arrow/read.js';
import type { CellBatch, CellColumn } from '../../src/formats/cell-column.js';
import { readParquet } from '../../src/formats/parquet/read.js';
import { openFileReader } from '../../src/io/file-reader.js';

export type WholeColumn = Omit<CellColumn, 'values'> & { readonly values: (number | string | null)[] };

/** The columns by title, of all batches together. */
export async function collect(batches: AsyncIterable<CellBatch>): Promise<Record<string, WholeColumn>> {
  const whole = new Map<string, WholeColumn>();
  let rows = 0;
  for await (const batch of batches) {
    expect(batch.firstRow).toBe(rows);
    rows += batch.rows;
    for (const { values, ...column } of batch.columns) {
      expect(values).toHaveLength(batch.rows);
      const sofar = whole.get(column.title);
      if (sofar === undefined) whole.set(column.title, { ...column, values: [...values] });
      else sofar.values.push(...values);
    }
  }
  return Object.fromEntries(whole);
}

/** Chunks of a length that fits nothing. */
export async function* chunksOf(bytes: Uint8Array, length = 1009): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.slice(at, at + length);
}

export const readArrowFile = (file: string) => collect(readArrow(chunksOf(readFileSync(file)), file));

export async function readParquetFile(file: string) {
  const reader = openFileReader(file);
  try {
    return await collect(readParquet(reader, file));
  } finally {
    reader.close();
  }
}

/** The bits of doubles: in hexadecimal, of many a digest. */
export function bitsOf(values: readonly unknown[] | Float64Array): string {
  // Copied by elements, a signalling NaN may become a quiet one.
  const doubles = values instanceof Float64Array ? values : Float64Array.from(values as number[]);
  const bytes = Buffer.from(doubles.buffer, doubles.byteOffset, doubles.byteLength);
  return bytes.length <= 256
    ? bytes.toString('hex')
    : `${values.length} ${createHash('sha256').update(bytes).digest('hex')}`;
}
