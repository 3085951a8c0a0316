/** One column of a row group of Parquet: what its pages hold, how that is encoded and compressed, and its statistics. */
import type { ParquetWriter } from 'hyparquet-writer';
import { bytesOf, createArray, type Dtype, type TypedArray } from '../../dtype.js';
import { deltaBytes, distancesOf, encodeDeltas } from './parquet-delta.js';
import { BitsDictionary, encodeIndexes, indexBytes } from './parquet-dictionary.js';
import { dataPageHeader, dictionaryPageHeader, type PageEncoding } from './parquet-header.js';
import type { Compress } from './parquet-pages.js';
import { timeCounts } from './time-counts.js';

type Chunk = ParquetWriter['row_groups'][number]['columns'][number];
type Physical = NonNullable<Chunk['meta_data']>['type'];

/** Of the values themselves a dictionary may take a quarter: with more it and its indexes are no gain over their bytes. */
const LARGEST_SHARE = 1 / 4;

/** Encoded data of one column. `values` are as their physical type holds them. */
interface Encoded {
  readonly encoding: PageEncoding;
  readonly dictionary?: { readonly entries: number; readonly bytes: Uint8Array };
  readonly bytes: Uint8Array;
}

/** Smallest and largest value, as their physical type holds them; text for text. */
type Range<Value = number | bigint | string> = readonly [least: Value, most: Value];

/** Encodes column after column into memory of its own, which is reused. */
export class ChunkEncoder {
  readonly #dictionary: BitsDictionary;
  readonly #distances: Float64Array;
  readonly #out: Uint8Array;
  readonly #compress: Compress | undefined;
  readonly #codec: NonNullable<Chunk['meta_data']>['codec'];

  /** `compress`: undefined where pages stay as they are. */
  constructor(mostRows: number, codec: NonNullable<Chunk['meta_data']>['codec'], compress: Compress | undefined) {
    this.#dictionary = new BitsDictionary(mostRows, Math.ceil(mostRows * LARGEST_SHARE));
    this.#distances = new Float64Array(mostRows);
    this.#out = new Uint8Array(Math.max(mostRows * 8, indexBytes(mostRows), deltaBytes(mostRows)));
    this.#codec = codec;
    this.#compress = compress;
  }

  /** At least one value. `offset`: of the chunk in the file. */
  numbers(name: string, type: Physical, dtype: Dtype, values: TypedArray, offset: number): ChunkBytes {
    const isFloat = type === 'DOUBLE' || type === 'FLOAT';
    const encoded =
      isFloat || dtype === 'uint64' ? this.#bits(values, isFloat) : this.#integers(values, type === 'INT32');
    return this.#chunk(name, type, values.length, encoded, rangeOf(values), offset);
  }

