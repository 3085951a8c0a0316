/**
 * One entry of a cache directory is one file, named by the SHA-256 of its key, with the key inside:
 *
 *     0   magic D1 41 54 45      4  version, 1      5  origin      6  1 when bare      7  zero
 *     8   expires: float64, UTC ms, +Infinity for never
 *     16  bytes of the key: u32                     20 CRC-32C of bytes 0 to 19 and the key
 *     24  the key as JSON text (keeps lone surrogates), then a value frame with its own checksum
 *
 * All numbers are little-endian. `origin` is 0, or 1 + the index of the foreign format the entry was migrated from.
 * `bare`: the store was handed the value itself; otherwise `{ value, expires }`, as Keyv does, and it is handed out
 * like that again.
 */

import path from 'node:path';
import { ENTRY_SUFFIX } from '../cache-directory/entry-files.js';
import { crc32c } from '../codec/crc32c.js';
import { AtcError } from '../errors.js';
import { createHash } from '../io/crypto.js';

const MAGIC = Uint8Array.of(0xd1, 0x41, 0x54, 0x45);
const VERSION = 1;
const HEADER_BYTES = 24;
const CHECKSUM_AT = 20;
/** Enough for the header of almost every entry: what `clear` and `prune` read of a file. */
export const HEADER_READ_BYTES = 512;

/** What an entry file says besides its value. */
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
  view.setUint32(CHECKSUM_AT, crc32c(keyBytes, crc32c(bytes.subarray(0, CHECKSUM_AT))), true);
  bytes.set(frame, HEADER_BYTES + keyBytes.length);
  return bytes;
}

/**
 * The header at the start of a file, or the number of bytes needed to read it when `bytes` is only a part. Throws
 * CORRUPT with the offset; FORMAT_VERSION for a file of a later version.
 */
export function decodeEntryHeader(bytes: Uint8Array, fileBytes = bytes.length): EntryHeader | number {
  if (bytes.length < HEADER_BYTES) throw damage('cut short', bytes.length);
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw damage('no cache entry', 0);
  if (bytes[4] !== VERSION) {
    throw new AtcError('FORMAT_VERSION', `cache entry of version ${bytes[4]}, ${VERSION} is known; update atc-memory`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const valueAt = HEADER_BYTES + view.getUint32(16, true);
  if (valueAt > fileBytes) throw damage('cut short', fileBytes);
  if (valueAt > bytes.length) return valueAt;
  const keyBytes = bytes.subarray(HEADER_BYTES, valueAt);
  if (crc32c(keyBytes, crc32c(bytes.subarray(0, CHECKSUM_AT))) !== view.getUint32(CHECKSUM_AT, true)) {
    throw damage('damaged in its header: wrong checksum', CHECKSUM_AT);
  }
  const key: unknown = JSON.parse(new TextDecoder().decode(keyBytes));
  return { key: String(key), expires: view.getFloat64(8, true), isBare: bytes[6] === 1, origin: bytes[5], valueAt };
}

function damage(what: string, offset: number): AtcError {
  return new AtcError('CORRUPT', `this cache entry is ${what} (at byte ${offset})`, { offset });
}
