/**
 * What a method of a store throws or rejects with: the caller reads stored values from its fields, so they are decoded.
 */
import { types } from 'node:util';
import { isObject } from '../override.js';
import type { Call, Decode } from './call.js';
import { entryFrame } from './carrier.js';
import { decodedMessage } from './entry-text.js';

/** Causes and errors of an AggregateError lie within each other, as far as this. */
const MAX_DEPTH = 6;

/** `thrown` with its entries decoded: an error in place, or as a copy where it is frozen; the same when it has none. */
export function decodedError(thrown: unknown, call: Call, decode: Decode, depth = 0): unknown {
  if (call.isInner) return thrown;
  const within: Call = { ...call, refuse: (what) => call.refuse(`an error with ${what}`) };
  if (!types.isNativeError(thrown)) return isData(thrown) ? decode(thrown, within) : thrown;
  if (depth >= MAX_DEPTH) return thrown;
  const decoded = new Map<string, unknown>();
  for (const name of Object.getOwnPropertyNames(thrown)) {
    const descriptor = Object.getOwnPropertyDescriptor(thrown, name);
    if (name === 'stack' || descriptor === undefined || !('value' in descriptor)) continue;
    const item: unknown = descriptor.value;
    const found = fieldOf(name, item, within, { call, decode, depth });
    if (found !== item) decoded.set(name, found);
  }
  return decoded.size === 0 ? thrown : withFields(thrown, decoded);
}

interface Within {
  readonly call: Call;
  readonly decode: Decode;
  readonly depth: number;
}

function fieldOf(name: string, item: unknown, within: Call, { call, decode, depth }: Within): unknown {
  if (types.isNativeError(item)) return decodedError(item, call, decode, depth + 1);
  if (name === 'errors' && Array.isArray(item)) {
    const errors = item.map((error) => decodedError(error, call, decode, depth + 1));
    return errors.every((error, i) => error === item[i]) ? item : errors;
  }
  if (!isData(item)) return item;
  // The constructor makes text of what it is given.
  if (name === 'message') return decodedMessage(String(item), call);
  const found = decode(item, { ...within, refuse: typeof item === 'string' ? () => undefined : within.refuse });
  return typeof found === 'string' ? decodedMessage(found, call) : found;
}

/** Sockets, requests and functions that hosts hang onto their errors stay as they are. */
function isData(value: unknown): boolean {
  if (!isObject(value)) return typeof value === 'string';
  if (typeof value === 'function') return false;
  if (ArrayBuffer.isView(value)) return entryFrame(value) !== undefined;
  if (Array.isArray(value) || types.isMap(value) || types.isSet(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain && !Object.values(value).some((item) => typeof item === 'function');
}

function withFields(error: Error, fields: ReadonlyMap<string, unknown>): Error {
  const isFixed = [...fields.keys()].some((name) => Object.getOwnPropertyDescriptor(error, name)?.writable !== true);
  const target = isFixed ? copyOf(error) : error;
  const message = fields.get('message');
  if (typeof message === 'string') {
    const stack = String(error.stack).replace(error.message, () => message);
    Object.defineProperty(target, 'stack', { value: stack, configurable: true, writable: true });
  }
  for (const [name, value] of fields) {
    const enumerable = Object.getOwnPropertyDescriptor(error, name)?.enumerable;
    Object.defineProperty(target, name, { value, enumerable, configurable: true, writable: true });
  }
  return Object.isFrozen(error) ? Object.freeze(target) : target;
}

/** Still an error to Node, with the class and the stack of the one that was thrown. */
function copyOf(error: Error): Error {
  const copy = Object.setPrototypeOf(new Error(), Object.getPrototypeOf(error)) as Error;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    const own = 'value' in descriptor ? descriptor : { value: Reflect.get(error, name) as unknown };
    Object.defineProperty(copy, name, { ...own, configurable: true });
  }
  return copy;
}
