/**
 * The pages of one column of a row group, one after another: what is in memory is one page, however many rows the group
 * has. hyparquet decodes headers, levels and values; its own assembly of rows makes an object of every number.
 */
import type { FileMetaData, RowGroup } from 'hyparquet';
import { loadOptional } from '../optional-package.js';
import type { ParquetColumn, ParquetValues } from './columns.js';
import { areAllPresent } from './levels.js';
import type { PageScratch, ParquetBytes } from './scratch.js';

/** Bytes that a page header has at most: it may hold the least and the largest text of its page. */
const HEADER_BYTES = [1 << 12, 1 << 16, 1 << 24];

export type PageTools = Awaited<ReturnType<typeof loadPageTools>>;
type Compressors = NonNullable<Parameters<PageTools['decompressPage']>[3]>;
type Decoder = Parameters<PageTools['readPage']>[2];
type Header = ReturnType<PageTools['parquetHeader']>;
type Decoded = ReturnType<PageTools['convert']>;
export type Chunk = RowGroup['columns'][number];

export async function loadPageTools() {
  const [column, datapage, values, schema, encoding] = await loadOptional('Parquet', ['hyparquet'], () =>
    Promise.all([
      import('hyparquet/src/column.js'),
      import('hyparquet/src/datapage.js'),
      import('hyparquet/src/convert.js'),
      import('hyparquet/src/schema.js'),
      import('hyparquet/src/encoding.js'),
    ]),
  );
  const { parquetHeader, readPage } = column;
  const { decompressPage, readDataPage, readDataPageV2 } = datapage;
  const { convert, convertWithDictionary, DEFAULT_PARSERS } = values;
  const { getTreePath } = schema;
  const { readRleBitPackedHybrid } = encoding;
  return {
    ...{ parquetHeader, readPage, decompressPage, readDataPage, readDataPageV2 },
    ...{ convert, convertWithDictionary, DEFAULT_PARSERS, getTreePath, readRleBitPackedHybrid },
  };
}

export interface PageSource {
  readonly bytes: ParquetBytes;
  readonly scratch: PageScratch;
  readonly tools: PageTools;
  readonly compressors: Compressors;
  /** With physical types alone, and the tree of its schema. */
  readonly metadata: FileMetaData;
  readonly tree: Parameters<PageTools['getTreePath']>[0];
}

/** Values of each page in turn; they may lie in the scratch, which the next page overwrites. An Error for damage. */
export function* pagesOf(
  chunk: Chunk,
  { name }: ParquetColumn,
  rows: number,
  source: PageSource,
): Generator<ParquetValues> {
  const { tools, compressors } = source;
  const meta = chunk.meta_data;
  if (meta === undefined) throw new Error(`column "${name}" has no metadata`);
  const schemaPath = tools.getTreePath(source.tree, [name]);
  const decoder: Decoder = {
    pathInSchema: [name],
    type: meta.type,
    codec: meta.codec,
    element: schemaPath[schemaPath.length - 1].element,
    schemaPath,
    compressors,
    utf8: false,
    parsers: { ...tools.DEFAULT_PARSERS, timestampFromNanoseconds: (nanos: bigint) => nanos },
  };
  const pages = new Pages(source, decoder);
  const dictionaryAt = Number(meta.dictionary_page_offset ?? 0n);
  const dataAt = Number(meta.data_page_offset);
  // Some writers put the dictionary before the data without an offset of its own: its header tells.
  let at = dictionaryAt > 0 ? Math.min(dictionaryAt, dataAt) : dataAt;
  const end = at + Number(meta.total_compressed_size);
  for (let done = 0; done < rows; ) {
    if (at >= end) throw new Error(`column "${name}" has ${done} values in a row group of ${rows}`);
    const values = pages.read(at, end);
    at = pages.end;
    if (values === undefined) continue;
    done += values.length;
    if (done > rows) throw new Error(`column "${name}" has more values than the ${rows} rows of its group`);
    yield values;
  }
}

/** The path of a column without levels. */
const REQUIRED: Decoder['schemaPath'] = [];

