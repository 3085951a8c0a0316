/**
 * Records of a journal. A journal has no header: records follow each other, each complete in itself, so that any
 * process may add one. All integers and doubles are little-endian.
 *
 *      0  4  magic 8b 41 54 4a
 *      4  1  kind: 1 rows, 2 documents, 3 seal
 *      5  1  version 2
 *      6  2  bytes of names (rows of a shape that is not the usual one), else 0
 *      8  4  bytes of the payload, names included
 *     12  4  CRC-32C of bytes 4-11 and the payload
 *     16     payload: u32 binding, names as a JSON array, then
 *            rows: float64 values, row after row
 *            documents: float64 timestamp, u32 bytes, UTF-8 JSON, again and again
 *            seal: nothing
 *
 * A seal ends a journal: what stands behind it does not count.
 */
import { crc32c } from '../codec/crc32c.js';
import { AtcError } from '../errors.js';
import { internShape, isShape, OHLCV_SHAPE, type RowShape } from './row-shape.js';

const MAGIC = [0x8b, 0x41, 0x54, 0x4a] as const;
const KIND = { rows: 1, documents: 2, seal: 3 } as const;
const VERSION = 2;
const BINDING_BYTES = 4;
const RECORD_HEADER_BYTES = 16;
/** Bound of what a length field may claim. Writers stay far below. */
const MAX_PAYLOAD_BYTES = 1 << 26;
/** Behind damage, candidates for a record are checked until they have claimed so many times the bytes there are. */
const SEARCH_SHARE = 4;
export const MAX_RECORD_BYTES = RECORD_HEADER_BYTES + MAX_PAYLOAD_BYTES;

type JournalRecord =
  | { readonly kind: 'rows'; readonly shape: RowShape; readonly values: Float64Array }
  | { readonly kind: 'documents'; readonly documents: readonly (readonly [number, string])[] }
  | { readonly kind: 'seal' };

/**
 * What binds a record to its journal: the CRC-32C of `<exchange>/<symbol>/<interval>/<number>`, directories as named.
 */
export function bindingOf(identity: string, generation: number): number {
  return crc32c(new TextEncoder().encode(`${identity}/${generation}`));
}

export function encodeRows(shape: RowShape, values: Float64Array, binding: number): Uint8Array {
  const names = shape === OHLCV_SHAPE ? new Uint8Array(0) : new TextEncoder().encode(JSON.stringify(shape));
  const payload = new Uint8Array(names.length + values.byteLength);
  payload.set(names);
  payload.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), names.length);
  return encodeRecord(KIND.rows, payload, names.length, binding);
}

export function encodeDocuments(documents: Iterable<readonly [number, string]>, binding: number): Uint8Array {
  return encodeRecord(KIND.documents, documentBytes(documents), 0, binding);
}

export function encodeSeal(binding: number): Uint8Array {
  return encodeRecord(KIND.seal, new Uint8Array(0), 0, binding);
}

function encodeRecord(kind: number, content: Uint8Array, nameBytes: number, binding: number): Uint8Array {
  const record = new Uint8Array(RECORD_HEADER_BYTES + BINDING_BYTES + content.length);
  const payload = record.subarray(RECORD_HEADER_BYTES);
  const view = new DataView(record.buffer);
  record.set(MAGIC);
  record[4] = kind;
  record[5] = VERSION;
  view.setUint16(6, nameBytes, true);
  view.setUint32(8, payload.length, true);
  view.setUint32(RECORD_HEADER_BYTES, binding, true);
  payload.set(content, BINDING_BYTES);
  view.setUint32(12, crc32c(payload, crc32c(record.subarray(4, 12))), true);
  return record;
}

/** The payload of a documents record; segments store documents in the same format. */
export function documentBytes(documents: Iterable<readonly [number, string]>): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const [timestamp, text] of documents) {
    const utf8 = new TextEncoder().encode(text);
    const head = new DataView(new ArrayBuffer(12));
    head.setFloat64(0, timestamp, true);
    head.setUint32(8, utf8.length, true);
    parts.push(new Uint8Array(head.buffer), utf8);
    length += 12 + utf8.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Undefined when the bytes are no list of documents. */
export function parseDocuments(bytes: Uint8Array): [number, string][] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const documents: [number, string][] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 12 > bytes.length) return undefined;
    const length = view.getUint32(at + 8, true);
    if (at + 12 + length > bytes.length) return undefined;
    documents.push([view.getFloat64(at, true), new TextDecoder().decode(bytes.subarray(at + 12, at + 12 + length))]);
    at += 12 + length;
  }
  return documents;
}

/** The journal whose records are read. */
export interface JournalPlace {
  readonly path: string;
  readonly binding: number;
}

export interface Scan {
  readonly records: readonly JournalRecord[];
  /** Bytes that are done with: the next scan starts there. An unfinished record at the end stays. */
  readonly consumed: number;
  /** Where bytes that are no record begin, in order; empty for an undamaged journal. */
  readonly damagedAt: readonly number[];
  readonly sealed: boolean;
}

