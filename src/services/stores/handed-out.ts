/**
 * What a method that nobody mapped hands out, with every entry of ours in it decoded: values, promises, lists, maps,
 * sets, records, iterators, what callbacks are called with, and these within each other. Copies are made only where an
 * entry was found, so that anything else is handed out as the very object it was.
 */
import { types } from 'node:util';
import { isObject, isRoot, isThenable } from '../override.js';
import type { Call } from './call.js';
import { entryFrame } from './carrier.js';
import { decodedBuffer, decodedBytes, decodedText } from './entry-text.js';
import { followed, originalOf } from './followed-functions.js';
import { decodedIterator, followIteration, isIterator } from './iterators.js';
import { decodedError } from './thrown-errors.js';

/** Entries lie near the surface: the host puts them into containers of its own, never into the values. */
const MAX_DEPTH = 6;

/** Containers with entries that were handed out before, by identity: a second time they are the host's own. */
const seen = new WeakSet<object>();

/** `value` with its entries decoded; the same object when there are none. */
export function handedOut(value: unknown, call: Call, depth = 0): unknown {
  if (typeof value === 'string') return decodedText(value, call, handedOut);
  if (!isObject(value)) return value;
  if (typeof value === 'function') return handedOutFunction(value, call);
  if (value === call.store || call.codec.isDecoded(value)) return value;
  if (call.codec.isOriginal(value)) return value;
  if (ArrayBuffer.isView(value)) return decodedBytes(value, call);
  if (depth >= MAX_DEPTH || types.isProxy(value)) return value;
  if (Array.isArray(value)) return list(value, call, depth);
  if (types.isMap(value)) return map(value, call, depth);
  if (types.isSet(value)) return set(value, call, depth);
  if (isThenable(value)) return value.then((result) => handedOut(result, call, depth), failing(call));
  if (isIterator(value) && !isFollowed(value, call)) {
    return decodedIterator(value, (item) => handedOut(item, call, depth + 1), failing(call));
  }
  if (isStream(value)) {
    call.refuse('a stream');
    return value;
  }
  return isRecord(value) ? record(value, call, depth) : instance(value, call, depth);
}

/** What a method of the store throws, with its entries decoded. */
export function handedOutError(thrown: unknown, call: Call): unknown {
  return decodedError(thrown, call, handedOut);
}

function failing(call: Call): (error: unknown) => never {
  return (error) => {
    throw handedOutError(error, call);
  };
}

/** An instance of a class of the host whose methods are followed where they are. */
function isFollowed(value: object, call: Call): boolean {
  return !call.isInner && !isRecord(value) && !isBuiltin(value) && call.followHelper?.(value) === true;
}

function handedOutFunction(value: object, call: Call): unknown {
  const original = originalOf(value);
  if (original !== undefined) return original;
  if (call.codec.isOriginal(value)) return value;
  return followed(value, call.codec, {
    decode: (result) => handedOut(result, call),
    fail: failing(call),
    made: (instance) => void isFollowed(instance, call),
  });
}

function list(value: readonly unknown[], call: Call, depth: number): unknown {
  let copy: unknown[] | undefined;
  let holdsOriginal = false;
  for (let i = 0; i < value.length; i++) {
    const item = value[i];
    if (typeof item === 'number' || item === undefined) continue;
    holdsOriginal ||= isOriginal(item, call);
    const decoded = handedOut(item, call, depth + 1);
    if (decoded === item) continue;
    copy ??= value.slice();
    copy[i] = decoded;
  }
  return replaced(value, copy, holdsOriginal, 'a list of its own', call);
}

function map(value: ReadonlyMap<unknown, unknown>, call: Call, depth: number): unknown {
  const entries = () => Map.prototype.entries.call(value) as Iterable<[unknown, unknown]>;
  let copy: Map<unknown, unknown> | undefined;
  let holdsOriginal = false;
  for (const [key, item] of entries()) {
    holdsOriginal ||= isOriginal(item, call);
    const decoded = handedOut(item, call, depth + 1);
    const decodedKey = isObject(key) && !ArrayBuffer.isView(key) ? key : handedOut(key, call, depth + 1);
    if (decoded === item && decodedKey === key) continue;
    copy ??= sameClass(new Map(entries()), value);
    if (decodedKey !== key) copy.delete(key);
    copy.set(decodedKey, decoded);
  }
  return call.isInner ? value : replaced(value, copy, holdsOriginal, 'a Map of its own', call);
}

function set(value: ReadonlySet<unknown>, call: Call, depth: number): unknown {
  if (call.isInner) return value;
  const items = [...(Set.prototype.values.call(value) as Iterable<unknown>)];
  const decoded = items.map((item) => handedOut(item, call, depth + 1));
  const copy = decoded.every((item, i) => item === items[i]) ? undefined : sameClass(new Set(decoded), value);
  const holdsOriginal = items.some((item) => isOriginal(item, call));
  return replaced(value, copy, holdsOriginal, 'a Set of its own', call);
}