/** Entries of a dictionary stay while pages overwrite the scratch. */
function copyOf(data: Decoded): Decoded {
  if (ArrayBuffer.isView(data)) return data.slice();
  return (data as readonly unknown[]).map((entry) => (entry instanceof Uint8Array ? entry.slice() : entry)) as Decoded;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

class Pages {
  /** Where the page that was read ends. */
  end = 0;
  readonly #bytes: ParquetBytes;
  readonly #scratch: PageScratch;
  readonly #decoder: Decoder;
  readonly #tools: PageTools;
  #dictionary: Decoded | undefined;

  constructor({ bytes, scratch, tools }: PageSource, decoder: Decoder) {
    this.#bytes = bytes;
    this.#scratch = scratch;
    this.#decoder = decoder;
    this.#tools = tools;
  }

  /** The values of a page of data; undefined for a dictionary, which is remembered, and for an index. */
  read(at: number, limit: number): ParquetValues | undefined {
    const { header, length } = this.#header(at, limit);
    const bodyAt = at + length;
    const size = header.compressed_page_size;
    if (!(size >= 0 && bodyAt + size <= limit)) throw new Error('a page is longer than its column');
    this.end = bodyAt + size;
    if (header.type === 'INDEX_PAGE') return undefined;
    const body = this.#scratch.bodyOf(this.#bytes, bodyAt, size);
    if (header.type === 'DICTIONARY_PAGE') {
      const reader = { view: viewOf(body), offset: 0 };
      const { data } = this.#tools.readPage(reader, header, this.#decoder, undefined, undefined, 0);
      if (data !== undefined) this.#dictionary = this.#tools.convert(copyOf(data), this.#decoder);
      return undefined;
    }
    return this.#values(header, body);
  }

  #values(header: Header, body: Uint8Array): ParquetValues {
    const { decompressPage, readDataPage, readDataPageV2, convertWithDictionary } = this.#tools;
    const { codec, compressors } = this.#decoder;
    const one = header.data_page_header;
    const two = header.data_page_header_v2;
    const head = one ?? two;
    if (head === undefined) throw new Error(`a page of type ${header.type} has no header`);
    const page =
      one === undefined ? undefined : decompressPage(body, Number(header.uncompressed_page_size), codec, compressors);
    const present = page === undefined ? undefined : this.#withoutLevels(page, head.num_values);
    if (present !== undefined && head.encoding.endsWith('_DICTIONARY')) return this.#lookUp(present, head.num_values);
    const { definitionLevels = [], dataPage } =
      page === undefined
        ? readDataPageV2(body, header, this.#decoder)
        : present === undefined
          ? readDataPage(page, one!, this.#decoder)
          : readDataPage(present, one!, { ...this.#decoder, schemaPath: REQUIRED });
    const values = convertWithDictionary(dataPage, this.#dictionary, head.encoding, this.#decoder);
    if (definitionLevels.length === 0 || values.length === definitionLevels.length) return values;
    // Level 0: a missing value, which takes no room in the page.
    const cells = new Array(definitionLevels.length);
    for (let row = 0, from = 0; row < cells.length; row += 1) {
      cells[row] = definitionLevels[row] === 0 ? null : values[from++];
    }
    return cells;
  }

  /** The values of a page whose rows all have one, behind its levels; undefined for any other. */
  #withoutLevels(page: Uint8Array, rows: number): Uint8Array | undefined {
    if (this.#decoder.element.repetition_type === 'REQUIRED') return page;
    if (page.length < 4) return undefined;
    const length = viewOf(page).getUint32(0, true);
    if (length > page.length - 4 || !areAllPresent(page.subarray(4), length, rows)) return undefined;
    // To the beginning of the scratch: values that are not aligned would be copied to an array of their own.
    if (this.#scratch.holds(page)) page.copyWithin(0, 4 + length);
    return this.#scratch.holds(page) ? page.subarray(0, page.length - 4 - length) : page.subarray(4 + length);
  }

  /** Numbers of entries of the dictionary: one byte with their bits each, then runs. */
  #lookUp(page: Uint8Array, rows: number): ParquetValues {
    const dictionary = this.#dictionary;
    if (dictionary === undefined) throw new Error('a page refers to a dictionary that is not there');
    const indices = this.#scratch.indices(rows);
    const bits = page[0];
    if (bits > 0) this.#tools.readRleBitPackedHybrid({ view: viewOf(page), offset: 1 }, bits, indices, page.length - 1);
    const values =
      dictionary instanceof Float64Array
        ? this.#scratch.doubles(rows)
        : ArrayBuffer.isView(dictionary)
          ? new (dictionary.constructor as Float64ArrayConstructor)(rows)
          : new Array(rows);
    for (let row = 0; row < rows; row += 1) {
      if (indices[row] >= dictionary.length) throw new Error('a page refers beyond its dictionary');
      values[row] = dictionary[indices[row]] as number;
    }
    return values;
  }

  #header(at: number, limit: number): { header: Header; length: number } {
    for (const [k, most] of HEADER_BYTES.entries()) {
      const bytes = this.#bytes.read(at, Math.min(most, limit - at));
      const reader = { view: viewOf(bytes), offset: 0 };
      try {
        const header = this.#tools.parquetHeader(reader);
        if (reader.offset <= bytes.length) return { header, length: reader.offset };
      } catch (cause) {
        if (at + most >= limit || k === HEADER_BYTES.length - 1) throw cause;
      }
    }
    throw new Error('a page header is longer than 16 MiB');
  }
}
