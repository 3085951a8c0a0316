/**
 * Where to wrap the cache classes we know: recognised by what they can do, not by their names, which bundlers change.
 * Facades (cache-manager, cacheable) are wrapped at their lowest stores: on the facade, refreshes and events would
 * carry entries.
 */
import { types } from 'node:util';
import type { Carrier } from '../../feature-mode.js';
import type { StoreMethods } from './method-map.js';

/** One seam: methods of an object, or a pair of functions that turn its items into text and back. */
export type Seam =
  | {
      readonly kind: 'methods';
      readonly store: object;
      readonly methods: StoreMethods;
      readonly carrier: Carrier;
      /** A class in this file: methods it lacks are left out, its other methods are known not to hand out values. */
      readonly isKnown: boolean;
      /** The prototype of that class; what subclasses add is not known. */
      readonly base?: object;
      /** Options of the host that are handed stored values before they are decoded. */
      readonly bypassing?: readonly string[];
    }
  | { readonly kind: 'keyv'; readonly store: KeyvLike }
  | { readonly kind: 'flat-cache'; readonly store: FlatCacheLike };

/** Keyv 5 with a serializer. */
export interface KeyvLike {
  serialize: ((item: unknown) => unknown) | undefined;
  deserialize: ((text: unknown) => unknown) | undefined;
  readonly store: object;
  readonly opts: { readonly compression?: unknown };
}

/** flat-cache 6: the file is text, the memory above it stays raw. */
export interface FlatCacheLike {
  _stringify(items: unknown): string;
  _parse(text: string): unknown;
}

const LRU_CACHE: StoreMethods = {
  reads: {
    get: 'value',
    peek: 'value',
    pop: 'value',
    fetch: 'value',
    forceFetch: 'value',
    memo: 'value',
    find: 'visit',
    forEach: 'visit',
    rforEach: 'visit',
    values: 'values',
    rvalues: 'values',
    entries: 'entries',
    rentries: 'entries',
    [Symbol.iterator]: 'entries',
    info: 'entry',
    dump: 'dump',
  },
  writes: { set: 1, load: { at: 0, dump: true } },
};

const QUICK_LRU: StoreMethods = {
  reads: {
    get: 'value',
    peek: 'value',
    values: 'values',
    entries: 'entries',
    entriesAscending: 'entries',
    entriesDescending: 'entries',
    [Symbol.iterator]: 'entries',
    forEach: 'visit',
  },
  writes: { set: 1 },
};

const MAP: StoreMethods = {
  reads: { get: 'value', values: 'values', entries: 'entries', [Symbol.iterator]: 'entries', forEach: 'visit' },
  writes: { set: 1 },
};

/** Its events carry values. */
const NODE_CACHE: StoreMethods = {
  reads: { get: 'value', take: 'value', mget: 'record', emit: 'event' },
  writes: { set: 1, mset: { at: 0, each: 'val' } },
};

const KEYV_STORE: StoreMethods = {
  reads: { get: 'value', getMany: 'list', getRaw: 'entry', getManyRaw: 'entry-list', iterator: 'entries' },
  writes: { set: 1, setMany: { at: 0, each: 'value' } },
};

function can(store: object, ...names: string[]): boolean {
  return names.every((name) => typeof (store as Record<string, unknown>)[name] === 'function');
}

/** The seams of `store`; none when it is no class we know. */
export function knownSeams(store: object): Seam[] {
  const methods = (map: StoreMethods, carrier: Carrier, own: string, bypassing?: readonly string[]): Seam[] => [
    { kind: 'methods', store, methods: map, carrier, bypassing, isKnown: true, base: prototypeWith(store, own) },
  ];
  if (can(store, '_stringify', '_parse', 'getKey')) return [{ kind: 'flat-cache', store: store as FlatCacheLike }];
  if (can(store, 'rentries', 'dump', 'load')) return methods(LRU_CACHE, 'bytes', 'rentries', LRU_CACHE_CALLBACKS);
  if (can(store, 'entriesAscending', 'peek')) return methods(QUICK_LRU, 'bytes', 'entriesAscending');
  if (can(store, 'mset', 'mget', 'getTtl')) return methods(NODE_CACHE, 'text', 'mset');
  if (isKeyv(store)) {
    return store.serialize && store.deserialize
      ? [{ kind: 'keyv', store }]
      : methods(KEYV_STORE, 'bytes', 'serializeData');
  }
  const stores = facadeStores(store);
  if (stores !== undefined) return lowest(stores).flatMap(knownSeams);
  return types.isMap(store) ? methods(MAP, 'bytes', 'clear') : [];
}

/** The topmost prototype that has `method` of its own: of the class we know, not of one that extends it. */
function prototypeWith(store: object, method: string): object | undefined {
  let found: object | undefined;
  for (let at: object | null = store; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, method)) found = at;
  }
  return found;
}

const LRU_CACHE_CALLBACKS = ['dispose', 'disposeAfter', 'onInsert', 'fetchMethod', 'memoMethod', 'sizeCalculation'];

function isKeyv(store: object): store is KeyvLike {
  return can(store, 'getMany', 'setMany', 'serializeData', 'deserializeData') && 'opts' in store && 'store' in store;
}

/** The Keyvs of a cache-manager cache (`stores`) or of a Cacheable (`primary`, `secondary`), highest first. */
function facadeStores(store: object): object[] | undefined {
  const { stores, primary, secondary } = store as Record<string, unknown>;
  const found = Array.isArray(stores) && can(store, 'wrap') ? stores : [primary, secondary];
  const keyvs = found.filter((item) => typeof item === 'object' && item !== null && isKeyv(item as object));
  return keyvs.length > 0 ? (keyvs as object[]) : undefined;
}

/** Those that store more than memory; the last one when none does. */
function lowest(keyvs: readonly object[]): readonly object[] {
  const persistent = keyvs.filter((keyv) => !isInMemory((keyv as KeyvLike).store));
  return persistent.length > 0 ? persistent : keyvs.slice(-1);
}

function isInMemory(store: object): boolean {
  // cacheable's own memory store: a Keyv adapter around an LRU.
  return types.isMap(store) || can(store, 'getStore');
}