  /** At least one time, UTC ms, as whole ms or µs. */
  times(name: string, values: TypedArray, unit: 'ms' | 'us', offset: number): ChunkBytes {
    if (unit === 'us' || !(values instanceof Float64Array) || !distancesOf(values, this.#distances)) {
      return this.numbers(name, 'INT64', 'int64', timeCounts(values, unit), offset);
    }
    const encoded = this.#deltas(BigInt(values[0]), values.length, false);
    const [least, most] = rangeOf(values)!;
    return this.#chunk(name, 'INT64', values.length, encoded, [BigInt(least), BigInt(most)], offset);
  }

  /** Text, as spans of rows that have the same. */
  texts(name: string, spans: readonly { symbol: string; rows: number }[], offset: number): ChunkBytes {
    const entries = [...new Set(spans.map(({ symbol }) => symbol))];
    const texts = entries.map((text) => Buffer.from(text));
    const { indexes } = this.#dictionary;
    let rows = 0;
    for (const span of spans) {
      indexes.fill(entries.indexOf(span.symbol), rows, rows + span.rows);
      rows += span.rows;
    }
    const bytes = Buffer.concat(texts.flatMap((text) => [bytesOf(Uint32Array.of(text.length)), text]));
    const sorted = [...texts].sort(Buffer.compare).map(String);
    const range = [sorted[0], sorted[sorted.length - 1]] as const;
    return this.#chunk(name, 'BYTE_ARRAY', rows, this.#indexed(rows, entries.length, bytes), range, offset);
  }

  #indexed(rows: number, entries: number, bytes: Uint8Array): Encoded {
    const length = encodeIndexes(this.#dictionary.indexes, rows, entries, this.#out);
    return { encoding: 'RLE_DICTIONARY', dictionary: { entries, bytes }, bytes: this.#out.subarray(0, length) };
  }

  /**
   * A dictionary where values repeat, else, of floats, their bytes apart: all first bytes, all second ones, … Readers in
   * JavaScript that look entries up in an array make signalling NaN quiet: those stay out of dictionaries.
   */
  #bits(values: TypedArray, isFloat: boolean): Encoded {
    const entries = this.#dictionary.build(values, Math.ceil(values.length * LARGEST_SHARE));
    if (entries !== undefined && !(isFloat && hasSignallingNaN(entries, values.BYTES_PER_ELEMENT))) {
      return this.#indexed(values.length, (entries.length * 4) / values.BYTES_PER_ELEMENT, bytesOf(entries));
    }
    const bytes = bytesOf(values);
    if (!isFloat) return { encoding: 'PLAIN', bytes };
    const width = values.BYTES_PER_ELEMENT;
    const rows = values.length;
    for (let byte = 0, to = 0; byte < width; byte += 1) {
      for (let from = byte; from < bytes.length; from += width) this.#out[to++] = bytes[from];
    }
    return { encoding: 'BYTE_STREAM_SPLIT', bytes: this.#out.subarray(0, rows * width) };
  }

  #integers(values: TypedArray, wraps: boolean): Encoded {
    if (!distancesOf(values, this.#distances)) return { encoding: 'PLAIN', bytes: bytesOf(values) };
    return this.#deltas(BigInt(values[0]), values.length, wraps);
  }

  #deltas(first: bigint, rows: number, wraps: boolean): Encoded {
    const length = encodeDeltas(first, this.#distances, rows, wraps, this.#out);
    return { encoding: 'DELTA_BINARY_PACKED', bytes: this.#out.subarray(0, length) };
  }

  #chunk(name: string, type: Physical, rows: number, encoded: Encoded, range: Range | undefined, at: number) {
    const parts: Uint8Array[] = [];
    let compressed = 0;
    let uncompressed = 0;
    const add = (header: Uint8Array, page: Uint8Array, pageBytes: number) => {
      parts.push(header, page);
      compressed += header.length + page.length;
      uncompressed += header.length + pageBytes;
    };
    const { dictionary, bytes, encoding } = encoded;
    if (dictionary !== undefined) {
      const page = this.#compress?.(dictionary.bytes) ?? dictionary.bytes;
      const sizes = { uncompressedBytes: dictionary.bytes.length, compressedBytes: page.length };
      add(dictionaryPageHeader(dictionary.entries, sizes), page, dictionary.bytes.length);
    }
    const dataAt = at + compressed;
    const small = this.#compress?.(bytes) ?? bytes;
    const page = small.length < bytes.length ? small : bytes;
    add(
      dataPageHeader(rows, encoding, { uncompressedBytes: bytes.length, compressedBytes: page.length }),
      page,
      bytes.length,
    );
    const chunk: Chunk = {
      file_offset: BigInt(at),
      meta_data: {
        type,
        encodings: dictionary === undefined ? [encoding] : ['PLAIN', encoding],
        path_in_schema: [name],
        codec: this.#codec,
        num_values: BigInt(rows),
        total_uncompressed_size: BigInt(uncompressed),
        total_compressed_size: BigInt(compressed),
        data_page_offset: BigInt(dataAt),
        dictionary_page_offset: dictionary === undefined ? undefined : BigInt(at),
        statistics:
          range === undefined
            ? undefined
            : { null_count: 0n, min_value: range[0] as never, max_value: range[1] as never },
      },
    };
    return { chunk, parts, compressed, uncompressed };
  }
}

function hasSignallingNaN(bits: Uint32Array, itemBytes: number): boolean {
  if (itemBytes === 4) return bits.some((word) => (word & 0x7fc0_0000) === 0x7f80_0000 && (word & 0x3f_ffff) !== 0);
  return bits.some(
    (high, k) => k % 2 === 1 && (high & 0x7ff8_0000) === 0x7ff0_0000 && ((high & 0x7_ffff) | bits[k - 1]) !== 0,
  );
}

/** A chunk and its bytes, which are valid until the next one is encoded. */
export interface ChunkBytes {
  readonly chunk: Chunk;
  readonly parts: readonly Uint8Array[];
  /** Bytes in the file, and before compression. */
  readonly compressed: number;
  readonly uncompressed: number;
}

/**
 * For readers that skip row groups. None where there is a NaN: some readers sort it above all numbers. Zeros have the
 * sign that makes the range wider, as the format wants it.
 */
function rangeOf(values: TypedArray): Range<number | bigint> | undefined {
  let [least] = values;
  let [most] = values;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (Number.isNaN(value)) return undefined;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (values instanceof Float64Array || values instanceof Float32Array) {
    return [least === 0 ? -0 : least, most === 0 ? 0 : most];
  }
  return [least, most];
}

/** What the physical type holds: integers below 32 bits in INT32, unsigned ones of 32 in INT64. */
export function widened(values: TypedArray, dtype: Dtype): TypedArray {
  if (dtype === 'uint32') {
    const wide = createArray('int64', values.length) as BigInt64Array;
    for (let row = 0; row < values.length; row += 1) wide[row] = BigInt(values[row]);
    return wide;
  }
  if (['float64', 'float32', 'int64', 'uint64', 'int32'].includes(dtype)) return values;
  return Int32Array.from(values as Int16Array);
}
