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
/** What the buffers of an entry may ask for together. */
const MAX_BUFFER_BYTES = 2 ** 32;

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

/** Parses its text; `external` maps the index of every external buffer to a buffer that the caller fills. */
export function parseFsHashJson(text: string): { data: unknown; external: Map<number, Buffer[]> } {
  const external = new Map<number, Buffer[]>();
  let room = MAX_BUFFER_BYTES;
  const data: unknown = JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const node = value as Record<string, unknown>;
    switch (node[TYPE] ?? typeBefore2(node)) {
      case 'Buffer':
        return typeof node.data64 === 'string'
          ? Buffer.from(node.data64, 'base64')
          : Buffer.from(node.data as readonly number[]);
      case 'ExternalBuffer': {
        const buffer = externalBuffer(node, external, room);
        room -= buffer.length;
        return buffer;
      }
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
        return isBinaryKind(kind) ? binaryOf(kind, Buffer.from(node.data64 as string, 'base64')) : value;
      }
    }
  });
  return { data, external };
}

/** Up to its version 2 the types were in `type`. */
function typeBefore2(node: Record<string, unknown>): string | undefined {
  if (node.type === 'Buffer' && node.data) return 'Buffer';
  if (node.type === 'ExternalBuffer' && typeof node.index === 'number' && typeof node.size === 'number')
    return node.type;
  return node.type === 'Infinity' && typeof node.sign === 'number' ? 'Infinity' : undefined;
}

function externalBuffer(node: Record<string, unknown>, external: Map<number, Buffer[]>, room: number): Buffer {
  const index = Number(node.index);
  const size = Number(node.size);
  if (!Number.isSafeInteger(index) || index < 0 || !Number.isSafeInteger(size) || size < 0 || size > room) {
    throw new AtcError('CORRUPT', `buffer ${index} of ${size} bytes is impossible`);
  }
  // Filled later; a reference to it stands in the value already.
  const buffer = Buffer.alloc(size);
  external.set(index, [...(external.get(index) ?? []), buffer]);
  return buffer;
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
