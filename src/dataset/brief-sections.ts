/**
 * The brief catalogue of a dataset of many symbols: a section for every page of the catalogue, deflated by itself and
 * bound to the page by its checksum. A change encodes the sections of the pages that it changes and copies the others.
 */
import { crc32c } from '../codec/crc32c.js';
import { isAtcError } from '../errors.js';
import { openFileReader } from '../io/file-reader.js';
import { inlinePath, listsOf } from './brief-lists.js';
import { deflatedText } from './brief-text.js';
import type { PagedCatalogue } from './catalogue.js';

/** The first symbols of a new dataset have directories of their own, the others share one. */
const FIRST_SYMBOLS = 64;

export const SECTIONS_MAGIC = 0x4e435441;
export const SECTIONS_VERSION = 2;
const HEADER_BYTES = 16;
const RECORD_BYTES = 16;

/** A section as it is stored. */
export interface Section {
  /** Checksum of the page that it is about; 0 for the section of the whole dataset, which comes first. */
  readonly check: number;
  /** Bytes of the text. */
  readonly length: number;
  readonly deflated: Uint8Array;
}
export type Sections = readonly Section[];

/** The usual path of a segment: below the directory that symbols beyond the first share in a new dataset. */
export const pagedPath = (position: number, symbol: string): string =>
  `${position < FIRST_SYMBOLS ? '' : 'added-1/'}${inlinePath(position, symbol)}`;

/** Sections of `stored` serve for the pages that are still the same. */
export function encodeSections(catalogue: PagedCatalogue, stored: Sections = []): Uint8Array {
  const { layout, generation, pages } = catalogue;
  let first = 0;
  const ofPages = pages.content.pages.map(({ check, symbols }, k): Section => {
    const position = first;
    first += symbols;
    const before = stored[k + 1];
    if (before?.check === check) return before;
    return encoded(check, { first: position, ...listsOf(pages.page(k), position, pagedPath) });
  });
  const sections = [encoded(0, { layout, generation }), ...ofPages];
  const start = HEADER_BYTES + RECORD_BYTES * sections.length;
  const bytes = new Uint8Array(sections.reduce((sum, { deflated }) => sum + deflated.length, start));
  const view = new DataView(bytes.buffer);
  let at = start;
  sections.forEach(({ check, length, deflated }, k) => {
    [check, deflated.length, length, crc32c(deflated)].forEach((word, field) => {
      view.setUint32(HEADER_BYTES + RECORD_BYTES * k + 4 * field, word, true);
    });
    bytes.set(deflated, at);
    at += deflated.length;
  });
  const records = crc32c(bytes.subarray(HEADER_BYTES, start));
  [SECTIONS_MAGIC, SECTIONS_VERSION, sections.length, records].forEach((word, k) => {
    view.setUint32(4 * k, word, true);
  });
  return bytes;
}

/** Undefined for anything but a whole file of this version. */
export function sectionsIn(bytes: Uint8Array): Sections | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) => view.getUint32(at, true);
  if (bytes.length < HEADER_BYTES || word(0) !== SECTIONS_MAGIC || word(4) !== SECTIONS_VERSION) return undefined;
  const start = HEADER_BYTES + RECORD_BYTES * word(8);
  if (start > bytes.length || crc32c(bytes.subarray(HEADER_BYTES, start)) !== word(12)) return undefined;
  const sections: Section[] = [];
  let at = start;
  for (let record = HEADER_BYTES; record < start; record += RECORD_BYTES) {
    const deflated = bytes.subarray(at, at + word(record + 4));
    at += word(record + 4);
    if (at > bytes.length || crc32c(deflated) !== word(record + 12)) return undefined;
    sections.push({ check: word(record), length: word(record + 8), deflated });
  }
  return at === bytes.length && sections.length > 0 ? sections : undefined;
}

/** Those of a file, before it is replaced; none where there is no such file. */
export function storedSections(file: string): Sections | undefined {
  try {
    const reader = openFileReader(file);
    try {
      return sectionsIn(reader.read(0, reader.byteLength));
    } finally {
      reader.close();
    }
  } catch (error) {
    if (!isAtcError(error)) throw error;
    return undefined;
  }
}

function encoded(check: number, content: object): Section {
  const text = new TextEncoder().encode(JSON.stringify(content));
  return { check, length: text.length, deflated: deflatedText(text) };
}
