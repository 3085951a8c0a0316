/**
 * The catalogue once more in a twentieth of its bytes, for readers over a network (docs/format.md): without what only
 * writers and verifiers need, in lists by field, deflated. It is written after the catalogue and may be missing.
 */
import path from 'node:path';
import { crc32c } from '../codec/crc32c.js';
import { isAtcError } from '../errors.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { discard } from '../io/leases.js';
import { type BriefSymbol, inlinePath, listsOf } from './brief-lists.js';
import { encodeSections, type Sections } from './brief-sections.js';
import { deflatedText } from './brief-text.js';
import { type Catalogue, PagedCatalogue } from './catalogue.js';

export type { BriefSegment, BriefSymbol } from './brief-lists.js';

export const BRIEF_FILE = 'catalogue.brief';

export type BriefCatalogue = Pick<Catalogue, 'layout' | 'generation'> & { readonly symbols: readonly BriefSymbol[] };

/** `ATCN`, u32 version, u32 bytes of the text, u32 CRC-32C of the deflated text; then that. Little-endian. */
export const BRIEF_MAGIC = 0x4e435441;
export const BRIEF_VERSION = 1;
export const BRIEF_HEADER_BYTES = 16;

/** A catalogue in pages has a section for each; those of a page as it was before are taken from `stored`. */
export function encodeBrief(catalogue: Catalogue, stored?: Sections): Uint8Array {
  if (catalogue instanceof PagedCatalogue) return encodeSections(catalogue, stored);
  const { layout, generation, symbols } = catalogue;
  const text = new TextEncoder().encode(JSON.stringify({ layout, generation, ...listsOf(symbols, 0, inlinePath) }));
  const deflated = deflatedText(text);
  const bytes = new Uint8Array(BRIEF_HEADER_BYTES + deflated.length);
  const view = new DataView(bytes.buffer);
  [BRIEF_MAGIC, BRIEF_VERSION, text.length, crc32c(deflated)].forEach((word, k) => {
    view.setUint32(k * 4, word, true);
  });
  bytes.set(deflated, BRIEF_HEADER_BYTES);
  return bytes;
}

/**
 * Removes it, before another catalogue is shown: what reads it meanwhile, or after a kill, takes the catalogue itself.
 */
export function removeBrief(directory: string): void {
  discard(path.join(directory, BRIEF_FILE));
}

/**
 * Writes it beside a catalogue that is in force. Without a sync: what a power cut leaves of it is recognised by its
 * checksum. Where it cannot be written, or a page not be read, there is none.
 */
export function writeBrief(directory: string, catalogue: Catalogue, stored?: Sections): void {
  const target = path.join(directory, BRIEF_FILE);
  try {
    writeFileAtomicSync(target, encodeBrief(catalogue, stored), { durability: 'process' });
  } catch (error) {
    if (!isAtcError(error)) throw error;
    discard(target);
  }
}
