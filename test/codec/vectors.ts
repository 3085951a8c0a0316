/** What the frames of docs/vectors hold, and how each was written. */
import { COLUMN_CODECS } from '../../src/codec/column-codecs.js';
import { type Dtype, dtypeOf, type TypedArray } from '../../src/dtype.js';
import { encodeColumn, frameOfChunk } from './column-chunks.js';
import { COLUMN_SAMPLES } from './column-samples.js';

export interface Vector {
  readonly about: string;
  /** Codecs that its chunks are coded with, among others. */
  readonly wireIds: readonly number[];
  readonly columns: readonly { readonly name: string; readonly dtype: Dtype; readonly values: TypedArray }[];
  /** The bytes of a new vector. */
  write(): Uint8Array;
}

/** One per codec: the first of its samples, in a frame of one chunk. */
const ofCodecs = COLUMN_CODECS.map((codec): [string, Vector] => {
  const [values] = COLUMN_SAMPLES[codec.name];
  return [
    `${codec.name.replace('+', '-')}-${codec.wireId}`,
    {
      about: `an array, one chunk, codec ${codec.wireId} (${codec.name})`,
      wireIds: [codec.wireId],
      columns: [{ name: '', dtype: dtypeOf(values)!, values }],
      write: () => frameOfChunk(codec, encodeColumn(codec, values, 9), values),
    },
  ];
});

export const VECTORS: Readonly<Record<string, Vector>> = Object.fromEntries(ofCodecs);
