/** Headers of Parquet's pages, in the compact protocol of Thrift. */

export type PageEncoding = 'PLAIN' | 'DELTA_BINARY_PACKED' | 'RLE_DICTIONARY' | 'BYTE_STREAM_SPLIT';

const ENCODINGS: Readonly<Record<PageEncoding, number>> = {
  PLAIN: 0,
  DELTA_BINARY_PACKED: 5,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
};
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;
/** Types of fields. */
const TRUE = 1;
const FALSE = 2;
const I32 = 5;
const STRUCT = 12;

export interface PageSizes {
  /** Without the header. */
  readonly uncompressedBytes: number;
  readonly compressedBytes: number;
}

export function dictionaryPageHeader(entries: number, sizes: PageSizes): Uint8Array {
  return Uint8Array.from([
    ...startOf(DICTIONARY_PAGE, sizes),
    // Field 7, after 3: number of entries, and how they are encoded.
    ...field(4, STRUCT),
    ...numbers([entries, ENCODINGS.PLAIN]),
    0,
    0,
  ]);
}

/** A page of version 2 without levels: every value is there, and no row has more than one. */
export function dataPageHeader(rows: number, encoding: PageEncoding, sizes: PageSizes): Uint8Array {
  const isCompressed = sizes.compressedBytes < sizes.uncompressedBytes;
  return Uint8Array.from([
    ...startOf(DATA_PAGE_V2, sizes),
    // Field 8, after 3: values, nulls, rows, encoding, bytes of both levels.
    ...field(5, STRUCT),
    ...numbers([rows, 0, rows, ENCODINGS[encoding], 0, 0]),
    ...field(1, isCompressed ? TRUE : FALSE),
    0,
    0,
  ]);
}

function startOf(type: number, { uncompressedBytes, compressedBytes }: PageSizes): number[] {
  return numbers([type, uncompressedBytes, compressedBytes]);
}

/** Fields 1, 2, 3 and so on of a struct. */
function numbers(values: readonly number[]): number[] {
  return values.flatMap((value) => [...field(1, I32), ...zigzag(value)]);
}

/** `step`: how much its number is above that of the field before. */
function field(step: number, type: number): number[] {
  return [(step << 4) | type];
}

function zigzag(value: number): number[] {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}
