/**
 * Element types of arrays and columns: names, sizes, constructors. The wire ids are on disk: append, never renumber.
 */
import { AtcError } from './errors.js';

/** Element types, named as numpy names them. */
export type Dtype =
  | 'float64'
  | 'float32'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64';

/** The typed array that holds each dtype; the native byte order is little-endian on every supported machine. */
export interface TypedArrayOf {
  /** IEEE 754 double, 8 bytes: what prices are. */
  float64: Float64Array;
  /** IEEE 754 single, 4 bytes: loses bits of a price, so it is asked for. */
  float32: Float32Array;
  /** -128 to 127. */
  int8: Int8Array;
  /** 0 to 255. */
  uint8: Uint8Array;
  /** -32,768 to 32,767. */
  int16: Int16Array;
  /** 0 to 65,535. */
  uint16: Uint16Array;
  /** -2^31 to 2^31 - 1. */
  int32: Int32Array;
  /** 0 to 2^32 - 1. */
  uint32: Uint32Array;
  /** -2^63 to 2^63 - 1; elements are bigints. */
  int64: BigInt64Array;
  /** 0 to 2^64 - 1; elements are bigints. */
  uint64: BigUint64Array;
}

/** An array of any dtype. A Buffer counts as uint8. */
export type TypedArray = TypedArrayOf[Dtype];

/** What one element is in JavaScript: bigint for the 64-bit integers, number for the rest. */
export type ElementOf<D extends Dtype> = D extends 'int64' | 'uint64' ? bigint : number;

/** Columns of equal length, by name. */
export type Columns = Record<string, TypedArray>;

type TypedArrayConstructor<D extends Dtype> = new (
  buffer: ArrayBufferLike,
  byteOffset?: number,
  length?: number,
) => TypedArrayOf[D];

interface DtypeFacts {
  readonly wireId: number;
  readonly itemSize: number;
  /** Kind and bytes, as numpy writes them. */
  readonly numpy: string;
  readonly create: TypedArrayConstructor<Dtype>;
}

const FACTS: Readonly<Record<Dtype, DtypeFacts>> = {
  float64: { wireId: 1, itemSize: 8, numpy: 'f8', create: Float64Array },
  float32: { wireId: 2, itemSize: 4, numpy: 'f4', create: Float32Array },
  int8: { wireId: 3, itemSize: 1, numpy: 'i1', create: Int8Array },
  uint8: { wireId: 4, itemSize: 1, numpy: 'u1', create: Uint8Array },
  int16: { wireId: 5, itemSize: 2, numpy: 'i2', create: Int16Array },
  uint16: { wireId: 6, itemSize: 2, numpy: 'u2', create: Uint16Array },
  int32: { wireId: 7, itemSize: 4, numpy: 'i4', create: Int32Array },
  uint32: { wireId: 8, itemSize: 4, numpy: 'u4', create: Uint32Array },
  int64: { wireId: 9, itemSize: 8, numpy: 'i8', create: BigInt64Array },
  uint64: { wireId: 10, itemSize: 8, numpy: 'u8', create: BigUint64Array },
};

export const DTYPES = Object.keys(FACTS) as readonly Dtype[];

const BY_WIRE_ID = new Map(DTYPES.map((dtype) => [FACTS[dtype].wireId, dtype]));
// Tags instead of instanceof: arrays of another realm (worker clones, jest) are arrays too.
const BY_TAG = new Map(DTYPES.map((dtype) => [FACTS[dtype].create.name, dtype]));

export function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(FACTS, value);
}

/** Bytes of one element. */
export function itemSize(dtype: Dtype): number {
  return FACTS[dtype].itemSize;
}

export function dtypeWireId(dtype: Dtype): number {
  return FACTS[dtype].wireId;
}

/** As numpy writes the type in files, byte order first: `<f8`, `|u1`. */
export function numpyType(dtype: Dtype): string {
  return `${itemSize(dtype) === 1 ? '|' : '<'}${FACTS[dtype].numpy}`;
}

const BY_NUMPY_CODE = new Map(DTYPES.map((dtype) => [FACTS[dtype].numpy, dtype]));

/** The dtype of kind and bytes (`f8`), or undefined for a type that has none. */
export function dtypeOfNumpyCode(code: string): Dtype | undefined {
  return BY_NUMPY_CODE.get(code);
}

/** The dtype of a wire id, or undefined for one this version does not know. */
export function dtypeOfWireId(wireId: number): Dtype | undefined {
  return BY_WIRE_ID.get(wireId);
}

/** The dtype of a typed array (a Buffer counts as uint8), or undefined for anything else. */
export function dtypeOf(value: unknown): Dtype | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  return BY_TAG.get((value as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag]);
}

export function isTypedArray(value: unknown): value is TypedArray {
  return dtypeOf(value) !== undefined;
}

/** A zeroed array of `length` elements. */
export function createArray<D extends Dtype>(dtype: D, length: number): TypedArrayOf[D] {
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new AtcError('ARGUMENT', `length must be a whole number of elements, got ${length}`);
  }
  return viewAs(dtype, new ArrayBuffer(length * itemSize(dtype)));
}

/** Elements over existing bytes; `byteOffset` must be a multiple of the element size. */
export function viewAs<D extends Dtype>(
  dtype: D,
  buffer: ArrayBufferLike,
  byteOffset = 0,
  length?: number,
): TypedArrayOf[D] {
  const Create = FACTS[dtype].create as TypedArrayConstructor<D>;
  return new Create(buffer, byteOffset, length);
}

/** The bytes of an array, not copied. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
