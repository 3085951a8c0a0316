/**
 * A higher level is never larger by more than 0.1 %, nothing is larger than raw, on real history and on made-up markets
 * of its kinds.
 */
import type { CompressionLevel } from '../../src/codec/codec.js';
import { compressDataFrame, decompressDataFrame } from '../../src/codec/table-frame.js';
import type { Columns } from '../../src/dtype.js';
import { marketFiles, readMarketFile, testEachShared } from '../shared-data.js';
import { expectSameColumns } from './frame-samples.js';
import { MARKET_KINDS, marketTable } from './market-kinds.js';

const LEVELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
const MOST_GROWTH = 1.001;
/** Index, header and footer of a small table. */
const FRAME_BYTES = 400;

function firstRows(columns: Columns, rows: number): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(0, rows)]));
}

function expectMonotone(columns: Columns): number[] {
  const raw = Object.values(columns).reduce((sum, { byteLength }) => sum + byteLength, 0);
  const sizes = LEVELS.map((level) => compressDataFrame(columns, { level: level as CompressionLevel }).length);
  expect(sizes[0]).toBeLessThan(raw + FRAME_BYTES);
  for (let i = 1; i < sizes.length; i++) expect(sizes[i]).toBeLessThanOrEqual(sizes[i - 1] * MOST_GROWTH);
  for (const level of [2, 5] as const)
    expectSameColumns(decompressDataFrame(compressDataFrame(columns, { level })), columns);
  return sizes;
}

describe('made-up markets', () => {
  test.each(MARKET_KINDS)('%s: a higher level is not larger', (kind) => {
    // A block and a short one; and few rows, where tables and headers are what counts.
    for (const rows of [30, 500, 18_000]) {
      const columns = marketTable(kind, rows, 11);
      const sizes = expectMonotone(columns);
      if (rows === 18_000) expect(sizes[0] / sizes[5]).toBeGreaterThan(2);
    }
  });
});

describe('real market history', () => {
  testEachShared(marketFiles(), 'no level is larger than the one below', (file) => {
    expectMonotone(firstRows(readMarketFile(file), 20_000));
  });
});
