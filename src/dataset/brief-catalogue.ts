/**
 * The catalogue once more in a twentieth of its bytes, for readers over a network (docs/format.md): without what only
 * writers and verifiers need, in lists by field, deflated. It is written after the catalogue and may be missing.
 */
import path from 'node:path';
import type * as Zlib from 'node:zlib';
import { crc32c } from '../codec/crc32c.js';
import { isAtcError } from '../errors.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { discard } from '../io/leases.js';
import { requireNow } from '../require-now.js';
import { type Catalogue, entryName, type Segment, type SymbolEntry } from './catalogue.js';

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
export const BRIEF_MAGIC = 0x4e435441;
export const BRIEF_VERSION = 1;
export const BRIEF_HEADER_BYTES = 16;
export const BRIEF_FIELDS = ['start', 'rows', 'firstMs', 'lastMs', 'stepMs', 'check'] as const;

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
  const field = (name: (typeof BRIEF_FIELDS)[number]) =>
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
    ...Object.fromEntries(BRIEF_FIELDS.map((name) => [name, field(name)])),
    bytes: indexes.map((index) => index?.bytes ?? 0),
    blocks: indexes.map((index) => index?.blocks ?? 0),
    pages: [0, 1, 2, 3, 4].map((k) => pages.map((page) => page[k])),
  };
  const text = new TextEncoder().encode(JSON.stringify(content));
  const deflated = zlib().deflateRawSync(text, { level: 9 });
  const bytes = new Uint8Array(BRIEF_HEADER_BYTES + deflated.length);
  const view = new DataView(bytes.buffer);
  [BRIEF_MAGIC, BRIEF_VERSION, text.length, crc32c(deflated)].forEach((word, k) => {
    view.setUint32(k * 4, word, true);
  });
  bytes.set(deflated, BRIEF_HEADER_BYTES);
  return bytes;
}

/** Of the only segment of a symbol that was never changed. */
export function usualPath(k: number, { symbol }: Pick<SymbolEntry, 'symbol'>): string {
  return `${entryName(k, symbol)}/00000.atc`;
}

/**
 * Removes it, before another catalogue is shown: what reads it meanwhile, or after a kill, takes the catalogue itself.
 */
export function removeBrief(directory: string): void {
  discard(path.join(directory, BRIEF_FILE));
}

/**
 * Writes it beside a catalogue that is in force. Without a sync: what a power cut leaves of it is recognised by its
 * checksum. Where it cannot be written there is none.
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