/** A copy of a subclass of Map or Set has its methods, though not its private fields. */
function sameClass<Collection extends object>(copy: Collection, original: object): Collection {
  return Object.setPrototypeOf(copy, Object.getPrototypeOf(original));
}

function record(value: object, call: Call, depth: number): unknown {
  // A Buffer that has been through JSON.
  if (entryFrame(value)) return call.codec.decode(call.key, value);
  const items = value as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  let holdsOriginal = false;
  for (const key of Object.keys(items)) {
    const item = items[key];
    if (typeof item === 'number') continue;
    holdsOriginal ||= isOriginal(item, call);
    const decoded = handedOut(item, call, depth + 1);
    const isKeyEntry = entryFrame(key) !== undefined;
    if (decoded === item && !isKeyEntry) continue;
    copy ??= copyOf(items);
    if (isKeyEntry) delete copy[key];
    const name = isKeyEntry ? String(call.codec.decode(call.key, key)) : key;
    Object.defineProperty(copy, name, { value: decoded, enumerable: true, writable: true, configurable: true });
  }
  return replaced(value, copy, holdsOriginal, 'an object of its own', call);
}

/** With the accessors and symbols of `items`, each open to be redefined: the host may have frozen it. */
function copyOf(items: Record<string, unknown>): Record<string, unknown> {
  const descriptors = Object.getOwnPropertyDescriptors(items);
  for (const descriptor of Object.values(descriptors)) descriptor.configurable = true;
  return Object.create(Object.getPrototypeOf(items), descriptors);
}

function isOriginal(item: unknown, { codec }: Call): boolean {
  return isObject(item) && codec.isOriginal(item);
}

/**
 * A copy instead of the host's container, unless that is the host's own: what the caller changes in a copy would be
 * lost. Without entries it is handed out as it is; in mode 'verify' the host's own is reported.
 */
function replaced(value: object, copy: object | undefined, holdsOriginal: boolean, what: string, call: Call): unknown {
  if (copy === undefined && !holdsOriginal) return value;
  if (copy !== undefined && Object.isFrozen(value)) Object.freeze(copy);
  const isLive = isOwnProperty(call.store, value) || (seen.has(value) && !isRecord(value));
  seen.add(value);
  if (!isLive) return copy ?? value;
  if (call.isInner) return value;
  call.refuse(`${what}, with its entries encoded`);
  return copy ?? value;
}

function isOwnProperty(store: object, value: object): boolean {
  return Reflect.ownKeys(store).some((name) => Object.getOwnPropertyDescriptor(store, name)?.value === value);
}

/** An instance of a class: its fields are looked at, and its methods are followed. It is never copied. */
function instance(value: object, call: Call, depth: number): unknown {
  if (types.isNativeError(value)) return handedOutError(value, call);
  if (types.isAnyArrayBuffer(value)) return decodedBuffer(value, call);
  if (types.isStringObject(value)) return boxed(value, call, depth);
  if (value instanceof WeakRef && !call.isInner) refuseReferred(value, call, depth);
  if (isBuiltin(value)) return value;
  if (!isFollowed(value, call)) {
    followIteration(value, (found) => handedOut(found, { ...call, isInner: false }));
  }
  // The host's own services lie deeper than its entries do.
  if (depth >= 3) return value;
  for (const name of Object.keys(value)) {
    const item = Object.getOwnPropertyDescriptor(value, name)?.value;
    const holdsEntry = (typeof item === 'string' || ArrayBuffer.isView(item)) && entryFrame(item) !== undefined;
    if (!holdsEntry && !(isObject(item) && call.codec.isOriginal(item))) continue;
    if (call.isInner) return value;
    call.refuse(`an instance of ${value.constructor.name} that holds an encoded entry in ${name}`);
  }
  return value;
}

function boxed(value: object, call: Call, depth: number): unknown {
  const text = String(value);
  const decoded = handedOut(text, call, depth);
  return decoded === text ? value : decoded;
}

function refuseReferred(value: WeakRef<object>, call: Call, depth: number): void {
  const target = value.deref();
  if (target !== undefined && handedOut(target, call, depth + 1) !== target)
    call.refuse('a WeakRef to encoded entries');
}

function isBuiltin(value: object): boolean {
  const maker: unknown = value.constructor;
  return typeof maker !== 'function' || /\{ \[native code\] \}$/.test(Function.prototype.toString.call(maker));
}

function isRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || isRoot(prototype);
}

/** Of Node or of the web, with Blob and Response: chunks of it are cut anywhere. */
function isStream(value: object): boolean {
  const { pipe, getReader, getWriter, arrayBuffer } = value as Record<string, unknown>;
  return [pipe, getReader, getWriter, arrayBuffer].some((method) => typeof method === 'function');
}
