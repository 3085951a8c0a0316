/**
 * The catalogue once more in a twentieth of its bytes, for readers over a network (docs/format.md): without what only writers
 * and verifiers need, in lists by field, deflated. It is written after the catalogue and may be missing.
 */
import path from 'node:path';
import type * as Zlib from 'node:zlib';
import { crc32c } from '../codec/crc32c.js';
import { PAGE_BLOCKS } from '../codec/frame-format.js';
import { isDtype } from '../dtype.js';
import { AtcError, isAtcError } from '../errors.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { openFileReader } from '../io/file-reader.js';
import { discard } from '../io/leases.js';
import { pathExists } from '../io/path-kind.js';
import { requireNow } from '../require-now.js';
import { type Catalogue, entryName, isIndex, type Segment, type SymbolEntry } from './catalogue.js';

export const BRIEF_FILE = 'catalogue.brief';

/** What a reader over a network knows of a segment. */
export type BriefSegment = Omit<Segment, 'crc32c'>;
/** What it knows of a symbol. */
export type BriefSymbol = Omit<SymbolEntry, 'segments' | 'empty'> & {
  /** In time order; their rows add up to `rows`. */
  readonly segments: readonly BriefSegment[];
};
export type BriefCatalogue = Pick<Catalogue, 'layout' | 'generation'> & { readonly symbols: readonly BriefSymbol[] };

/** `ATCN`, u32 version, u32 bytes of the text, u32 CRC-32C of the deflated text; then that. Little-endian. */
const MAGIC = 0x4e435441;
const VERSION = 1;
const HEADER_BYTES = 16;
const MAX_TEXT_BYTES = 1 << 28;
const NAMES = ['start', 'rows', 'firstMs', 'lastMs', 'stepMs', 'check'] as const;

/** Zlib of Node: the file is no part of the data, and is written with every change. */
const zlib = () => requireNow<typeof Zlib>('node:zlib');

export function encodeBrief({ layout, generation, symbols }: Catalogue): Uint8Array {
  const schemas: string[] = [];
  const schemaOf = symbols.map(({ columns }) => {
    const text = JSON.stringify(columns.map(({ name, dtype }) => [name, dtype]));
    if (!schemas.includes(text)) schemas.push(text);
    return schemas.indexOf(text);
  });
  const segments = symbols.flatMap((entry, k) =>
    entry.segments.map((segment) => ({ segment, usual: usualPath(k, entry) })),
  );
  const field = (name: (typeof NAMES)[number]) =>
    // The checksums of the pages bind a frame as well.
    segments.map(({ segment }) => (name === 'check' && segment.index !== undefined ? 0 : (segment[name] ?? 0)));
  const indexes = segments.map(({ segment }) => segment.index);
  const pages = indexes.flatMap((index) => index?.pages ?? []);
  const content = {
    layout,
    generation,
    schemas: schemas.map((text) => JSON.parse(text)),
    symbols: symbols.map(({ symbol }) => symbol),
    schemaOf,
    segments: symbols.map((entry) => entry.segments.length),
    path: segments.map(({ segment, usual }) => (segment.path === usual ? 0 : segment.path)),
    ...Object.fromEntries(NAMES.map((name) => [name, field(name)])),
    bytes: indexes.map((index) => index?.bytes ?? 0),
    blocks: indexes.map((index) => index?.blocks ?? 0),
    pages: [0, 1, 2, 3, 4].map((k) => pages.map((page) => page[k])),
  };
  const text = new TextEncoder().encode(JSON.stringify(content));
  const deflated = zlib().deflateRawSync(text, { level: 9 });
  const bytes = new Uint8Array(HEADER_BYTES + deflated.length);
  const view = new DataView(bytes.buffer);
  [MAGIC, VERSION, text.length, crc32c(deflated)].forEach((word, k) => {
    view.setUint32(k * 4, word, true);
  });
  bytes.set(deflated, HEADER_BYTES);
  return bytes;
}

/** Undefined for anything that is not one of this version, whole: the catalogue itself has to be read. */
export function decodeBrief(bytes: Uint8Array): BriefCatalogue | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION) {
    return undefined;
  }
  const length = view.getUint32(8, true);
  const deflated = bytes.subarray(HEADER_BYTES);
  if (length > MAX_TEXT_BYTES || crc32c(deflated) !== view.getUint32(12, true)) return undefined;
  try {
    const text = zlib().inflateRawSync(deflated, { maxOutputLength: length + 1 });
    return text.length === length ? contentOf(JSON.parse(text.toString('utf8'))) : undefined;
  } catch {
    return undefined;
  }
}

type Content = Record<(typeof NAMES)[number] | 'schemaOf' | 'segments' | 'bytes' | 'blocks', number[]> & {
  readonly layout: Catalogue['layout'];
  readonly generation: number;
  readonly schemas: [string, string][][];
  readonly symbols: string[];
  readonly path: (string | 0)[];
  readonly pages: number[][];
};

function contentOf(content: Content): BriefCatalogue | undefined {
  const { layout, generation } = content;
  let at = 0;
  let page = 0;
  const symbols = content.symbols.map((symbol, k): BriefSymbol => {
    const columns = content.schemas[content.schemaOf[k]].map(([name, dtype]) => {
      if (!isDtype(dtype)) throw new Error('an unknown dtype');
      return { name, dtype };
    });
    const segments = Array.from({ length: content.segments[k] }, (): BriefSegment => {
      const index = indexOf(content, at, page);
      page += index?.pages.length ?? 0;
      const { start, rows, firstMs, lastMs, stepMs, check } = content;
      const segment = {
        path: content.path[at] || usualPath(k, { symbol }),
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
    return {
      symbol,
      rows,
      firstMs: segments[0].firstMs,
      lastMs: segments[segments.length - 1].lastMs,
      columns,
      segments,
    };
  });
  return { layout, generation, symbols };
}

function indexOf({ bytes, blocks, pages }: Content, at: number, page: number): Segment['index'] {
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

/** Of the only segment of a symbol that was never changed. */
function usualPath(k: number, { symbol }: Pick<SymbolEntry, 'symbol'>): string {
  return `${entryName(k, symbol)}/00000.atc`;
}

/**
 * CORRUPT for one that is damaged, or says something else than the catalogue of its generation; one of an earlier
 * generation is what an interrupted writer left, and the next change replaces it.
 */
export function verifyBrief(directory: string, catalogue: Catalogue): void {
  const file = path.join(directory, BRIEF_FILE);
  if (!pathExists(file)) return;
  const reader = openFileReader(file);
  let found: BriefCatalogue | undefined;
  try {
    found = decodeBrief(reader.read(0, reader.byteLength));
  } finally {
    reader.close();
  }
  if (found !== undefined && found.generation < catalogue.generation) return;
  const right = decodeBrief(encodeBrief(catalogue));
  if (found !== undefined && JSON.stringify(found) === JSON.stringify(right)) return;
  const what = found === undefined ? 'is damaged' : 'says something else than the catalogue';
  throw new AtcError('CORRUPT', `${file} ${what}; delete it: the next change of the dataset writes it again`, {
    path: file,
  });
}

/**
 * Writes it beside a catalogue that is in force. Without a sync: what a power cut leaves of it is recognised, or is that
 * of a version before. Where it cannot be written there is none rather than an old one.
 */
export function writeBrief(directory: string, catalogue: Catalogue): void {
  const target = path.join(directory, BRIEF_FILE);
  try {
    writeFileAtomicSync(target, encodeBrief(catalogue), { durability: 'process' });
  } catch (error) {
    if (!isAtcError(error, 'IO')) throw error;
    discard(target);
  }
}
