/**
 * Methods and accessors of a store that no map names. They may read its storage past `get`, so each is overridden with
 * one that looks at what it hands out. What they are given is looked at too: functions are callbacks, and an entry
 * shows that the store is calling itself.
 */
import { EventEmitter } from 'node:events';
import { AtcError } from '../../errors.js';
import { emitMemoryEvent } from '../../events.js';
import {
  isRoot,
  isThenable,
  type Method,
  type Override,
  overrideAll,
  type Refuse,
  requireConfigurable,
} from '../override.js';
import type { EntryCodec } from './entry-codec.js';
import { watchArguments } from './filled-arguments.js';
import { isClass } from './followed-functions.js';
import { hasFunction, holdsEntry, withListeners } from './given-arguments.js';
import { type Call, handedOut } from './handed-out.js';
import { type Evidence, evidenceOf, mayBeHelper } from './helper-objects.js';
import type { StoreMethods } from './method-map.js';
import { misuse, storageOf } from './storage-reads.js';
import { decodedError } from './thrown-errors.js';

/** Calls of a store's methods that have not returned: those within one are made by the store itself. */
export interface Depth {
  calls: number;
}

export interface UnmappedOptions {
  readonly codec: EntryCodec;
  readonly depth: Depth;
  /** Names that are mapped, or known not to hand out values. */
  readonly known: ReadonlySet<string | symbol>;
  /** Where the methods of a class begin whose every method is known. */
  readonly base: object | undefined;
  /** The methods that are mapped, or `get` and `set`. */
  readonly methods: StoreMethods;
  readonly refuse: Refuse;
}

/** Overrides of the store, and of objects beside it that read its storage. */
export interface Followed {
  readonly overrides: Override[];
  readonly helpers: readonly (readonly [helper: object, overrides: readonly Override[]])[];
}

/** Helpers of one store. */
interface Helpers {
  readonly evidence: Evidence;
  readonly followed: WeakSet<object>;
}

/** Throws what `refuse` makes for a method that cannot be overridden. */
export function followUnmapped(store: object, options: UnmappedOptions): Followed {
  const overrides: Override[] = [];
  const storage = storageOf(store, options.methods);
  const evidence = evidenceOf(store, options.methods);
  const helpers: Helpers = { evidence, followed: new WeakSet() };
  for (const [name, descriptor] of unmapped(store, options)) {
    requireConfigurable(store, name, options.refuse);
    const what = misuse(descriptor.value ?? descriptor.get, storage);
    if (what !== undefined)
      throw options.refuse(`${String(name)} ${what}, which lie there encoded; ${advice(String(name))}`);
    if (typeof descriptor.value === 'function') {
      const isEvent = name === 'emit' && typeof (store as { on?: unknown }).on === 'function';
      overrides.push([
        name,
        (isEvent ? decodingArguments : following)(store, name, descriptor.value, options, helpers),
      ]);
    } else {
      const { get, set } = descriptor;
      overrides.push([name, { get: following(store, name, get as Method, options, helpers), set }]);
    }
  }
  const found = Object.keys(store).flatMap((name) => {
    const helper: unknown = Object.getOwnPropertyDescriptor(store, name)?.value;
    if (options.known.has(name) || evidence.isStorage(name) || helper === store || !mayBeHelper(helper)) return [];
    const made = helperOverrides(store, helper, name, options, helpers);
    if (made.length > 0) requireFollowable(helper, name, made, options.refuse);
    return made.length > 0 ? [[helper, made] as const] : [];
  });
  return { overrides, helpers: found };
}

/** None for an object that shows nothing of reading the storage, or is followed already. */
function helperOverrides(
  store: object,
  helper: object,
  owner: string | symbol,
  options: UnmappedOptions,
  helpers: Helpers,
): Override[] {
  if (helpers.followed.has(helper)) return [];
  const properties = () => [...unmapped(helper, { known: NEVER, base: undefined })];
  const named = () => properties().map(([name, { value, get }]) => [name, value ?? get] as const);
  if (!helpers.evidence.reads(helper, named)) return [];
  helpers.followed.add(helper);
  return properties().map(([name, { value, get, set }]) => {
    const label = `${String(owner)}.${String(name)}`;
    const method = following(store, owner, (value ?? get) as Method, options, helpers, label);
    return [name, value === undefined ? { get: method, set } : method];
  });
}

function requireFollowable(helper: object, owner: string, overrides: readonly Override[], refuse: Refuse): void {
  for (const [name] of overrides) {
    const isFixed = Object.getOwnPropertyDescriptor(helper, name)?.configurable === false;
    if (!isFixed && Object.isExtensible(helper)) continue;
    const what = `${owner}.${String(name)} reads the storage and cannot be overridden (frozen or sealed)`;
    throw refuse(`${what}; ${advice(owner)}`);
  }
}

