/**
 * The JSON of cache-manager-fs-hash (https://github.com/rolandstarke/node-cache-manager-fs-hash,
 * src/json-file-store.js): what JSON lacks is an object with `__$diskstoreType`; buffers of 1,024 bytes and more are
 * files of their own.
 */
import { types } from 'node:util';
import { bytesOf } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import { binaryOf, isBinaryKind } from '../../value/binary.js';

const TYPE = '__$diskstoreType';
const MIN_EXTERNAL_BYTES = 1024;
/** A buffer that is stored beside the JSON, under this index. */
export interface ExternalBuffer {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Names of classes it writes that are not called like our dtypes. */
const ARRAYS: Readonly<Record<string, string>> = {
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'Uint8ClampedArray',
  Int16Array: 'int16',
  Uint16Array: 'uint16',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  Float32Array: 'float32',
  Float64Array: 'float64',
  BigInt64Array: 'int64',
  BigUint64Array: 'uint64',
  ArrayBuffer: 'ArrayBuffer',
};

/** The size that the text states for each buffer beside it, by index. CORRUPT for an impossible one. */
export function externalSizes(text: string): Map<number, number> {
  const sizes = new Map<number, number>();
  if (!text.includes('ExternalBuffer')) return sizes;
  JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || typeOf(value) !== 'ExternalBuffer') return value;
    const { index, size } = value as { index?: unknown; size?: unknown };
    if (!isCount(index) || !isCount(size) || (sizes.get(index) ?? size) !== size) {
      throw new AtcError('CORRUPT', `buffer ${String(index)} of ${String(size)} bytes is impossible`);
    }
    sizes.set(index, size);
    return value;
  });
  return sizes;
}

/** Parses its text; `external` has the buffers beside it, by index. */
export function parseFsHashJson(text: string, external: ReadonlyMap<number, Buffer>): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const node = value as Record<string, unknown>;
    switch (typeOf(node)) {
      case 'Buffer':
        return node.data64 === undefined ? bufferOf(node.data) : base64Of(node);
      case 'ExternalBuffer':
        return external.get(node.index as number);
      case 'Infinity':
        return Infinity * (node.sign as number);
      case 'Map':
        return new Map(node.entries as [unknown, unknown][]);
      case 'Set':
        return new Set(node.values as unknown[]);
      case 'RegExp':
        return new RegExp(node.pattern as string, node.flags as string);
      case 'BigInt':
        return BigInt(node.value as string);
      case 'Error':
        return Object.assign(new Error(String(node.message)), { code: node.code, name: node.name, stack: node.stack });
      default: {
        const kind = ARRAYS[String(node[TYPE])];
        return isBinaryKind(kind) ? binaryOf(kind, base64Of(node)) : value;
      }
    }
  });
}

function typeOf(value: object): unknown {
  const node = value as Record<string, unknown>;
  return node[TYPE] ?? typeBefore2(node);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** An object with a `length` would be believed. */
function bufferOf(data: unknown): Buffer {
  if (Array.isArray(data)) return Buffer.from(data as readonly number[]);
  throw new AtcError('CORRUPT', 'a buffer without a list of bytes');
}

function base64Of({ data64 }: Record<string, unknown>): Buffer {
  if (typeof data64 === 'string') return Buffer.from(data64, 'base64');
  throw new AtcError('CORRUPT', 'binary data that is no text');
}

/** Up to its version 2 the types were in `type`. */
function typeBefore2(node: Record<string, unknown>): string | undefined {
  if (node.type === 'Buffer' && node.data) return 'Buffer';
  if (node.type === 'ExternalBuffer' && typeof node.index === 'number' && typeof node.size === 'number')
    return node.type;
  return node.type === 'Infinity' && typeof node.sign === 'number' ? 'Infinity' : undefined;
}

/** The text it would write itself, and the buffers beside it. */
export function fsHashJson(data: unknown): { text: string; external: ExternalBuffer[] } {
  const external: ExternalBuffer[] = [];
  const text = JSON.stringify(data, (_, value: unknown) => {
    if (value === Infinity || value === -Infinity) return { [TYPE]: 'Infinity', sign: Math.sign(value as number) };
    if (typeof value === 'bigint') return { [TYPE]: 'BigInt', value: String(value) };
    if (typeof value !== 'object' || value === null) return value;
    if (types.isMap(value)) return { [TYPE]: 'Map', entries: [...value] };
    if (types.isSet(value)) return { [TYPE]: 'Set', values: [...value] };
    if (types.isRegExp(value)) return { [TYPE]: 'RegExp', pattern: value.source, flags: value.flags };
    const name = Object.prototype.toString.call(value).slice(8, -1);
    if (Object.hasOwn(ARRAYS, name)) {
      const bytes = ArrayBuffer.isView(value) ? bytesOf(value) : new Uint8Array(value as ArrayBuffer);
      return { [TYPE]: name, data64: Buffer.from(bytes).toString('base64') };
    }
    return isBufferJson(value) ? bufferNode(Buffer.from(value.data), external) : value;
  });
  return { text, external };
}

/** JSON.stringify has called `toJSON` of a Buffer before the replacer sees it. */
function isBufferJson(value: object): value is { data: readonly number[] } {
  const { type, data } = value as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data);
}

function bufferNode(buffer: Buffer, external: ExternalBuffer[]): object {
  if (buffer.length < MIN_EXTERNAL_BYTES) return { [TYPE]: 'Buffer', data64: buffer.toString('base64') };
  external.push({ index: external.length, bytes: buffer });
  return { [TYPE]: 'ExternalBuffer', index: external.length - 1, size: buffer.length };
}
