/** How the pages of a column of Parquet are encoded and compressed: what is smallest among what keeps every bit. */
import type { Dtype } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import { requireNow } from '../../require-now.js';

/** Compression of the pages of Parquet. */
export type ParquetCompression = 'snappy' | 'gzip' | 'zstd' | 'none';

type Codec = 'SNAPPY' | 'GZIP' | 'ZSTD' | 'UNCOMPRESSED';
type Compress = (bytes: Uint8Array) => Uint8Array;

const CODECS: Readonly<Record<ParquetCompression, Codec>> = {
  snappy: 'SNAPPY',
  gzip: 'GZIP',
  zstd: 'ZSTD',
  none: 'UNCOMPRESSED',
};

/** A codec by its name. UNSUPPORTED for zstd where Node is older than 22.15. */
export function pageCompression(name: ParquetCompression): {
  readonly codec: Codec;
  readonly compressors: Partial<Record<Codec, Compress>>;
} {
  const codec = CODECS[name];
  const zlib = requireNow<typeof import('node:zlib') & { zstdCompressSync?: Compress }>('node:zlib');
  // Higher levels cost several times as much for a few parts in a hundred.
  if (name === 'gzip') return { codec, compressors: { GZIP: (bytes) => zlib.gzipSync(bytes, { level: 4 }) } };
  if (name !== 'zstd') return { codec, compressors: {} };
  const { zstdCompressSync } = zlib;
  if (zstdCompressSync !== undefined) return { codec, compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) } };
  const what = `this Node (${process.version}) has no Zstandard, which 22.15 and later have`;
  throw new AtcError('UNSUPPORTED', `${what}; take gzip`, { key: 'compression' });
}

/**
 * Of the values themselves a dictionary may take a quarter: with more it and its indexes are no gain over their bytes.
 */
const LARGEST_SHARE = 1 / 4;

/**
 * `DELTA_BINARY_PACKED` for integers; those that need all 64 bits without a sign are left to the library. For floats a
 * dictionary where values repeat, else their bytes apart (`BYTE_STREAM_SPLIT`). The library's dictionary would make one
 * of 0 and -0 and of all NaN, so where there is one of those it is no option; neither are its statistics.
 */
export function pagesOf(values: ArrayLike<number | bigint>, dtype: Dtype) {
  if (!(values instanceof Float64Array || values instanceof Float32Array)) {
    return dtype === 'uint64' ? {} : { encoding: 'DELTA_BINARY_PACKED' };
  }
  return { encoding: hasFewValues(values) ? 'RLE_DICTIONARY' : 'BYTE_STREAM_SPLIT', statistics: false };
}

function hasFewValues(values: Float64Array | Float32Array): boolean {
  const most = values.length * LARGEST_SHARE;
  const seen = new Set<number>();
  for (const value of values) {
    if (Number.isNaN(value) || Object.is(value, -0) || seen.size > most) return false;
    seen.add(value);
  }
  return seen.size <= most;
}