function unmapped(
  store: object,
  { known, base }: Pick<UnmappedOptions, 'known' | 'base'>,
): Map<string | symbol, PropertyDescriptor> {
  const found = new Map<string | symbol, PropertyDescriptor>();
  const passed = new Set<string | symbol>();
  for (let at: object | null = store; at !== null && at !== base && !isRoot(at); at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) {
      if (passed.has(name)) continue;
      passed.add(name);
      const descriptor = Object.getOwnPropertyDescriptor(at, name) as PropertyDescriptor;
      // A known class may bind its own methods to the instance.
      const isKnown = known.has(name) || (base !== undefined && name in base);
      if (!isKnown && mayHandOut(name, descriptor)) found.set(name, descriptor);
    }
  }
  return found;
}

const NEVER = new Set<string | symbol>(['constructor', 'toString', 'toLocaleString', 'valueOf', Symbol.toPrimitive]);
const EMITTER = EventEmitter.prototype as unknown as Record<string | symbol, unknown>;

function mayHandOut(name: string | symbol, { value, get }: PropertyDescriptor): boolean {
  if (NEVER.has(name)) return false;
  // Listeners are decoded for when they are called, by emit.
  if (name !== 'emit' && value !== undefined && value === EMITTER[name]) return false;
  return (typeof value === 'function' && !isClass(value)) || get !== undefined;
}

function following(
  store: object,
  name: string | symbol,
  original: Method,
  options: UnmappedOptions,
  helpers: Helpers,
  label = String(name),
): Method {
  const { codec, depth } = options;
  return function (this: unknown, ...args: unknown[]) {
    // The store's own way to the storage (wrap, clone, serialize): an entry goes on as it is.
    if (args.some(holdsEntry)) return original.apply(this, args);
    const refuse = (what: string) => cannotFollow(name, what, options, label);
    const call: Call = {
      codec,
      store,
      key: typeof args[0] === 'string' ? args[0] : undefined,
      isInner: depth.calls > 0,
      refuse,
      followHelper: (helper) => {
        if (helper === this || !mayBeHelper(helper)) return;
        const overrides = helperOverrides(store, helper, name, options, helpers);
        if (overrides.length === 0) return;
        const what = `an instance of ${helper.constructor.name} that reads the storage and cannot be changed`;
        if (!Object.isExtensible(helper)) refuse(what);
        else overrideAll(helper, overrides, options.refuse);
      },
    };
    const given = args.some(hasFunction) ? args.map((argument) => withListeners(argument, call)) : args;
    const finish = watchArguments(args, call);
    const decode = (settled: unknown) => {
      finish?.();
      return handedOut(settled, call);
    };
    const fail = (error: unknown) => {
      finish?.();
      throw decodedError(error, call);
    };
    let result: unknown;
    try {
      result = entered(depth, original, this, given);
    } catch (error) {
      return fail(error);
    }
    if (isThenable(result) && !codec.isOriginal(result)) return result.then(decode, fail);
    return decode(result);
  };
}

/** Runs a method of the store; the store's calls of itself within it count as inner ones. */
export function entered(depth: Depth, method: Method, self: unknown, args: readonly unknown[]): unknown {
  depth.calls++;
  try {
    return Reflect.apply(method, self, args);
  } finally {
    depth.calls--;
  }
}

/** Events carry values: a listener, added before wrapping or after, gets them decoded. */
function decodingArguments(store: object, name: string | symbol, original: Method, options: UnmappedOptions): Method {
  const { codec } = options;
  const refuse = (what: string) => cannotFollow(name, what, options);
  return function (this: unknown, ...args: unknown[]) {
    const call: Call = { codec, store, key: undefined, isInner: false, refuse };
    return original.apply(
      this,
      args.map((argument) => (typeof argument === 'function' ? argument : handedOut(argument, call))),
    );
  };
}

function cannotFollow(name: string | symbol, what: string, options: UnmappedOptions, label = String(name)): void {
  const { codec, refuse } = options;
  const method = String(name);
  const error = refuse(`${label} hands out ${what}, which cannot be decoded on the way; ${advice(method)}`);
  if (codec.options.mode !== 'verify') throw error;
  emitMemoryEvent('difference', { service: codec.options.service, key: method, reason: error.message });
}

function advice(method: string): string {
  const others = `methods: { others: ['${method}'] }`;
  return `read single values with this.get(key) in it, or say with ${others} that its callers take entries as they lie there`;
}

/** For errors of seams: what a store cannot be wrapped for. */
export function unsupported(store: object, what: string): AtcError {
  const name = (store as { constructor?: { name?: string } }).constructor?.name || 'store';
  return new AtcError('UNSUPPORTED', `${name} cannot be compressed: ${what}`);
}
