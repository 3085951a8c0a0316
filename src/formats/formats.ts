/**
 * The list of formats: ways in which bytes hold rows. The path of a file through this room:
 *
 *   source.ts     paths, folders, globs, standard input -> files
 *   containers.ts gzip, zip, zstd -> the files inside, each a `SourceFile`
 *   presets.ts    the list of sources: recognised by name, first bytes or header; zone, symbol, columns
 *   formats.ts    this list: the first format whose `matches` accepts the first bytes reads the file
 *   order/        newest first turned round, equal rows once, other duplicates refused
 *
 * To add a format: one file that exports a `FormatReader`, one entry here, a row in docs/formats.md, a table test in
 * test/formats. A reader is given a `SourceFile` (`head`, `bytes()`, and `plainPath` for random access) and yields
 * `RowBatch`es. It does not name columns or read times itself: `TableReader` (table/table-reader.ts) takes the titles
 * once and then columns of cells (text, numbers, bigint, Date, null, or typed arrays), and applies the preset, the
 * vocabulary of column names, units of times, zones and missing values, the same for every format. Order and duplicates
 * are not its business either. Entries stand before CSV, which accepts whatever is text.
 */

import type { Format } from './format.js';
import { isArrow, isBlosc, isDbn, isHst, isNpy, isNpz, isParquet, isRaw } from './magic.js';

const readers = () => import('./binary-formats.js');

export const FORMATS: readonly Format[] = [
  {
    name: 'parquet',
    title: 'Parquet',
    url: 'https://parquet.apache.org/docs/file-format/',
    matches: isParquet,
    isBinary: true,
    load: async () => (await readers()).readParquetFile,
    outline: async (file) => (await readers()).outlineParquetFile(file),
  },
  {
    name: 'arrow',
    title: 'Arrow',
    url: 'https://arrow.apache.org/docs/format/Columnar.html',
    matches: isArrow,
    isBinary: true,
    load: async () => (await readers()).readArrowFile,
    outline: async (file) => (await readers()).outlineArrowFile(file),
  },
  {
    name: 'dbn',
    title: 'Databento DBN',
    url: 'https://databento.com/docs/standards-and-conventions/databento-binary-encoding',
    matches: isDbn,
    isBinary: true,
    load: async () => (await readers()).readDbnFile,
  },
  {
    name: 'npy',
    title: 'numpy array',
    url: 'https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html',
    matches: isNpy,
    isBinary: true,
    load: async () => (await readers()).readNpyFile,
  },
  {
    name: 'npz',
    title: 'numpy archive',
    url: 'https://numpy.org/doc/stable/reference/generated/numpy.savez.html',
    matches: isNpz,
    isBinary: true,
    load: async () => (await readers()).readNpzFile,
  },
  {
    name: 'hst',
    title: 'MetaTrader 4 history',
    url: 'https://www.mql5.com/en/forum/149178',
    matches: isHst,
    isBinary: true,
    load: async () => (await readers()).readHstFile,
  },
  {
    name: 'blosc',
    title: 'blosc buffer',
    url: 'https://www.blosc.org/python-blosc/reference.html',
    matches: isBlosc,
    isBinary: true,
    load: async () => (await readers()).readBloscFile,
  },
  {
    name: 'memmap',
    title: 'raw memory map',
    url: 'https://numpy.org/doc/stable/reference/generated/numpy.memmap.html',
    matches: isRaw,
    isBinary: true,
    load: async () => (await readers()).readRawFile,
  },
  {
    name: 'json',
    title: 'JSON',
    url: 'https://www.rfc-editor.org/rfc/rfc8259',
    matches: (head) => {
      // Behind a byte order mark and white space.
      let at = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
      while (at < head.length && head[at] <= 32) at += 1;
      return head[at] === 0x7b || head[at] === 0x5b;
    },
    load: async () => (await import('./json/read-json.js')).readJson,
  },
  {
    name: 'csv',
    title: 'CSV',
    url: 'https://www.rfc-editor.org/rfc/rfc4180',
    matches: () => true,
    load: async () => (await import('./csv/read-csv.js')).readCsv,
  },
];
