/**
 * One entry of a cache directory is one file, named by the SHA-256 of its key, with the key inside:
 *
 *     0   magic D1 41 54 45      4  version, 2      5  origin      6  1 when bare      7  zero
 *     8   expires: float64, UTC ms, +Infinity for never
 *     16  bytes of the key: u32                     20 the last four bytes of the file: the checksum of the value frame
 *     24  CRC-32C of bytes 0 to 23 and the key
 *     28  the key as JSON text (preserves lone surrogates), then a value frame with its own checksum
 *
 * All numbers are little-endian. `origin` is 0, or 1 + the index of the foreign format the entry was migrated from.
 * `bare`: the store was handed the value itself; otherwise `{ value, expires }`, as Keyv does, and it is returned like
 * that again. Version 1 has no bytes 20 to 23, so nothing binds its value to its header; it is read, and written no
 * more.
 */

import path from 'node:path';
import { ENTRY_SUFFIX } from '../cache-directory/entry-files.js';
import { crc32c } from '../codec/crc32c.js';
import type { DecodeLimit } from '../codec/decode-columns.js';
import { AtcError } from '../errors.js';
import { createHash } from '../io/crypto.js';
import { decodeFrame } from '../value/value-frame.js';

const MAGIC = Uint8Array.of(0xd1, 0x41, 0x54, 0x45);
const VERSION = 2;
/** Where the checksum of header and key stands, by version; the key follows it. */
const CHECKSUM_AT: Readonly<Record<number, number>> = { 1: 20, 2: 24 };
const HEADER_BYTES = CHECKSUM_AT[VERSION] + 4;
const VALUE_CHECKSUM_AT = 20;
const CHECKSUM_BYTES = 4;
/** Enough for the header of almost every entry: what `clear` and `prune` read of a file. */
export const HEADER_READ_BYTES = 512;

/**
 * An entry file is not larger than this: a value that is not compressed takes less on disk than in memory, but for text
 * (three bytes a character instead of two), and the key.
 */
export function mostFileBytes(maxValueBytes: number): number {
  return 2 * maxValueBytes + 2 ** 24;
}

/** What an entry file holds besides its value. */
export interface EntryFacts {
  /** The whole key; the file's name is a digest of it. */
  readonly key: string;
  /** UTC ms; Infinity for never. */
  readonly expires: number;
  /** Put in as a value alone, without the envelope that Keyv puts around one. */
  readonly isBare: boolean;
  /** 0, or 1 + the index of the legacy format (in `.atc-migrated.json`) that a migration took the value from. */
  readonly origin: number;
}

export interface EntryHeader extends EntryFacts {
  /** Offset of the value frame. */
  readonly valueAt: number;
  /** What the value frame ends with; undefined for version 1. */
  readonly valueChecksum: number | undefined;
}

/** `<first two hex digits>/<the other 62>.atc-entry`: whatever the key is, the file stays inside the directory. */
export function entryPath(key: string): string {
  const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex');
  return path.join(hash.slice(0, 2), hash.slice(2) + ENTRY_SUFFIX);
}

export function encodeEntry({ key, expires, isBare, origin }: EntryFacts, frame: Uint8Array): Uint8Array {
  const keyBytes = new TextEncoder().encode(JSON.stringify(key));
  const bytes = new Uint8Array(HEADER_BYTES + keyBytes.length + frame.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  bytes[4] = VERSION;
  bytes[5] = origin;
  bytes[6] = Number(isBare);
  view.setFloat64(8, expires, true);
  view.setUint32(16, keyBytes.length, true);
  bytes.set(keyBytes, HEADER_BYTES);
  bytes.set(frame.subarray(frame.length - CHECKSUM_BYTES), VALUE_CHECKSUM_AT);
  const checksumAt = CHECKSUM_AT[VERSION];
  view.setUint32(checksumAt, crc32c(keyBytes, crc32c(bytes.subarray(0, checksumAt))), true);
  bytes.set(frame, HEADER_BYTES + keyBytes.length);
  return bytes;
}

/**
 * The header at the start of a file, or the number of bytes needed to read it when `bytes` is only a part. Throws
 * CORRUPT with the offset; FORMAT_VERSION for a file of a later version.
 */
export function decodeEntryHeader(bytes: Uint8Array, fileBytes = bytes.length): EntryHeader | number {
  if (bytes.length < CHECKSUM_AT[1] + CHECKSUM_BYTES) throw damage('cut short', bytes.length);
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw damage('no cache entry', 0);
  const checksumAt = CHECKSUM_AT[bytes[4]];
  if (checksumAt === undefined) {
    throw new AtcError('FORMAT_VERSION', `cache entry of version ${bytes[4]}, ${VERSION} is known; update atc-memory`);
  }
  if (bytes.length < checksumAt + CHECKSUM_BYTES) throw damage('cut short', bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const keyAt = checksumAt + CHECKSUM_BYTES;
  const valueAt = keyAt + view.getUint32(16, true);
  if (valueAt > fileBytes) throw damage('cut short', fileBytes);
  if (valueAt > bytes.length) return valueAt;
  const keyBytes = bytes.subarray(keyAt, valueAt);
  if (crc32c(keyBytes, crc32c(bytes.subarray(0, checksumAt))) !== view.getUint32(checksumAt, true)) {
    throw damage('damaged in its header: wrong checksum', checksumAt);
  }
  const expires = view.getFloat64(8, true);
  return {
    key: keyOf(keyBytes, keyAt),
    // Version 1 was written with NaN too, which is a time that never comes.
    expires: Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires,
    isBare: bytes[6] === 1,
    origin: bytes[5],
    valueAt,
    valueChecksum: bytes[4] === 1 ? undefined : view.getUint32(VALUE_CHECKSUM_AT, true),
  };
}

/** The value of a whole entry file. CORRUPT when it is not the one that the header was written with. */
export function decodeEntryFrame(
  bytes: Uint8Array,
  { valueAt, valueChecksum }: EntryHeader,
  limit?: DecodeLimit,
): unknown {
  const frame = bytes.subarray(valueAt);
  if (valueChecksum !== undefined && frame.length >= CHECKSUM_BYTES) {
    const end = bytes.length - CHECKSUM_BYTES;
    const found = new DataView(bytes.buffer, bytes.byteOffset + end, CHECKSUM_BYTES).getUint32(0, true);
    if (found !== valueChecksum)
      throw damage('damaged: its value is not the one that was written with its header', end);
  }
  return decodeFrame(frame, limit);
}

function keyOf(utf8: Uint8Array, offset: number): string {
  try {
    const key: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(utf8));
    if (typeof key === 'string') return key;
  } catch {
    // Reported below.
  }
  throw damage('damaged in its key: no JSON text', offset);
}

function damage(what: string, offset: number): AtcError {
  return new AtcError('CORRUPT', `this cache entry is ${what} (at byte ${offset})`, { offset });
}
