/** What `'verify'` compares with: types, bits, key order, holes and prototypes; not identity. */
import { types } from 'node:util';
import { bytesOf } from '../dtype.js';

/**
 * Where `actual` first differs from `expected`, or undefined. Both are structured values: no class instances, no
 * cycles.
 */
export function firstDifference(actual: unknown, expected: unknown, path = 'value'): string | undefined {
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return Object.is(actual, expected) ? undefined : path;
  }
  if (className(actual) !== className(expected)) return path;
  const isBinary = ArrayBuffer.isView(expected) || types.isAnyArrayBuffer(expected);
  if (isBinary) return sameBytes(binary(actual), binary(expected)) ? undefined : path;
  if (types.isDate(expected)) return Object.is((actual as Date).getTime(), expected.getTime()) ? undefined : path;
  if (types.isRegExp(expected)) return String(actual) === String(expected) ? undefined : path;
  if (types.isMap(expected) || types.isSet(expected)) {
    return firstDifference([...(actual as Set<unknown>)], [...expected], `${path}.entries`);
  }
  const keys = Object.keys(expected);
  const found = Object.keys(actual);
  if (found.length !== keys.length || (expected as unknown[]).length !== (actual as unknown[]).length) return path;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (found[i] !== key) return `${path}.${key}`;
    const inner = firstDifference(Reflect.get(actual, key), Reflect.get(expected, key), `${path}.${key}`);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function className(value: object): string {
  const tag = Object.prototype.toString.call(value);
  // A Buffer is tagged as the Uint8Array it is.
  return `${Object.getPrototypeOf(value) === null} ${Buffer.isBuffer(value)} ${tag}`;
}

function binary(value: object): Uint8Array {
  return ArrayBuffer.isView(value) ? bytesOf(value) : new Uint8Array(value as ArrayBuffer);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
