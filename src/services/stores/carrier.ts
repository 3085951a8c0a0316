/**
 * How an entry travels through a store: as bytes, or as a tagged base64 string where a store stores only text. Entries
 * are recognised by their content, never by class or identity: stores clone, copy and reload what they are given.
 */
import { dtypeOf } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import type { Carrier } from '../../feature-mode.js';
import { checkFrame, FrameKind, hasValueMagic, KIND_OFFSET } from '../../value/value-frame.js';
import { isObject, isRoot } from '../override.js';

const TEXT_TAG = 'atc-memory:1:';
/** The magic in base64, as far as it fills whole letters: a text that only begins like the tag is no entry. */
const TEXT_MAGIC = `${TEXT_TAG}0UFUV`;

export function carry(frame: Uint8Array, carrier: Carrier): Buffer | string {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  return carrier === 'bytes' ? bytes : TEXT_TAG + bytes.toString('base64');
}

/**
 * The frame in `stored` when that begins like an entry of ours (it may be damaged), undefined for anything else: what
 * the host wrote before, and the bytes of `encodeValue`, which belong to the host's user.
 */
export function entryFrame(stored: unknown): Uint8Array | undefined {
  if (typeof stored === 'string') {
    return stored.startsWith(TEXT_MAGIC) ? Buffer.from(stored.slice(TEXT_TAG.length), 'base64') : undefined;
  }
  const bytes = dtypeOf(stored) === 'uint8' ? (stored as Uint8Array) : bytesThroughJson(stored);
  if (bytes === undefined || !hasValueMagic(bytes)) return undefined;
  return bytes.length > KIND_OFFSET && bytes[KIND_OFFSET] === FrameKind.value ? undefined : bytes;
}

/**
 * True for a text that begins like one entry, whole or damaged. Several that were joined begin like one too, and base64
 * passes over what is no letter of it: the first one would be taken for all.
 */
export function isEntryAlone(text: string): boolean {
  return text.startsWith(TEXT_MAGIC) && !text.includes(TEXT_MAGIC, TEXT_TAG.length);
}

/** True for a text with an entry of ours anywhere in it. */
export function holdsEntryText(text: string): boolean {
  return text.includes(TEXT_MAGIC);
}

/**
 * A Buffer that a text store turned into `{"type":"Buffer","data":[…]}`: the carrier should have been 'text', but it is
 * all there.
 */
function bytesThroughJson(stored: unknown): Uint8Array | undefined {
  const { type, data } = (stored ?? {}) as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data) ? Uint8Array.from(data as number[]) : undefined;
}

/** True for a complete, undamaged entry: one that needs no second frame around it. */
export function isWholeEntry(frame: Uint8Array): boolean {
  try {
    return checkFrame(frame) === FrameKind.entry;
  } catch (error) {
    if (error instanceof AtcError) return false;
    throw error;
  }
}

/** An argument that is an entry, or an object or list of the store's own around one. */
export function holdsEntry(argument: unknown): boolean {
  return isEntry(argument) || (isPlainContainer(argument) && someItem(argument, isEntry));
}

function isEntry(value: unknown): boolean {
  return (typeof value === 'string' || ArrayBuffer.isView(value)) && entryFrame(value) !== undefined;
}

export function isPlainContainer(value: unknown): value is object {
  if (!isObject(value) || typeof value === 'function') return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || isRoot(prototype);
}

/** Of the first few: an argument may be a value of any size. */
const MAX_ITEMS = 16;

export function someItem(container: object, test: (item: unknown) => boolean): boolean {
  const items = Array.isArray(container) ? container.slice(0, MAX_ITEMS) : Object.values(container).slice(0, MAX_ITEMS);
  return items.some(test);
}
