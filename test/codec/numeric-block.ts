/** One block through the numeric codec without frames around it. */
import { BLOCK_ROWS, type BlockReader, type Chunk } from '../../src/codec/codec.js';
import { NumericDecoder } from '../../src/codec/numeric/decoder.js';
import { NumericEncoder } from '../../src/codec/numeric/encoder.js';
import { policyOf } from '../../src/codec/numeric/policy.js';
import { bytesOf, createArray, dtypeOf, type TypedArray } from '../../src/dtype.js';
import type { Kernels } from '../../src/kernels/kernels.js';

export interface CodedBlock {
  readonly columns: readonly TypedArray[];
  readonly chunks: readonly (Chunk | undefined)[];
}

export function encodeBlock(kernels: Kernels, columns: readonly TypedArray[], level: number): CodedBlock {
  const encoder = new NumericEncoder(kernels, policyOf(level as 5));
  const schema = columns.map((values, i) => ({ name: `c${i}`, dtype: dtypeOf(values)! }));
  const cut = columns.map((values) => values.subarray(0, BLOCK_ROWS));
  return { columns: cut, chunks: encoder.encode({ schema, rows: cut[0].length, columns: cut }) };
}

export function readerOf({ columns, chunks }: CodedBlock): BlockReader {
  return {
    schema: columns.map((values, i) => ({ name: `c${i}`, dtype: dtypeOf(values)! })),
    rows: columns[0].length,
    memo: new Map(),
    chunk: (column) => chunks[column]!,
  };
}

export function decodeColumn(kernels: Kernels, reader: BlockReader, column: number): TypedArray {
  const out = createArray(reader.schema[column].dtype, reader.rows);
  new NumericDecoder(() => kernels).decode(reader, column, out);
  return out;
}

export function hexOf(values: TypedArray): string {
  return Buffer.from(bytesOf(values)).toString('hex');
}
