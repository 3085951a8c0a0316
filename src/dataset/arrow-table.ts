/** Loaded with apache-arrow: an Arrow table whose buffers are the arrays of a candle table. */
import { dtypeOf, type TypedArray } from '../dtype.js';
import { loadArrow } from '../formats/arrow/read.js';
import { timeCounts } from '../formats/export/time-counts.js';
import type { CandleTable, ToArrowOptions } from '../table.js';

export async function arrowTable(
  table: CandleTable,
  { columns, times = 'timestamp' }: ToArrowOptions,
): Promise<unknown> {
  const arrow = await loadArrow();
  const names =
    columns === undefined ? table.columns : ['timestamp', ...columns.filter((name) => name !== 'timestamp')];
  const types = {
    float64: arrow.Float64,
    float32: arrow.Float32,
    int8: arrow.Int8,
    uint8: arrow.Uint8,
    int16: arrow.Int16,
    uint16: arrow.Uint16,
    int32: arrow.Int32,
    uint32: arrow.Uint32,
    int64: arrow.Int64,
    uint64: arrow.Uint64,
  };
  const vectorOf = (name: string) => {
    const values: TypedArray = table.column(name);
    if (name === 'timestamp' && times === 'timestamp' && isWhole(values)) {
      const type = new arrow.Timestamp(arrow.TimeUnit.MILLISECOND, 'UTC');
      return arrow.makeVector(arrow.makeData({ type, data: timeCounts(values, 'ms') }));
    }
    const type = new types[dtypeOf(values)!]();
    return arrow.makeVector(arrow.makeData({ type, data: values, length: values.length, nullCount: 0 } as never));
  };
  return new arrow.Table(Object.fromEntries(names.map((name) => [name, vectorOf(name)])) as never);
}

/** Fractions of a ms stay numbers. */
function isWhole(times: TypedArray): boolean {
  for (let row = 0; row < times.length; row += 1) if (!Number.isInteger(Number(times[row]))) return false;
  return true;
}
