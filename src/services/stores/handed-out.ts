/**
 * What a method that nobody mapped hands out, with every entry of ours in it decoded: values, promises, lists, maps,
 * sets, records, iterators, what callbacks are called with, and these within each other. Copies are made only where an
 * entry was found, so that anything else is handed out as the very object it was.
 */
import { types } from 'node:util';
import { isObject, isRoot, isThenable, settle } from '../override.js';
import { entryFrame, holdsEntryText } from './carrier.js';
import type { EntryCodec } from './entry-codec.js';
import { followed, originalOf } from './followed-functions.js';

/** Entries lie near the surface: the host puts them into containers of its own, never into the values. */
const MAX_DEPTH = 6;

/** One call of such a method. */
export interface Call {
  readonly codec: EntryCodec;
  readonly store: object;
  /** Cache key for events, where the first argument looks like one. */
  readonly key: unknown;
  /** Made by a method of the store itself: containers are left as they are, the host may be about to change them. */
  readonly isInner: boolean;
  /** Throws, or in mode 'verify' reports, that `what` cannot be followed. */
  refuse(what: string): void;
  /** Follows the methods of an instance that is handed out, where it reads the storage of the store. */
  followHelper?(helper: object): void;
}

/** Containers with entries that were handed out before, by identity: a second time they are the host's own. */
const seen = new WeakSet<object>();

/** `value` with its entries decoded; the same object when there are none. */
export function handedOut(value: unknown, call: Call, depth = 0): unknown {
  if (typeof value === 'string') return text(value, call);
  if (!isObject(value)) return value;
  if (typeof value === 'function') return handedOutFunction(value, call);
  if (value === call.store || call.codec.isDecoded(value)) return value;
  if (call.codec.isOriginal(value)) return value;
  if (ArrayBuffer.isView(value)) return entryFrame(value) ? call.codec.decode(call.key, value) : value;
  if (depth >= MAX_DEPTH || types.isProxy(value)) return value;
  if (Array.isArray(value)) return list(value, call, depth);
  if (types.isMap(value)) return map(value, call, depth);
  if (types.isSet(value)) return set(value, call, depth);
  if (isThenable(value)) return settle(value, (result) => handedOut(result, call, depth));
  if (isIterator(value)) return iterator(value, call, depth);
  if (isStream(value)) {
    call.refuse('a stream');
    return value;
  }
  return isRecord(value) ? record(value, call, depth) : instance(value, call, depth);
}

/**
 * Text is an entry, or what the host made of its storage: an export as JSON is decoded within, any other is refused.
 */
function text(value: string, call: Call): unknown {
  if (entryFrame(value)) return call.codec.decode(call.key, value);
  if (call.isInner || !holdsEntryText(value)) return value;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    call.refuse('text with encoded entries in it');
    return value;
  }
  const decoded = handedOut(parsed, { ...call, refuse: () => undefined });
  return decoded === parsed ? value : JSON.stringify(decoded, undefined, /^[[{]\n([ \t]+)/.exec(value)?.[1]);
}

function handedOutFunction(value: object, call: Call): unknown {
  const original = originalOf(value);
  if (original !== undefined) return original;
  if (call.codec.isOriginal(value)) return value;
  return followed(value, call.codec, (result) => handedOut(result, call));
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
    if (decoded === item) continue;
    copy ??= new Map(entries());
    copy.set(key, decoded);
  }
  return call.isInner ? value : replaced(value, copy, holdsOriginal, 'a Map of its own', call);
}

function set(value: ReadonlySet<unknown>, call: Call, depth: number): unknown {
  if (call.isInner) return value;
  const items = [...(Set.prototype.values.call(value) as Iterable<unknown>)];
  const decoded = items.map((item) => handedOut(item, call, depth + 1));
  const copy = decoded.every((item, i) => item === items[i]) ? undefined : new Set(decoded);
  const holdsOriginal = items.some((item) => isOriginal(item, call));
  return replaced(value, copy, holdsOriginal, 'a Set of its own', call);
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
    if (decoded === item) continue;
    copy ??= copyOf(items);
    Object.defineProperty(copy, key, { value: decoded, enumerable: true, writable: true, configurable: true });
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

/** An instance of a class: its fields are looked at, and what it iterates over is followed. It is never copied. */
function instance(value: object, call: Call, depth: number): unknown {
  if (isBuiltin(value) && !types.isNativeError(value)) return value;
  if (!call.isInner) call.followHelper?.(value);
  followIteration(value, call);
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

function followIteration(value: object, call: Call): void {
  for (const symbol of [Symbol.iterator, Symbol.asyncIterator]) {
    const iterate = (value as Record<symbol, unknown>)[symbol];
    if (typeof iterate !== 'function' || Object.hasOwn(value, symbol) || !Object.isExtensible(value)) continue;
    const following = function (this: unknown, ...args: unknown[]) {
      return handedOut(Reflect.apply(iterate, this, args), { ...call, isInner: false });
    };
    Object.defineProperty(value, symbol, { value: following, configurable: true, writable: true });
  }
}

function isBuiltin(value: object): boolean {
  const maker: unknown = value.constructor;
  return typeof maker !== 'function' || /\{ \[native code\] \}$/.test(Function.prototype.toString.call(maker));
}

function isRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || isRoot(prototype);
}

interface AnyIterator {
  next(...args: unknown[]): unknown;
  return?(...args: unknown[]): unknown;
  throw?(...args: unknown[]): unknown;
}

function isIterator(value: object): value is AnyIterator {
  const { next } = value as { next?: unknown };
  return typeof next === 'function' && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

const SYNC = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
const ASYNC = Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})())));

/** The same kind of iterator, its items decoded as they are asked for. */
function iterator(source: AnyIterator, call: Call, depth: number): unknown {
  const decoded = (step: unknown) => {
    if (!isObject(step)) return step;
    const { done, value } = step as { done?: boolean; value?: unknown };
    return { done: done === true, value: handedOut(value, call, depth + 1) };
  };
  const following = Object.create(Symbol.asyncIterator in source ? ASYNC : SYNC);
  for (const name of ['next', 'return', 'throw'] as const) {
    if (typeof source[name] !== 'function') continue;
    const value = (...args: unknown[]) => settle(Reflect.apply(source[name] as () => unknown, source, args), decoded);
    Object.defineProperty(following, name, { value, configurable: true, writable: true });
  }
  return following;
}

/** Of Node or of the web: chunks of it are cut anywhere. */
function isStream(value: object): boolean {
  const { pipe, getReader, getWriter } = value as Record<string, unknown>;
  return [pipe, getReader, getWriter].some((method) => typeof method === 'function');
}
