/** One column through one codec, without a frame around it and with one. */
import type { ChunkDecoder, ColumnCodec, CompressionLevel } from '../../src/codec/codec.js';
import { encoderOf } from '../../src/codec/column-encoder.js';
import { NumericEncoder } from '../../src/codec/numeric/encoder.js';
import { policyOf } from '../../src/codec/numeric/policy.js';
import { bytesOf, createArray, DTYPES, type Dtype, dtypeOf, type TypedArray } from '../../src/dtype.js';
import { isAtcError } from '../../src/errors.js';
import { kernels } from '../../src/kernels/index.js';
import { forgeFrame } from '../fuzz/frame-forge.js';
import { hexOf } from './numeric-block.js';

/** The chunk of a column alone; fails where the codec does not make it smaller, which no sample of its own may be. */
export function encodeColumn(codec: ColumnCodec, values: TypedArray, level: number): Uint8Array {
  const dtype = dtypeOf(values)!;
  const schema = [{ name: '', dtype }];
  if (codec.name === 'stored') return bytesOf(values);
  const bytes =
    codec.name === 'numeric'
      ? new NumericEncoder(kernels(), policyOf(level as CompressionLevel)).encode({
          schema,
          rows: values.length,
          columns: [values],
        })[0]?.bytes
      : encoderOf(codec)?.(values, { level: level as CompressionLevel, below: values.byteLength });
  if (bytes === undefined) throw new Error(`${codec.name} leaves ${values.length} elements of ${dtype} as they are`);
  return bytes;
}

/** Levels at which a codec is tried on a dtype: the lowest and the highest. */
export function levelsOf(codec: ColumnCodec, values: TypedArray): number[] {
  return [...new Set([codec.fromLevel(dtypeOf(values)!), 9])];
}

export function decodeColumn(codec: ChunkDecoder, bytes: Uint8Array, dtype: Dtype, rows: number): TypedArray {
  const out = createArray(dtype, rows);
  const chunk = { wireId: codec.wireId, refs: [], bytes };
  codec.decode({ schema: [{ name: '', dtype }], rows, memo: new Map(), chunk: () => chunk }, 0, out);
  return out;
}

/** The elements in hex, or CORRUPT; any other error, and an offset outside the chunk, fails the test. */
export function outcome(codec: ChunkDecoder, bytes: Uint8Array, like: TypedArray): string {
  try {
    return hexOf(decodeColumn(codec, bytes, dtypeOf(like)!, like.length));
  } catch (error) {
    if (!isAtcError(error, 'CORRUPT')) throw error;
    const { offset } = error;
    if (!(offset !== undefined && offset >= 0 && offset <= bytes.length)) {
      throw new Error(`offset ${offset} of ${bytes.length} bytes`, { cause: error });
    }
    return 'CORRUPT';
  }
}

/** The chunk in a frame of its own, whatever the writer would have chosen. */
export function frameOfChunk({ wireId }: ChunkDecoder, bytes: Uint8Array, values: TypedArray): Uint8Array {
  const rows = values.length;
  return forgeFrame({
    version: 1,
    headerBody: Uint8Array.of(0, 1 + DTYPES.indexOf(dtypeOf(values)!)),
    rows,
    shape: [rows],
    blocks: [{ rows, times: new Uint8Array(0), chunks: [{ bytes, wireId, refs: [] }] }],
  });
}
