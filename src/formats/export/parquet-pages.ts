/** What the pages of Parquet are compressed with. */
import { AtcError } from '../../errors.js';
import { requireNow } from '../../require-now.js';

/** Compression of the pages of Parquet. */
export type ParquetCompression = 'snappy' | 'gzip' | 'zstd' | 'none';

type Codec = 'SNAPPY' | 'GZIP' | 'ZSTD' | 'UNCOMPRESSED';
/** The result may be longer than the bytes; it is memory of its own. */
export type Compress = (bytes: Uint8Array) => Uint8Array;

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
