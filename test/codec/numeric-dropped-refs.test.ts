/**
 * Columns of short blocks refer to each other, and some chunks turn out larger than their column and are dropped:
 * whatever referred to them, through however many others, is written another way.
 */
import { compressDataFrame, decompressDataFrame } from '../../src/codec/table-frame.js';
import { bytesOf } from '../../src/dtype.js';

/** Candles whose columns are sums of each other and of digits that no decimal has. */
function candles(first: number, rows: number): Record<string, Float64Array> {
  const index = Float64Array.from({ length: rows }, (_, row) => first + row);
  const open = index.map((i) => 20_000 + Math.sin(i) * 1000 + 0.1 + 0.2);
  const close = index.map((i) => 20_000 + Math.cos(i) * 1000);
  return {
    timestamp: index.map((i) => i * 60_000),
    open,
    high: open.map((value, row) => Math.max(value, close[row]) + 1 / 3),
    low: open.map((value, row) => Math.min(value, close[row]) - 1 / 7),
    close,
    volume: index.map((i) => (i % 11 === 0 ? Number.NaN : Math.abs(Math.sin(i * 3)) * 5)),
  };
}

test.each([5, 6])('level %i: every short block of such candles is restored bit by bit', (level) => {
  for (let first = 27_875_670; first < 27_875_682; first++) {
    for (let rows = 8; rows < 24; rows++) {
      const columns = candles(first, rows);
      const decoded = decompressDataFrame(compressDataFrame(columns, { level }));
      for (const [name, values] of Object.entries(columns))
        expect(Buffer.compare(bytesOf(decoded[name]), bytesOf(values))).toBe(0);
    }
  }
});

test.each([2, 5, 6, 9])(
  'level %i: a short block whose high is smaller as bits than as a decimal is restored',
  (level) => {
    for (let rows = 40; rows < 72; rows++) {
      const close = Float64Array.from({ length: rows }, (_, i) => 100 + ((2812 + i) % 97) / 100);
      const columns = {
        timestamp: close.map((_, i) => 1_600_000_000_000 + i * 60_000),
        open: close.slice(),
        high: close.map((value) => value + 0.05),
        low: close.map((value) => value - 0.05),
        close,
        volume: close.map((_, i) => (2812 + i) % 1000),
      };
      const decoded = decompressDataFrame(compressDataFrame(columns, { level }));
      for (const [name, values] of Object.entries(columns))
        expect(Buffer.compare(bytesOf(decoded[name]), bytesOf(values))).toBe(0);
    }
  },
);
