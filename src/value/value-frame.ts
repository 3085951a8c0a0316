/**
 * The bytes of a cached value:
 *
 *     0  4  magic d1 41 54 56: 0xd1 before a letter is no UTF-8, so no text begins like this
 *     4  1  format version: 2 for a value with tuples, which 1.0 does not read, 1 for any other
 *     5  1  kind: 0 made by encodeValue, 1 the entry of a wrapped store
 *     6     varints: sections; byte length of the structure; byte length of each section
 *           the structure: UTF-8 JSON (see nodes.ts), as it is or, from 512 bytes on, as a frame of bytes; then the
 *           sections: frames of tables
 *    -4  4  CRC-32C of everything before, little-endian
 *
 * Two kinds, so that a store whose user puts encoded bytes stores them as bytes, and never frames its own
 * entry twice.
 */
import { requireByteCount, requireOptions } from '../arguments.js';
import { ByteReader, ByteWriter } from '../codec/byte-stream.js';
import { type CompressionOptions, resolveCompression } from '../codec/compression-options.js';
import { crc32c } from '../codec/crc32c.js';
import { type DecodeLimit, type DecodeTargets, decodeColumns, freshArray, openFrame } from '../codec/decode-columns.js';
import { scratch } from '../codec/scratch.js';
import { compressDataFrame } from '../codec/table-frame.js';
import { compressText } from '../codec/text/frame.js';
import { type Columns, type Dtype, dtypeOf, type TypedArray } from '../dtype.js';
import { AtcError, isAtcError } from '../errors.js';
import type { ArrayPool } from './array-pool.js';
import { memoryOfText } from './memory-cost.js';
import { valueOfTree } from './value-reader.js';
import { treeOf } from './value-writer.js';

const VALUE_MAGIC = Uint8Array.of(0xd1, 0x41, 0x54, 0x56);
const VERSION = 1;
/** The structure has tuples. */
const TUPLES_VERSION = 2;
export const KIND_OFFSET = 5;
const HEADER_BYTES = 6;
const CHECKSUM_BYTES = 4;
const MAX_SECTIONS = 1 << 20;
/** A shorter structure is stored as it is: a frame around it would take more than it saves, and most of the time. */
const MIN_STRUCTURE_BYTES = 512;
/** `[`: the structure is an array of JSON text; a frame begins with 0x89. */
const JSON_START = 0x5b;

/**
 * Most that a value may take in memory, as memory-cost.ts counts it: what is written is what the default of
 * `decodeValue` reads. Small frames can hold large constants.
 */
const MAX_VALUE_BYTES = 2 ** 32;

/** The same for values of stores, whose bytes other processes and hosts may have written. */
export const MAX_STORED_VALUE_BYTES = 2 ** 29;

export const FrameKind = { value: 0, entry: 1 } as const;

export interface EncodedValue {
  readonly bytes: Uint8Array;
  /** About what the value takes plainly. */
  readonly plainBytes: number;
  /** The value is what it would be after a way through JSON. */
  readonly isJson: boolean;
}

/** Throws UNSUPPORTED for what cannot be stored exactly. */
export function encodeFrame(
  value: unknown,
  kind: number,
  options: CompressionOptions & DecodeLimit = {},
): EncodedValue {
  requireOptions(options, 'encodeValue');
  // Small values have nothing to compress: a wrong level would go unnoticed until one grows.
  resolveCompression(options);
  const { maxBytes = MAX_VALUE_BYTES } = options;
  requireByteCount(maxBytes, 'maxBytes');
  const tree = treeOf(value);
  const { text, isJson } = tree;
  const memoryBytes = memoryOfText(text, maxBytes) + tree.memoryBytes;
  if (memoryBytes > maxBytes) {
    throw new AtcError(
      'UNSUPPORTED',
      `a value of about ${memoryBytes} bytes in memory is more than one entry holds (${maxBytes}); split it`,
    );
  }
  const structure = text.length < MIN_STRUCTURE_BYTES ? text : compressText(text, options);
  const sections = tree.sections.map((columns) => compressDataFrame(columns, options));
  const writer = new ByteWriter(structure.length + 64);
  writer.bytes(VALUE_MAGIC);
  writer.u8(tree.hasTuples ? TUPLES_VERSION : VERSION);
  writer.u8(kind);
  writer.varint(sections.length);
  for (const part of [structure, ...sections]) writer.varint(part.length);
  for (const part of [structure, ...sections]) writer.bytes(part);
  writer.u32(crc32c(writer.view()));
  return { bytes: writer.toBytes(), plainBytes: tree.plainBytes, isJson };
}

/** True for bytes that begin like a value, of any version and kind; nothing else is checked. */
export function hasValueMagic(bytes: Uint8Array): boolean {
  return bytes.length >= VALUE_MAGIC.length && VALUE_MAGIC.every((byte, i) => bytes[i] === byte);
}

/** The kind of a complete, undamaged frame; throws CORRUPT or FORMAT_VERSION otherwise. */
export function checkFrame(bytes: Uint8Array): number {
  if (dtypeOf(bytes) !== 'uint8') throw new AtcError('ARGUMENT', 'an encoded value must be a Uint8Array or Buffer');
  if (!hasValueMagic(bytes)) throw damage('these bytes are no encoded value', 0);
  if (bytes.length < HEADER_BYTES + CHECKSUM_BYTES) throw damage('an encoded value is cut short', bytes.length);
  if (bytes[4] !== VERSION && bytes[4] !== TUPLES_VERSION) {
    const advice = 'update atc-memory, or rebuild the entry';
    const known = `${VERSION} and ${TUPLES_VERSION} are known`;
    throw new AtcError('FORMAT_VERSION', `encoded value of version ${bytes[4]}, ${known}; ${advice}`);
  }
  const end = bytes.length - CHECKSUM_BYTES;
  const checksum = new ByteReader(bytes.subarray(end), end).u32();
  if (crc32c(bytes.subarray(0, end)) !== checksum) throw damage('an encoded value is damaged: wrong checksum', end);
  return bytes[KIND_OFFSET];
}

