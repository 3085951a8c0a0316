/** The columns that exports are tested with. */
import { DuckDBInstance } from '@duckdb/node-api';
import { writeDataset } from '../../../src/dataset/dataset.js';
import { bitsOf } from '../../formats/columnar.js';
import { useWorkspace } from '../../io/workspace.js';
import { hostileDoubles } from '../history-files.js';

export const space = useWorkspace();
export const ROWS = 70_000;
export const start = Date.UTC(2024, 0, 1);

export const columns = {
  timestamp: Float64Array.from({ length: ROWS }, (_, k) => start + k * 60_000),
  close: hostileDoubles(ROWS),
  volume: Float64Array.from({ length: ROWS }, (_, k) => k / 3),
  trades: BigInt64Array.from({ length: ROWS }, (_, k) => BigInt(k) - 5n),
  small: Int16Array.from({ length: ROWS }, (_, k) => (k % 60_000) - 30_000),
  single: Float32Array.from({ length: ROWS }, (_, k) => Math.sqrt(k)),
  unsigned: Uint32Array.from({ length: ROWS }, (_, k) => 4_294_967_295 - k),
};

export async function make(name: string, layout: 'mapped' | 'packed' = 'mapped') {
  const source = [
    { symbol: 'BTC/USDT', columns },
    {
      symbol: 'ÄÖ',
      columns: Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, values.subarray(0, 100)])),
    },
  ];
  return writeDataset(space.at(name), source as never, { layout });
}

export const numbers = (values: Iterable<number | bigint>) => [...values].map(Number);

/** For readers whose JavaScript side makes every NaN the same one. */
export const sameNaN = (values: Iterable<number>) =>
  bitsOf(Array.from(values, (value) => (Number.isNaN(value) ? Number.NaN : value)));

export async function query(sql: string) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return (await connection.runAndReadAll(sql)).getColumnsObject() as Record<string, unknown[]>;
}
