/**
 * What a decoded value takes in memory, counted before it is built: by the text of its structure and by its packed
 * columns. The figures are those of V8 on 64 bits without pointer compression, rounded up; what a value really takes is
 * at most twice the count (test/value/memory.test.ts measures it). The writer counts the same, so that what it writes
 * can be read.
 */
import type { PackedValues } from './packed-values.js';

/** An object with its first properties, or an array with its first elements. */
const CONTAINER_BYTES = 64;
/** A reference or a small integer in an object or array. */
const SLOT_BYTES = 8;
/** A number that is no small integer, where it does not stand among numbers alone. */
const HEAP_NUMBER_BYTES = 16;
const STRING_BYTES = 24;
/** A name that was not met before: the text, and its share of a hidden class or of a dictionary. */
const NEW_KEY_BYTES = 48;
const KNOWN_KEY_BYTES = 16;
/** A name made of digits becomes an element, and elements far apart are a dictionary. */
const INDEX_KEY_BYTES = 64;
const DATE_BYTES = 120;
const BIGINT_BYTES = 24;
/** Objects with more fields than this may be dictionaries: three words a slot, half of them empty. */
const MAX_FAST_FIELDS = 128;
const DICTIONARY_FIELD_BYTES = 72;

/** Beyond what its text costs. */
export const COST = {
  /** A Map, a Set, a RegExp, an object without prototype. */
  collection: 192,
  mapEntry: 48,
  setEntry: 32,
  /** A typed array or Buffer with a buffer of its own, without the bytes. */
  binary: 256,
  /** An element of an array that is a dictionary. */
  sparseElement: 80,
} as const;

/** No text costs more than this for each of its bytes. */
const MOST_PER_BYTE = 64;
/** A text that cannot cost more than this share of what is left is not looked through. */
const UNCOUNTED_SHARE = 1 / 16;

/** What the structure with this JSON text takes, its text included; a short text is not counted but overestimated. */
export function memoryOfText(text: Uint8Array, left: number): number {
  const most = text.length * MOST_PER_BYTE;
  return most <= left * UNCOUNTED_SHARE ? most : text.length + countText(text);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const EXPONENT = 0x65;
const BRACE = 0x7b;

const KNOWN_KEYS = 1024;
/** Longest run of digits that is surely a small integer. */
const SMALL_INTEGER_DIGITS = 9;

function countText(text: Uint8Array): number {
  // Names seen before, by a hash that nobody can foresee: names that collide on purpose would be counted as one.
  const known = new Uint32Array(KNOWN_KEYS);
  const seed = (Math.random() * 2 ** 32) | 1;
  let bytes = 0;
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char >= ZERO && char <= NINE) {
      if (++digits === SMALL_INTEGER_DIGITS + 1) bytes += HEAP_NUMBER_BYTES;
      continue;
    }
    if ((char === DOT || char === EXPONENT) && digits > 0) bytes += HEAP_NUMBER_BYTES;
    digits = 0;
    if (char === COMMA || char === COLON) bytes += SLOT_BYTES;
    else if (char === BRACKET || char === BRACE) bytes += CONTAINER_BYTES;
    else if (char === QUOTE) {
      const start = at + 1;
      let hash = seed;
      let high = 0;
      for (at = start; at < text.length && text[at] !== QUOTE; at++) {
        if (text[at] === BACKSLASH) at++;
        high |= text[at];
        hash = Math.imul(hash ^ text[at], 0x9e3779b1) ^ (hash >>> 15);
      }
      // One letter beyond Latin-1 makes two bytes of every letter.
      const length = (at - start) * (high >= 0x80 ? 2 : 1);
      if (!isKey(text, at + 1)) bytes += STRING_BYTES + length;
      else if (known[hash >>> 22] === hash >>> 0) bytes += KNOWN_KEY_BYTES;
      else {
        known[hash >>> 22] = hash;
        bytes += NEW_KEY_BYTES + length;
        if (text[start] >= ZERO && text[start] <= NINE) bytes += INDEX_KEY_BYTES;
      }
    }
  }
  return bytes;
}

/** True when a colon follows; JSON may have blanks before it. */
function isKey(text: Uint8Array, at: number): boolean {
  while (text[at] <= 0x20) at++;
  return text[at] === COLON;
}

type Kind = PackedValues['kind'];

const VALUE_BYTES: Record<Kind, number> = {
  number: SLOT_BYTES + HEAP_NUMBER_BYTES,
  nullable: SLOT_BYTES + HEAP_NUMBER_BYTES,
  date: SLOT_BYTES + DATE_BYTES,
  bigint: SLOT_BYTES + BIGINT_BYTES,
  boolean: SLOT_BYTES,
  text: SLOT_BYTES,
  other: SLOT_BYTES,
};

/** Fewer elements than this share of the length: then an array with holes is a dictionary, whose holes take nothing. */
const SPARSE_SHARE = 1 / 16;
/** A gap as long as this makes an array a dictionary, whatever its elements. */
export const DICTIONARY_GAP = 4096;

/** True for an array with holes that `sparseArray` makes a dictionary. */
export function isDictionary(length: number, elements: number): boolean {
  return length > DICTIONARY_GAP && elements < length * SPARSE_SHARE;
}

/** Of an array with holes. */
export function memoryOfSparse(length: number, elements: number): number {
  return isDictionary(length, elements) ? CONTAINER_BYTES + elements * COST.sparseElement : length * SLOT_BYTES;
}

/** Of an array of plain values, its columns not included. */
export function memoryOfArray(length: number, kind: Kind): number {
  // An array of nothing but numbers holds them itself.
  return length * (kind === 'number' ? SLOT_BYTES : VALUE_BYTES[kind]);
}

/** Of an array of objects with fields of these kinds, their columns not included. */
export function memoryOfRows(rows: number, kinds: readonly Kind[]): number {
  const isLarge = kinds.length > MAX_FAST_FIELDS;
  let row = SLOT_BYTES + CONTAINER_BYTES / 2;
  for (const kind of kinds) row += VALUE_BYTES[kind] + (isLarge ? DICTIONARY_FIELD_BYTES : 0);
  return rows * row;
}

/** Of an array of tuples with elements of these kinds, their columns not included. */
export function memoryOfTuples(rows: number, kinds: readonly Kind[]): number {
  // A tuple of nothing but numbers holds them itself.
  const isNumbers = kinds.every((kind) => kind === 'number');
  const elements = kinds.reduce((bytes, kind) => bytes + (isNumbers ? SLOT_BYTES : VALUE_BYTES[kind]), 0);
  return rows * (SLOT_BYTES + CONTAINER_BYTES + elements);
}