/** Options of `decodeValue`. */
export interface DecodeValueOptions extends DecodeLimit {
  /**
   * Where typed arrays and buffers of the value, and the columns behind its rows, are taken from; they are valid until
   * its `reset`. Default: new memory, which is the value's own.
   */
  readonly pool?: ArrayPool;
}

export function decodeFrame(bytes: Uint8Array, options: DecodeValueOptions = {}): unknown {
  requireOptions(options, 'decodeValue');
  const { maxBytes = MAX_VALUE_BYTES, pool } = options;
  if (pool !== undefined && typeof pool?.take !== 'function') {
    throw new AtcError('ARGUMENT', 'pool must be an ArrayPool');
  }
  checkFrame(bytes);
  try {
    return decodeChecked(bytes, new MemoryBudget(maxBytes), pool);
  } catch (cause) {
    if (isAtcError(cause)) throw cause;
    // The process that made these bytes also made their checksum: text that is no UTF-8, nesting beyond the stack, an
    // impossible length.
    throw new AtcError('CORRUPT', 'an encoded value is malformed; rebuild the entry', { cause });
  }
}

/** What may still be made of the bytes. Every section, text, array and row is taken from it before it is made. */
class MemoryBudget {
  #left: number;

  constructor(left: number) {
    this.#left = left;
    requireByteCount(left, 'maxBytes');
  }

  get left(): number {
    return this.#left;
  }

  get limit(): DecodeLimit {
    return { maxBytes: this.#left };
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new AtcError('ARGUMENT', `the value takes ${-this.#left} bytes more than maxBytes allows; raise it`);
  }
}

function decodeChecked(bytes: Uint8Array, budget: MemoryBudget, pool: ArrayPool | undefined): unknown {
  const body = bytes.subarray(HEADER_BYTES, bytes.length - CHECKSUM_BYTES);
  const reader = new ByteReader(body, HEADER_BYTES);
  const count = reader.varint(MAX_SECTIONS, 'the number of sections');
  if (count > reader.remaining) throw damage(`${count} sections do not fit`, reader.offset);
  const lengths = Array.from({ length: count + 1 }, () => reader.varint(body.length, 'the length of a section'));
  const [structure, ...sections] = lengths.map((length) => reader.bytes(length));
  if (reader.remaining !== 0) throw damage(`${reader.remaining} bytes too many`, reader.offset);
  const text = structure[0] === JSON_START ? structure : decodedText(structure, budget.limit);
  if (!isBytes(text)) throw damage('the structure of a value is no text', 0);
  budget.spend(memoryOfText(text, budget.left));
  const json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
  const section = (index: number) => {
    if (!Number.isInteger(index) || index < 0 || index >= count) throw damage(`section ${index} of ${count}`, 0);
    const columns = decodedSection(sections[index], {
      ...budget.limit,
      allocate: pool && ((...of) => pool.take(...of)),
    });
    for (const column of Object.values(columns)) budget.spend(column.byteLength);
    return columns;
  };
  const options = { isPooled: pool !== undefined, hasTuples: bytes[4] >= TUPLES_VERSION };
  return valueOfTree(json, section, (memoryBytes) => budget.spend(memoryBytes), options);
}

/** Longer texts than this get memory of their own. */
const MOST_SHARED_TEXT = 2 ** 23;

/** The text of a structure, valid until the next one: it becomes a string at once. */
function decodedText(structure: Uint8Array, limit: DecodeLimit): TypedArray {
  const frame = openFrame(structure, 'array');
  const allocate = (dtype: Dtype, length: number) =>
    dtype === 'uint8' && length <= MOST_SHARED_TEXT ? scratch('text', length) : freshArray(dtype, length);
  return decodeColumns(frame, [0], 0, frame.rows, { ...limit, allocate })[0];
}

function decodedSection(section: Uint8Array, targets: DecodeTargets): Columns {
  const frame = openFrame(section, 'table');
  const decoded = decodeColumns(frame, [...frame.columns.keys()], 0, frame.rows, targets);
  return Object.fromEntries(frame.columns.map(({ name }, i) => [name, decoded[i]]));
}

function isBytes(array: TypedArray): array is Uint8Array {
  return dtypeOf(array) === 'uint8';
}

function damage(what: string, offset: number): AtcError {
  return new AtcError('CORRUPT', `${what} (at byte ${offset}); rebuild the entry`, { offset });
}

/**
 * Any structured value as bytes, lossless: what `decodeValue` returns has the same types, bits, key order and shared
 * references. Binaries keep their bounds, not their location in a larger buffer; frozen objects are returned unfrozen;
 * rows of a table, tuples of numbers and the elements of a packed array are returned as separate objects.
 * Throws UNSUPPORTED with the path of a function, a class instance, a symbol or a cycle; ARGUMENT for a wrong level.
 */
export function encodeValue(value: unknown, options: CompressionOptions = {}): Uint8Array {
  return encodeFrame(value, FrameKind.value, options).bytes;
}

/**
 * The value `encodeValue` was given. Throws CORRUPT for damaged bytes, FORMAT_VERSION for those of a later version,
 * ARGUMENT for a value that would take more than `maxBytes` (default 4 GiB). With a `pool` its arrays come from there.
 */
export function decodeValue(bytes: Uint8Array, options: DecodeValueOptions = {}): unknown {
  return decodeFrame(bytes, options);
}
