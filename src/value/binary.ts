/** Binary values by kind: the dtypes, and the classes around plain bytes that stay distinct when they are read back. */
import { bytesOf, dtypeOf, isDtype, itemSize, type TypedArray, viewAs } from '../dtype.js';

const CLASSES = ['Buffer', 'ArrayBuffer', 'DataView', 'Uint8ClampedArray'] as const;

/** A dtype, or one of the classes above. */
export type BinaryKind = string;

export function isBinaryKind(kind: unknown): kind is BinaryKind {
  return isDtype(kind) || (CLASSES as readonly unknown[]).includes(kind);
}

/** The kind of a binary value; undefined for anything else, subclasses included. */
export function binaryKind(value: object): BinaryKind | undefined {
  if (Buffer.isBuffer(value)) return Object.getPrototypeOf(value) === Buffer.prototype ? 'Buffer' : undefined;
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (!ArrayBuffer.isView(value)) return name === 'ArrayBuffer' ? name : undefined;
  // A subclass is named by its constructor, not by its tag.
  if ((value as { constructor?: { name?: string } }).constructor?.name !== name) return undefined;
  return dtypeOf(value) ?? (isBinaryKind(name) ? name : undefined);
}

/** Its bytes, not copied, and only those within its bounds; undefined when they lie in shared memory. */
export function bytesOfBinary(value: object, kind: BinaryKind): Uint8Array | undefined {
  if (kind === 'ArrayBuffer') return new Uint8Array(value as ArrayBuffer);
  const view = value as ArrayBufferView;
  return Object.prototype.toString.call(view.buffer) === '[object SharedArrayBuffer]' ? undefined : bytesOf(view);
}

/** The value as a column: itself for a dtype, its bytes for the classes. */
export function columnOfBinary(value: object, kind: BinaryKind): TypedArray {
  return isDtype(kind) ? (value as TypedArray) : (bytesOfBinary(value, kind) as Uint8Array);
}

/**
 * The value of a kind over `bytes`, whose buffer stays someone else's: what can be a view is one. `bytes` are aligned
 * for any element.
 */
export function pooledBinaryOf(kind: BinaryKind, bytes: Uint8Array): unknown {
  const { buffer, byteOffset, byteLength } = bytes;
  if (isDtype(kind) && byteLength % itemSize(kind) !== 0) throw new RangeError(`${byteLength} bytes of ${kind}`);
  if (isDtype(kind)) return viewAs(kind, buffer, byteOffset, byteLength / itemSize(kind));
  if (kind === 'Buffer') return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  if (kind === 'DataView') return new DataView(buffer as ArrayBuffer, byteOffset, byteLength);
  if (kind === 'Uint8ClampedArray') return new Uint8ClampedArray(buffer as ArrayBuffer, byteOffset, byteLength);
  return binaryOf(kind, bytes);
}

/** The value of a kind over `bytes`, which it may own: a fresh, aligned buffer of exactly its bytes. */
export function binaryOf(kind: BinaryKind, bytes: Uint8Array): unknown {
  const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  if (isDtype(kind)) return viewAs(kind, whole.buffer);
  if (kind === 'Buffer') return Buffer.from(whole.buffer);
  if (kind === 'ArrayBuffer') return whole.buffer;
  return kind === 'DataView' ? new DataView(whole.buffer) : new Uint8ClampedArray(whole.buffer);
}
