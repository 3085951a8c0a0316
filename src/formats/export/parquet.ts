/** A table as Parquet, a row group at a time. hyparquet-writer encodes the pages. */
import type { ParquetWriter as Writer } from 'hyparquet-writer';
import { type Columns, createArray, type Dtype, dtypeOf, type TypedArray } from '../../dtype.js';
import { loadOptional } from '../optional-package.js';
import { type ByteSink, type ExportSpec, SYMBOL_COLUMN, type TableWriter } from './export-format.js';
import { pageCompression, pagesOf } from './parquet-pages.js';
import { timeCounts } from './time-counts.js';

type SchemaElement = ConstructorParameters<typeof Writer>[0]['schema'][number];

/** Rows of a row group: what readers and writers hold in memory. */
const GROUP_ROWS = 65_536;

/** How each dtype is stored: a physical type and, where that is wider, what it stands for. */
const TYPES: Readonly<Record<Dtype, Pick<SchemaElement, 'type' | 'converted_type'>>> = {
  float64: { type: 'DOUBLE' },
  float32: { type: 'FLOAT' },
  int8: { type: 'INT32', converted_type: 'INT_8' },
  uint8: { type: 'INT32' },
  int16: { type: 'INT32', converted_type: 'INT_16' },
  uint16: { type: 'INT32' },
  int32: { type: 'INT32' },
  uint32: { type: 'INT64' },
  int64: { type: 'INT64' },
  uint64: { type: 'INT64', converted_type: 'UINT_64' },
};

/** Timestamps in UTC of ms or µs; the symbol, where rows carry one, as a dictionary of text. */
export async function openParquet(
  sink: ByteSink,
  { schema, hasSymbolColumn, times, compression = 'snappy' }: ExportSpec,
): Promise<TableWriter> {
  const { ParquetWriter, ByteWriter } = await loadOptional(
    'writing Parquet',
    ['hyparquet-writer'],
    () => import('hyparquet-writer'),
  );
  const elements = schema.map(({ name, dtype }, k): SchemaElement => {
    if (k > 0 || times === 'numbers') return { name, repetition_type: 'REQUIRED', ...TYPES[dtype] };
    const unit = times === 'ms' ? ('MILLIS' as const) : ('MICROS' as const);
    const logical_type = { type: 'TIMESTAMP' as const, isAdjustedToUTC: true, unit };
    return { name, repetition_type: 'REQUIRED', type: 'INT64', converted_type: `TIMESTAMP_${unit}`, logical_type };
  });
  const symbolElement: SchemaElement = {
    name: SYMBOL_COLUMN,
    type: 'BYTE_ARRAY',
    converted_type: 'UTF8',
    repetition_type: 'REQUIRED',
  };
  const columns = hasSymbolColumn ? [...elements, symbolElement] : elements;
  const bytes = streamed(new ByteWriter(), sink);
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: columns.length }, ...columns],
    ...pageCompression(compression),
    createdBy: 'atc-memory',
  });
  const group = new RowGroup(schema.map(({ dtype }) => dtype));
  const flush = async () => {
    if (group.rows === 0) return;
    const arrays = group.columns();
    const columnData = schema.map(({ name, dtype }, k) => {
      const data = k === 0 && times !== 'numbers' ? timeCounts(arrays[0], times) : stored(arrays[k]);
      return { name, data, ...pagesOf(data, dtype) };
    });
    const symbols = hasSymbolColumn ? [{ name: SYMBOL_COLUMN, data: group.symbols() }] : [];
    await writer.write({ columnData: [...columnData, ...symbols] as never, rowGroupSize: group.rows });
    group.clear();
  };
  return {
    async write(symbol, length, given) {
      for (let from = 0; from < length; ) {
        from += group.take(symbol, given, schema, from, length);
        if (group.rows === GROUP_ROWS) await flush();
      }
    },
    async finish() {
      await flush();
      await writer.finish();
    },
  };
}

/** What the physical type holds: unsigned integers in the next wider type, the widest as they are. */
function stored(values: TypedArray): ArrayLike<number | bigint> {
  const dtype = dtypeOf(values)!;
  if (dtype === 'uint32') return BigInt64Array.from(values as Uint32Array, BigInt);
  return ['float64', 'float32', 'int64', 'uint64', 'int32'].includes(dtype)
    ? values
    : Int32Array.from(values as Int16Array);
}

/** Rows that wait for their group. */
class RowGroup {
  rows = 0;
  readonly #columns: TypedArray[];
  #spans: { symbol: string; rows: number }[] = [];

  constructor(dtypes: readonly Dtype[]) {
    this.#columns = dtypes.map((dtype) => createArray(dtype, GROUP_ROWS));
  }

  /** Takes what fits of rows [from, length); returns how many. */
  take(symbol: string, columns: Columns, schema: ExportSpec['schema'], from: number, length: number): number {
    const count = Math.min(GROUP_ROWS - this.rows, length - from);
    schema.forEach(({ name }, k) => {
      (this.#columns[k] as Float64Array).set(columns[name].subarray(from, from + count) as Float64Array, this.rows);
    });
    this.#spans.push({ symbol, rows: count });
    this.rows += count;
    return count;
  }

  columns(): TypedArray[] {
    return this.#columns.map((column) => column.subarray(0, this.rows));
  }

  symbols(): string[] {
    return this.#spans.flatMap(({ symbol, rows }) => new Array<string>(rows).fill(symbol));
  }

  clear(): void {
    this.rows = 0;
    this.#spans = [];
  }
}

interface GrowingBytes {
  buffer: ArrayBuffer;
  index: number;
  flush?(): void | Promise<void>;
  finish(): void | Promise<void>;
}

/** The library's buffer, emptied into the sink after every row group. */
function streamed<Writer extends GrowingBytes>(writer: Writer, sink: ByteSink): Writer {
  const empty = () => {
    sink.write(new Uint8Array(writer.buffer, 0, writer.index));
    writer.index = 0;
  };
  writer.flush = empty;
  writer.finish = empty;
  return writer;
}
