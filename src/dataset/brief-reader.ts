/** Reading and verifying the brief catalogue; brief-catalogue.ts and brief-sections.ts write it. */
import path from 'node:path';
import type * as Zlib from 'node:zlib';
import { crc32c } from '../codec/crc32c.js';
import { AtcError } from '../errors.js';
import { openFileReader } from '../io/file-reader.js';
import { pathExists } from '../io/path-kind.js';
import { requireNow } from '../require-now.js';
import {
  BRIEF_FILE,
  BRIEF_HEADER_BYTES,
  BRIEF_MAGIC,
  BRIEF_VERSION,
  type BriefCatalogue,
  encodeBrief,
} from './brief-catalogue.js';
import { type BriefLists, type BriefSymbol, inlinePath, symbolsOf } from './brief-lists.js';
import { pagedPath, type Sections, sectionsIn } from './brief-sections.js';
import type { Catalogue } from './catalogue.js';

/** Of all texts together. */
const MAX_TEXT_BYTES = 1 << 28;

type Head = Pick<Catalogue, 'layout' | 'generation'>;

/** Undefined for anything that is not one of a known version, whole: the catalogue itself has to be read. */
export function decodeBrief(bytes: Uint8Array): BriefCatalogue | undefined {
  try {
    const sections = sectionsIn(bytes);
    return sections === undefined ? decodeInline(bytes) : decodeSections(sections);
  } catch {
    return undefined;
  }
}

function decodeInline(bytes: Uint8Array): BriefCatalogue | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    bytes.length < BRIEF_HEADER_BYTES ||
    view.getUint32(0, true) !== BRIEF_MAGIC ||
    view.getUint32(4, true) !== BRIEF_VERSION
  ) {
    return undefined;
  }
  const length = view.getUint32(8, true);
  const deflated = bytes.subarray(BRIEF_HEADER_BYTES);
  if (length > MAX_TEXT_BYTES || crc32c(deflated) !== view.getUint32(12, true)) return undefined;
  const content = inflated<Head & BriefLists>(deflated, length);
  const { layout, generation } = content;
  return { layout, generation, symbols: symbolsOf(content, 0, inlinePath) };
}

function decodeSections([head, ...ofPages]: Sections): BriefCatalogue | undefined {
  if (ofPages.reduce((sum, { length }) => sum + length, head.length) > MAX_TEXT_BYTES) return undefined;
  const { layout, generation } = inflated<Head>(head.deflated, head.length);
  const symbols: BriefSymbol[] = [];
  for (const { deflated, length } of ofPages) {
    const lists = inflated<BriefLists & { readonly first: number }>(deflated, length);
    for (const symbol of symbolsOf(lists, lists.first, pagedPath)) symbols.push(symbol);
  }
  return { layout, generation, symbols };
}

/** Throws for a text of another length. */
function inflated<Content>(deflated: Uint8Array, length: number): Content {
  const text = requireNow<typeof Zlib>('node:zlib').inflateRawSync(deflated, { maxOutputLength: length + 1 });
  if (text.length !== length) throw new Error('a text of another length');
  return JSON.parse(text.toString('utf8'));
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