/**
 * Reads records front to back. Bytes that are no record (torn by a full disk, or damaged) are skipped up to the next
 * record. An incomplete record at the end waits for its rest, unless a complete one follows inside: then it never will
 * be complete.
 */
export function scanRecords(bytes: Uint8Array, journal: JournalPlace, base: number): Scan {
  const records: JournalRecord[] = [];
  const damagedAt: number[] = [];
  const search = { left: SEARCH_SHARE * bytes.length };
  let at = 0;
  while (at < bytes.length) {
    const found = recordAt(bytes, at, journal, base);
    if (typeof found === 'object') {
      at = found.end;
      records.push(found.record);
      if (found.record.kind === 'seal') return { records, consumed: at, damagedAt, sealed: true };
      continue;
    }
    const { next, unfinished } = recordAfter(bytes, at, journal, base, search);
    const mayGrow = found === 'incomplete' || bytes.length - at < RECORD_HEADER_BYTES;
    if (next === undefined && mayGrow) break;
    damagedAt.push(at);
    at = next ?? unfinished;
    if (next === undefined) break;
  }
  return { records, consumed: at, damagedAt, sealed: false };
}

/**
 * Where the next complete record behind `at` begins, or, where there is none, the first one that is still being
 * written: at the end of the bytes when there is none of these either. Every candidate costs a checksum of all that it
 * claims, so `search` bounds them: bytes that claim more than that are no records that anybody wrote.
 */
function recordAfter(
  bytes: Uint8Array,
  at: number,
  journal: JournalPlace,
  base: number,
  search: { left: number },
): { readonly next?: number; readonly unfinished: number } {
  let unfinished = bytes.length;
  const candidate = (from: number) => bytes.indexOf(MAGIC[0], from);
  for (let next = candidate(at + 1); next >= 0; next = candidate(next + 1)) {
    const found = recordAt(bytes, next, journal, base, search);
    if (typeof found === 'object') return { next, unfinished };
    if (found === 'incomplete') unfinished = Math.min(unfinished, next);
  }
  return { unfinished };
}

function startsLikeRecord(bytes: Uint8Array, at: number): boolean {
  return MAGIC.every((byte, i) => at + i >= bytes.length || bytes[at + i] === byte);
}

type Found = { readonly record: JournalRecord; readonly end: number } | 'incomplete' | 'damaged';

function recordAt(
  bytes: Uint8Array,
  at: number,
  { path, binding }: JournalPlace,
  base: number,
  search = { left: Number.POSITIVE_INFINITY },
): Found {
  if (!startsLikeRecord(bytes, at)) return 'damaged';
  if (at + RECORD_HEADER_BYTES > bytes.length) return 'incomplete';
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_HEADER_BYTES);
  const length = view.getUint32(8, true);
  if (length > MAX_PAYLOAD_BYTES) return 'damaged';
  const end = at + RECORD_HEADER_BYTES + length;
  if (end > bytes.length) return 'incomplete';
  search.left -= length;
  if (search.left < 0) return 'damaged';
  const payload = bytes.subarray(at + RECORD_HEADER_BYTES, end);
  if (crc32c(payload, crc32c(bytes.subarray(at + 4, at + 12))) !== view.getUint32(12, true)) return 'damaged';
  const [kind, version] = [bytes[at + 4], bytes[at + 5]];
  if (version < 1 || version > VERSION || (kind !== KIND.rows && kind !== KIND.documents && kind !== KIND.seal)) {
    const what = `journal record of kind ${kind}, version ${version}`;
    throw new AtcError(
      'FORMAT_VERSION',
      `${what} in ${path} is unknown to this version of atc-memory; upgrade to read it`,
      {
        path,
        offset: base + at,
      },
    );
  }
  const nameBytes = view.getUint16(6, true);
  // Records of version 1 are bound to nothing.
  if (version === 1) return found(decodePayload(kind, payload, nameBytes), end);
  // One of another series or journal is no record of this one.
  if (payload.length < BINDING_BYTES || uint32At(payload) !== binding) return 'damaged';
  return found(decodePayload(kind, payload.subarray(BINDING_BYTES), nameBytes), end);
}

function found(record: JournalRecord | undefined, end: number): Found {
  return record === undefined ? 'damaged' : { record, end };
}

function uint32At(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

function decodePayload(kind: number, payload: Uint8Array, nameBytes: number): JournalRecord | undefined {
  if (kind === KIND.seal) return { kind: 'seal' };
  if (kind === KIND.documents) {
    const documents = parseDocuments(payload);
    return documents && { kind: 'documents', documents };
  }
  const shape = nameBytes === 0 ? OHLCV_SHAPE : parseShape(payload.subarray(0, nameBytes));
  const values = payload.slice(nameBytes);
  if (shape === undefined || values.byteLength % (shape.length * 8) !== 0) return undefined;
  return { kind: 'rows', shape, values: new Float64Array(values.buffer) };
}

function parseShape(utf8: Uint8Array): RowShape | undefined {
  try {
    const names: unknown = JSON.parse(new TextDecoder().decode(utf8));
    return isShape(names) ? internShape(names) : undefined;
  } catch {
    return undefined;
  }
}
