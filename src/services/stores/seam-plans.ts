/** What wrapping changes at each kind of seam. Everything is checked first; `apply` then cannot fail half-way. */
import { type Carrier, DEFAULT_CACHE_DIR } from '../../feature-mode.js';
import { MAX_STORED_VALUE_BYTES } from '../../value/value-frame.js';
import {
  isObject,
  type Method,
  type Override,
  overrideAll,
  requireConfigurable,
  requireExtensible,
} from '../override.js';
import type { Call } from './call.js';
import { entryFrame, holdsEntry } from './carrier.js';
import type { WithCompressionOptions } from './compression-settings.js';
import { EntryCodec } from './entry-codec.js';
import { handedOut, handedOutError } from './handed-out.js';
import type { FlatCacheLike, KeyvLike, Seam } from './known-stores.js';
import { overriding, type ValueCoder } from './mapped-methods.js';
import { type Depth, entered, followUnmapped, unsupported } from './unmapped-methods.js';

export interface SeamPlan {
  readonly store: object;
  readonly codec: EntryCodec;
  apply(): void;
}

export function codecFor(options: WithCompressionOptions, carrier: Carrier): EntryCodec {
  const {
    mode = true,
    minBytes = 512,
    miss,
    service,
    onCorrupt,
    cacheDir = DEFAULT_CACHE_DIR,
    level,
    algorithm,
    maxValueBytes = MAX_STORED_VALUE_BYTES,
  } = options;
  const carried = options.carrier ?? carrier;
  return new EntryCodec({
    mode: mode || 'read',
    carrier: carried,
    minBytes,
    miss,
    service,
    cacheDir,
    onCorrupt,
    level,
    algorithm,
    maxValueBytes,
  });
}

/** Throws UNSUPPORTED for a seam that cannot be wrapped safely. */
export function planSeam(seam: Seam, options: WithCompressionOptions): SeamPlan {
  requireExtensible(seam.store, (why) => unsupported(seam.store, why));
  switch (seam.kind) {
    case 'methods':
      return planMethods(seam, options);
    case 'keyv':
      return planKeyv(seam.store, options);
    case 'flat-cache':
      return planFlatCache(seam.store, options);
  }
}

function planMethods(seam: Extract<Seam, { kind: 'methods' }>, options: WithCompressionOptions): SeamPlan {
  const { store, methods, bypassing = [] } = seam;
  const { acknowledge = [] } = options;
  const refuse = (why: string) => unsupported(store, why);
  const target = store as Record<string | symbol, unknown>;
  const bypass = bypassing.find((name) => typeof target[name] === 'function' && !acknowledge.includes(name));
  if (bypass !== undefined) {
    const advice = `if it does not look at values, declare it with acknowledge: ['${bypass}']`;
    throw unsupported(store, `its option ${bypass} would be handed entries instead of values; ${advice}`);
  }
  const codec = codecFor(options, seam.carrier);
  const depth: Depth = { calls: 0 };
  const coder = valueCoder(store, codec, depth);
  const overrides: Override[] = [];
  for (const name of new Set([...Reflect.ownKeys(methods.reads), ...Reflect.ownKeys(methods.writes)])) {
    const original = target[name];
    if (typeof original !== 'function') {
      // Another version of a class we know may lack some of its methods.
      if (seam.isKnown && name !== 'get' && name !== 'set') continue;
      throw unsupported(
        store,
        `it has no method ${String(name)}; name those it has with methods: { reads: { fetch: 'value' }, writes: { ` +
          'put: 1 } }',
      );
    }
    requireConfigurable(store, name, refuse);
    const inside: Method = function (this: unknown, ...args: unknown[]) {
      return entered(depth, original as Method, this, args);
    };
    overrides.push([name, overriding(inside, coder, methods.reads[name], methods.writes[name])]);
  }
  const known = new Set([...overrides.map(([name]) => name), ...(methods.others ?? []), ...acknowledge]);
  const followed = followUnmapped(store, { codec, depth, known, base: seam.base, methods, refuse });
  overrides.push(...followed.overrides);
  const apply = () => {
    overrideAll(store, overrides, refuse);
    for (const [helper, its] of followed.helpers) overrideAll(helper, its, refuse);
  };
  return { store, codec, apply };
}

