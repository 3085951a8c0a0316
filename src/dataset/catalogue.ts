/**
 * The catalogue of a dataset directory: which symbols there are, with which columns, in which files. It is written last, so a
 * directory without one is not a dataset. Layout of the directory: docs/format.md.
 */
import path from 'node:path';
import type { ColumnSchema } from '../codec/codec.js';
import { crc32c } from '../codec/crc32c.js';
import { isDtype } from '../dtype.js';
import { AtcError } from '../errors.js';

export const CATALOGUE_FILE = 'catalogue.json';
const FORMAT = 'atc-memory dataset';
const VERSION = 1;

/** `mapped`: one .npy file per column. `packed`: one frame per symbol. */
export type DatasetLayout = 'mapped' | 'packed';

/** Consecutive rows of a symbol in files of their own. */
export interface Segment {
  /** Relative to the dataset, with `/`: a directory of .npy files, or a frame. */
  readonly path: string;
  readonly rows: number;
  /** Mapped layout: CRC-32C over the elements of each column, in the order of the columns. Frames carry their own. */
  readonly crc32c?: readonly number[];
}

export interface SymbolEntry {
  readonly symbol: string;
  readonly rows: number;
  /** Timestamps of the first and the last candle, UTC ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly columns: readonly ColumnSchema[];
  /** In time order; their rows add up to `rows`. */
  readonly segments: readonly Segment[];
}

export interface Catalogue {
  readonly layout: DatasetLayout;
  /** In the order in which they first appeared in the source. */
  readonly symbols: readonly SymbolEntry[];
}

export function encodeCatalogue({ layout, symbols }: Catalogue): string {
  const checksum = checksumOf(layout, symbols);
  return `${JSON.stringify({ format: FORMAT, version: VERSION, crc32c: checksum, layout, symbols }, null, 1)}\n`;
}

/** Over the compact JSON of what the catalogue says, so that white space does not matter. */
function checksumOf(layout: unknown, symbols: unknown): number {
  return crc32c(new TextEncoder().encode(JSON.stringify([layout, symbols])));
}

/** Throws CORRUPT for anything that is not a catalogue, FORMAT_VERSION for one of a later version. */
export function decodeCatalogue(text: string, file: string): Catalogue {
  const fail = (what: string): never => {
    throw new AtcError('CORRUPT', `${file} is damaged: ${what}; import the dataset again`, { path: file });
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AtcError('CORRUPT', `${file} is not JSON; import the dataset again`, { path: file, cause });
  }
  if (!isRecord(json) || json.format !== FORMAT) return fail(`"format" is not "${FORMAT}"`);
  if (json.version !== VERSION) {
    throw new AtcError(
      'FORMAT_VERSION',
      `${file} has version ${String(json.version)}, this release reads ${VERSION}; update atc-memory`,
      { path: file },
    );
  }
  if (json.layout !== 'mapped' && json.layout !== 'packed') return fail('"layout" is neither mapped nor packed');
  if (json.crc32c !== checksumOf(json.layout, json.symbols)) return fail('its content does not match its checksum');
  if (!Array.isArray(json.symbols)) return fail('"symbols" is not a list');
  const { layout } = json;
  const symbols = json.symbols.map((entry: unknown, k): SymbolEntry => {
    const problem = problemOf(entry, layout);
    return problem === undefined ? (entry as SymbolEntry) : fail(`symbol ${k}: ${problem}`);
  });
  if (new Set(symbols.map(({ symbol }) => symbol)).size !== symbols.length) return fail('a symbol is there twice');
  return { layout, symbols };
}

function problemOf(entry: unknown, layout: DatasetLayout): string | undefined {
  if (!isRecord(entry)) return 'not an object';
  const { symbol, rows, firstMs, lastMs, columns, segments } = entry;
  if (typeof symbol !== 'string') return 'its name is missing';
  if (!isCount(rows)) return '"rows" is not a count';
  if (typeof firstMs !== 'number' || typeof lastMs !== 'number') return '"firstMs" or "lastMs" is not a number';
  if (!Array.isArray(columns) || columns.length === 0) return '"columns" is empty';
  for (const column of columns) {
    if (!isRecord(column) || typeof column.name !== 'string' || !isDtype(column.dtype))
      return 'a column is not understood';
  }
  if (!columns.some(({ name }) => name === 'timestamp')) return 'it has no column "timestamp"';
  if (!Array.isArray(segments)) return '"segments" is not a list';
  let sum = 0;
  for (const segment of segments) {
    if (!isRecord(segment) || typeof segment.path !== 'string' || !isCount(segment.rows))
      return 'a segment is not understood';
    if (!isInside(segment.path)) return `the segment path "${segment.path}" leaves the dataset`;
    if (layout === 'mapped') {
      const sums = segment.crc32c;
      if (!Array.isArray(sums) || sums.length !== columns.length || !sums.every(isCount))
        return 'checksums are missing';
    }
    sum += segment.rows;
  }
  return sum === rows ? undefined : `its segments hold ${sum} rows, not ${rows}`;
}

/** A catalogue may come from anywhere: its paths must not reach outside the dataset. */
function isInside(relative: string): boolean {
  return (
    relative !== '' &&
    !path.posix.isAbsolute(relative) &&
    !/^[a-z]:|\\|\0/i.test(relative) &&
    !relative.split('/').some((part) => part === '' || part === '.' || part === '..')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A directory name for a symbol: its number, unique, and as much of its text as any file system takes. */
export function entryName(index: number, symbol: string): string {
  const readable = symbol
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._]+/, '')
    .slice(0, 40);
  const number = String(index).padStart(5, '0');
  return readable === '' ? number : `${number}-${readable}`;
}

/** A file name for a column, unique among the columns of a symbol. */
export function columnFileName(index: number, name: string): string {
  const safe = /^[a-z][a-z0-9_]{0,60}$/.test(name);
  return safe ? `${name}.npy` : `column-${index}.npy`;
}
