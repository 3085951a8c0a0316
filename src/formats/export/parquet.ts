/** A table as Parquet, a row group at a time. hyparquet-writer writes the schema and the footer. */
import type { ParquetWriter as Writer } from 'hyparquet-writer';
import { type Columns, createArray, type Dtype, type TypedArray } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import { loadOptional } from '../optional-package.js';
import { type ByteSink, type ExportSpec, SYMBOL_COLUMN, type TableWriter } from './export-format.js';
import { type ChunkBytes, ChunkEncoder, widened } from './parquet-chunk.js';
import { pageCompression } from './parquet-pages.js';

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
  const bytes = new ByteWriter();
  const { codec, compressors } = pageCompression(compression);
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: columns.length }, ...columns],
    codec,
    compressors,
    createdBy: 'atc-memory',
  });
  requireFields(writer);
  const drain = () => {
    sink.write(new Uint8Array(bytes.buffer, 0, bytes.index));
    bytes.index = 0;
  };
  drain();
  const group = new RowGroup(schema.map(({ dtype }) => dtype));
  const encoder = new ChunkEncoder(GROUP_ROWS, codec, writer.compressors[codec]);
  const flush = () => {
    const { rows } = group;
    if (rows === 0) return;
    const start = sink.byteLength;
    const chunks: ChunkBytes['chunk'][] = [];
    let uncompressed = 0;
    const take = ({ chunk, parts, uncompressed: own }: ChunkBytes) => {
      for (const part of parts) sink.write(part);
      chunks.push(chunk);
      uncompressed += own;
    };
    group.columns().forEach((values, k) => {
      const { name, dtype } = schema[k];
      take(
        k === 0 && times !== 'numbers'
          ? encoder.times(name, values, times, sink.byteLength)
          : encoder.numbers(name, TYPES[dtype].type!, dtype, widened(values, dtype), sink.byteLength),
      );
    });
    if (hasSymbolColumn) take(encoder.texts(SYMBOL_COLUMN, group.spans, sink.byteLength));
    writer.row_groups.push({
      columns: chunks,
      num_rows: BigInt(rows),
      total_byte_size: BigInt(uncompressed),
      total_compressed_size: BigInt(sink.byteLength - start),
    });
    writer.num_rows += BigInt(rows);
    group.clear();
  };
  return {
    write(symbol, length, given) {
      for (let from = 0; from < length; ) {
        from += group.take(symbol, given, schema, from, length);
        if (group.rows === GROUP_ROWS) flush();
      }
    },
    async finish() {
      flush();
      await writer.finish();
      drain();
    },
  };
}

/** The fields that row groups are handed over by are no documented part of the library. */
function requireFields({ row_groups, num_rows, compressors }: Writer): void {
  if (Array.isArray(row_groups) && typeof num_rows === 'bigint' && typeof compressors?.SNAPPY === 'function') return;
  const what = 'this version of hyparquet-writer is not one that Parquet is written with';
  throw new AtcError('UNSUPPORTED', `${what}; npm install hyparquet-writer@0.17`);
}

/** Rows that wait for their group. */
class RowGroup {
  rows = 0;
  /** Symbols of the rows, in their order. */
  spans: { symbol: string; rows: number }[] = [];
  readonly #columns: TypedArray[];

  constructor(dtypes: readonly Dtype[]) {
    this.#columns = dtypes.map((dtype) => createArray(dtype, GROUP_ROWS));
  }

  /** Takes what fits of rows [from, length); returns how many. */
  take(symbol: string, columns: Columns, schema: ExportSpec['schema'], from: number, length: number): number {
    const count = Math.min(GROUP_ROWS - this.rows, length - from);
    schema.forEach(({ name }, k) => {
      (this.#columns[k] as Float64Array).set(columns[name].subarray(from, from + count) as Float64Array, this.rows);
    });
    this.spans.push({ symbol, rows: count });
    this.rows += count;
    return count;
  }

  columns(): TypedArray[] {
    return this.#columns.map((column) => column.subarray(0, this.rows));
  }

  clear(): void {
    this.rows = 0;
    this.spans = [];
  }
}