/** Values of a store's mapped methods; what such a method throws or wraps around a value is looked at as well. */
function valueCoder(store: object, codec: EntryCodec, depth: Depth): ValueCoder {
  const call = (key: unknown): Call => ({ codec, store, key, isInner: depth.calls > 0, refuse: () => undefined });
  return {
    // What the store itself puts around an entry is decoded again; from a caller it would be a text of the caller's.
    encode: (key, value) =>
      codec.encode(key, depth.calls > 0 && isObject(value) && holdsEntry(value) ? handedOut(value, call(key)) : value),
    decode: (key, stored) => {
      const value = codec.decode(key, stored);
      // The store's own `{ value, expires }` around an entry.
      return value === stored && holdsEntry(value) ? handedOut(value, call(key)) : value;
    },
    decodeError: (key, error) => handedOutError(error, call(key)),
  };
}

/** Keyv's own pair of functions sees every value on every path: get, getMany, raw, iteration. It deals in text. */
function planKeyv(keyv: KeyvLike, options: WithCompressionOptions): SeamPlan {
  const { serialize, deserialize } = keyv;
  if (keyv.opts.compression) {
    throw unsupported(keyv, 'its compression option works on values before they are serialised; remove that option');
  }
  const codec = codecFor({ ...options, carrier: 'text' }, 'text');
  const decodeItem = (item: unknown) => withValue(item, (value) => codec.decode(undefined, value));
  const apply = () => {
    keyv.serialize = (item) => serialize?.(withValue(item, (value) => codec.encode(undefined, value)));
    keyv.deserialize = (text) => {
      const item = deserialize?.(text);
      return item instanceof Promise ? item.then(decodeItem) : decodeItem(item);
    };
  };
  return { store: keyv, codec, apply };
}

/**
 * Entries live in the file only; memory holds values, as it always did. What was loaded before wrapping is decoded when
 * asked for.
 */
function planFlatCache(cache: FlatCacheLike, options: WithCompressionOptions): SeamPlan {
  const codec = codecFor({ ...options, carrier: 'text' }, 'text');
  const { _stringify: stringify, _parse: parse } = cache;
  const each = (items: unknown, map: (value: unknown) => unknown) =>
    Array.isArray(items)
      ? items.map((item) => withValue(item, map))
      : Object.fromEntries(Object.entries(items as object).map(([key, item]) => [key, withValue(item, map)]));
  // Keys of live values that look like entries: they are the user's.
  const live = new Set<unknown>();
  const fromMemory = {
    encode: (_: unknown, value: unknown) => value,
    decode: (key: unknown, stored: unknown) =>
      entryFrame(stored) && !live.has(key) ? codec.decode(key, stored) : stored,
  };
  const reads = ['get', 'getKey', 'all'].map((name) => {
    const original = (cache as unknown as Record<string, Method>)[name];
    return [name, overriding(original, fromMemory, name === 'all' ? 'record' : 'value')] as const;
  });
  const writes = ['set', 'setKey'].flatMap((name) => {
    const original = (cache as unknown as Record<string, Method | undefined>)[name];
    if (typeof original !== 'function') return [];
    const remembering: Method = function (this: unknown, ...args: unknown[]) {
      const [key, value] = args;
      if (entryFrame(value)) live.add(key);
      else live.delete(key);
      return original.apply(this, args);
    };
    return [[name, remembering] as const];
  });
  const apply = () => {
    cache._stringify = (items) => stringify(each(items, (value) => codec.encode(undefined, value)));
    cache._parse = (text) => each(parse(text), (value) => codec.decode(undefined, value));
    overrideAll(cache, [...reads, ...writes], (why) => unsupported(cache, why));
  };
  return { store: cache, codec, apply };
}

/** A copy of a host's `{ value, … }` with its value mapped; anything else as it is. */
function withValue(item: unknown, map: (value: unknown) => unknown): unknown {
  if (typeof item !== 'object' || item === null || !('value' in item)) return item;
  return { ...item, value: map(item.value) };
}
