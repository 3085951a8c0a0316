/** Reading and verifying the brief catalogue; brief-catalogue.ts writes it. */
import path from 'node:path';
import type * as Zlib from 'node:zlib';
import { crc32c } from '../codec/crc32c.js';
import { PAGE_BLOCKS } from '../codec/frame-format.js';
import { isDtype } from '../dtype.js';
import { AtcError } from '../errors.js';
import { openFileReader } from '../io/file-reader.js';
import { pathExists } from '../io/path-kind.js';
import { requireNow } from '../require-now.js';
import {
  BRIEF_FIELDS,
  BRIEF_FILE,
  BRIEF_HEADER_BYTES,
  BRIEF_MAGIC,
  BRIEF_VERSION,
  type BriefCatalogue,
  type BriefSegment,
  type BriefSymbol,
  encodeBrief,
  usualPath,
} from './brief-catalogue.js';
import { type Catalogue, isIndex, type Segment } from './catalogue.js';

const MAX_TEXT_BYTES = 1 << 28;

/** Undefined for anything that is not one of this version, whole: the catalogue itself has to be read. */
export function decodeBrief(bytes: Uint8Array): BriefCatalogue | undefined {
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
  try {
    const text = requireNow<typeof Zlib>('node:zlib').inflateRawSync(deflated, { maxOutputLength: length + 1 });
    return text.length === length ? contentOf(JSON.parse(text.toString('utf8'))) : undefined;
  } catch {
    return undefined;
  }
}

type Content = Record<(typeof BRIEF_FIELDS)[number] | 'schemaOf' | 'segments' | 'bytes' | 'blocks', number[]> & {
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
