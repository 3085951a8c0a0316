/** Symbols and their segments in lists by field: what the brief catalogue says of them (docs/format.md). */
import { PAGE_BLOCKS } from '../codec/frame-format.js';
import { isDtype } from '../dtype.js';
import { isIndex, type Segment, type SymbolEntry } from './catalogue.js';
import { entryName } from './entry-name.js';

/** What a reader over a network knows of a segment. */
export type BriefSegment = Omit<Segment, 'crc32c'>;
/** What it knows of a symbol. */
export type BriefSymbol = Omit<SymbolEntry, 'segments' | 'empty'> & {
  /** In time order; their rows add up to `rows`. */
  readonly segments: readonly BriefSegment[];
};

const FIELDS = ['start', 'rows', 'firstMs', 'lastMs', 'stepMs', 'check'] as const;
type NumberList = (typeof FIELDS)[number] | 'schemaOf' | 'segments' | 'bytes' | 'blocks';

/** An element for each symbol in `symbols`, `schemaOf` and `segments`, for each of all segments in the others. */
export interface BriefLists extends Readonly<Record<NumberList, readonly number[]>> {
  /** Distinct lists of columns. */
  readonly schemas: readonly (readonly [name: string, dtype: string][])[];
  readonly symbols: readonly string[];
  /** 0 for the usual one. */
  readonly path: readonly (string | 0)[];
  /** Five lists of fields, with an element for every page of all indexes. */
  readonly pages: readonly (readonly number[])[];
  /** Where a frame begins in a file of many, -1 for one with a file of its own; left out where all have their own. */
  readonly offset?: readonly number[];
}

/** The usual path of the only segment of a symbol, by its position in the dataset. */
type UsualPath = (position: number, symbol: string) => string;

/** In a new dataset whose symbols are all in the catalogue. */
export const inlinePath: UsualPath = (position, symbol) => `${entryName(position, symbol)}/00000.atc`;

/** Lists of symbols of which the first has the position `first` in the dataset. */
export function listsOf(symbols: readonly SymbolEntry[], first: number, usualPath: UsualPath): BriefLists {
  const schemas: string[] = [];
  const schemaOf = symbols.map(({ columns }) => {
    const text = JSON.stringify(columns.map(({ name, dtype }) => [name, dtype]));
    if (!schemas.includes(text)) schemas.push(text);
    return schemas.indexOf(text);
  });
  const segments = symbols.flatMap((entry) => entry.segments);
  const usual = symbols.flatMap((entry, k) => entry.segments.map(() => usualPath(first + k, entry.symbol)));
  const field = (name: (typeof FIELDS)[number]) =>
    // The checksums of the pages bind a frame as well.
    segments.map((segment) => (name === 'check' && segment.index !== undefined ? 0 : (segment[name] ?? 0)));
  const pages = segments.flatMap((segment) => segment.index?.pages ?? []);
  const isShared = segments.some(({ byteLength }) => byteLength !== undefined);
  return {
    schemas: schemas.map((text) => JSON.parse(text)),
    symbols: symbols.map(({ symbol }) => symbol),
    schemaOf,
    segments: symbols.map((entry) => entry.segments.length),
    path: segments.map((segment, k) => (segment.path === usual[k] ? 0 : segment.path)),
    ...(Object.fromEntries(FIELDS.map((name) => [name, field(name)])) as Record<(typeof FIELDS)[number], number[]>),
    bytes: segments.map(({ index, byteLength = 0 }) => index?.bytes ?? byteLength),
    blocks: segments.map(({ index }) => index?.blocks ?? 0),
    pages: [0, 1, 2, 3, 4].map((k) => pages.map((page) => page[k])),
    ...(isShared && { offset: segments.map(({ byteLength, offset = 0 }) => (byteLength === undefined ? -1 : offset)) }),
  };
}

/** What `listsOf` put into lists. Throws anything for lists that make no sense. */
export function symbolsOf(lists: BriefLists, first: number, usualPath: UsualPath): BriefSymbol[] {
  let at = 0;
  let page = 0;
  return lists.symbols.map((symbol, k): BriefSymbol => {
    const columns = lists.schemas[lists.schemaOf[k]].map(([name, dtype]) => {
      if (!isDtype(dtype)) throw new Error('an unknown dtype');
      return { name, dtype };
    });
    const segments = Array.from({ length: lists.segments[k] }, (): BriefSegment => {
      const index = indexOf(lists, at, page);
      page += index?.pages.length ?? 0;
      const { start, rows, firstMs, lastMs, stepMs, check, bytes, offset } = lists;
      const segment = {
        path: lists.path[at] || usualPath(first + k, symbol),
        ...(offset !== undefined && offset[at] >= 0 && { offset: offset[at], byteLength: bytes[at] }),
        ...(start[at] > 0 && { start: start[at] }),
        rows: rows[at],
        firstMs: firstMs[at],
        lastMs: lastMs[at],
        ...(stepMs[at] > 0 && { stepMs: stepMs[at] }),
        ...(index === undefined ? { check: check[at] } : { index }),
      };
      at += 1;
      return segment;
    });
    const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
    const { firstMs } = segments[0];
    return { symbol, rows, firstMs, lastMs: segments[segments.length - 1].lastMs, columns, segments };
  });
}

function indexOf({ bytes, blocks, pages }: BriefLists, at: number, page: number): Segment['index'] {
  if (blocks[at] === 0) return undefined;
  const count = Math.ceil(blocks[at] / PAGE_BLOCKS);
  const index = {
    bytes: bytes[at],
    blocks: blocks[at],
    pages: Array.from({ length: count }, (_, k) => pages.map((field) => field[page + k])),
  };
  if (!isIndex(index)) throw new Error('an index that makes no sense');
  return index;
}
