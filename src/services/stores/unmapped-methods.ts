/**
 * Methods and accessors of a store that no map names. They may read its storage past `get`, so each is overridden with
 * one that looks at what it hands out. What they are given is looked at too: functions are callbacks, and an entry
 * shows that the store is calling itself.
 */
import { AtcError } from '../../errors.js';
import { emitMemoryEvent } from '../../events.js';
import { isObject, isThenable, type Method, type Override, type Refuse, requireConfigurable } from '../override.js';
import type { Call } from './call.js';
import { holdsEntry } from './carrier.js';
import type { EntryCodec } from './entry-codec.js';
import { decodedMessage } from './entry-text.js';
import { watchArguments } from './filled-arguments.js';
import { isClass } from './followed-functions.js';
import { withListeners } from './given-arguments.js';
import { handedOut, handedOutError } from './handed-out.js';
import { evidenceOf } from './helper-objects.js';
import type { StoreMethods } from './method-map.js';
import { type FollowOptions, ObjectsBeside } from './objects-beside.js';
import { misuse, readsStorageOfAnother, type Storage, storageOf } from './storage-reads.js';
import { unmapped } from './unmapped-properties.js';

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

/** Throws what `refuse` makes for a method that cannot be overridden. */
export function followUnmapped(store: object, options: UnmappedOptions): Followed {
  const { known, base, refuse } = options;
  const overrides: Override[] = [];
  const storage = storageOf(store, options.methods);
  const beside: ObjectsBeside = new ObjectsBeside(
    store,
    evidenceOf(store, options.methods),
    (name, method, at) => overridingMethod({ store, beside, ...options, ...at }, name, method),
    refuse,
  );
  for (const [name, descriptor] of unmapped(store, known, base)) {
    requireConfigurable(store, name, refuse);
    const what = misuse(descriptor.value ?? descriptor.get, storage);
    if (what !== undefined) throw refuse(`${String(name)} ${what}, which lie there encoded; ${advice(String(name))}`);
    const at = { store, beside, ...options, owner: name, label: String(name), isField: false };
    const { get, set, value } = descriptor;
    const method = overridingMethod(at, name, (value ?? get) as Method);
    overrides.push([name, value === undefined ? { get: method, set } : method]);
  }
  requireStatics(store, storage, options);
  const helpers = Object.keys(store).flatMap((name) => {
    if (known.has(name)) return [];
    return beside.inFields(name, Object.getOwnPropertyDescriptor(store, name)?.value).map(([helper, made]) => {
      requireFollowable(helper, name, made, refuse);
      return [helper, made] as const;
    });
  });
  return { overrides, helpers };
}

/** Methods of the class itself belong to all its instances, wrapped or not: one that reads their storage is refused. */
function requireStatics(store: object, storage: Storage | undefined, { known, base, refuse }: UnmappedOptions): void {
  const maker: unknown = store.constructor;
  if (storage === undefined || typeof maker !== 'function' || maker.prototype === base) return;
  for (const name of Reflect.ownKeys(maker)) {
    const method: unknown = Object.getOwnPropertyDescriptor(maker, name)?.value;
    if (typeof method !== 'function' || isClass(method) || known.has(name)) continue;
    if (!readsStorageOfAnother(method as Method, storage)) continue;
    const what = `its static method ${String(name)} reads the storage of an instance, which lies there encoded`;
    throw refuse(`${what}; ${advice(String(name))}`);
  }
}

function requireFollowable(helper: object, owner: string, overrides: readonly Override[], refuse: Refuse): void {
  for (const [name] of overrides) {
    const isFixed = Object.getOwnPropertyDescriptor(helper, name)?.configurable === false;
    if (!isFixed && Object.isExtensible(helper)) continue;
    const what = `${owner}.${String(name)} reads the storage and cannot be overridden (frozen or sealed)`;
    throw refuse(`${what}; ${advice(owner)}`);
  }
}

/** Where an overridden method belongs. */
interface At extends UnmappedOptions, FollowOptions {
  readonly store: object;
  readonly beside: ObjectsBeside;
}

function overridingMethod(at: At, name: string | symbol, original: Method): Method {
  if (name === 'emit' || name === 'dispatchEvent') return decodingArguments(at, original);
  if (TEXT_METHODS.has(name)) return decodingText(at, original);
  return following(at, original);
}

/** The language calls these for a text, and takes no object for it. */
const TEXT_METHODS = new Set<string | symbol>(['toString', 'toLocaleString', Symbol.toPrimitive]);

/** Entries in the text become what the values themselves would have become. */
function decodingText(at: At, original: Method): Method {
  const call = outerCall(at);
  return function (this: unknown, ...args: unknown[]) {
    const result = entered(at.depth, original, this, args);
    if (typeof result === 'string') return decodedMessage(result, call);
    // The text of one value alone is its entry, and was decoded within.
    return isObject(result) ? String(handedOut(result, call)) : result;
  };
}

function outerCall(at: At): Call {
  const { codec, store, isField: leavesJson } = at;
  return { codec, store, key: undefined, isInner: false, leavesJson, refuse: (what) => cannotFollow(at, what) };
}

function following(at: At, original: Method): Method {
  const { codec, depth, store, beside, owner } = at;
  const refuse = (what: string) => cannotFollow(at, what);
  const followHelper = (helper: object) => beside.returned(owner, helper, refuse);
  return function (this: unknown, ...args: unknown[]) {
    // The store's own way to the storage (wrap, clone, serialize): an entry goes on as it is.
    if (args.some(holdsEntry)) return original.apply(this, args);
    const call: Call = {
      codec,
      store,
      key: typeof args[0] === 'string' ? args[0] : undefined,
      isInner: depth.calls > 0,
      leavesJson: at.isField,
      refuse,
      followHelper,
    };
    const given = args.some(isObject) ? args.map((argument) => withListeners(argument, call)) : args;
    const finish = watchArguments(args, call);
    const decode = (settled: unknown) => {
      finish?.();
      return settled === this ? settled : handedOut(settled, call);
    };
    const fail = (error: unknown) => {
      finish?.();
      throw handedOutError(error, call);
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
function decodingArguments(at: At, original: Method): Method {
  const call = outerCall(at);
  return function (this: unknown, ...args: unknown[]) {
    return original.apply(
      this,
      args.map((argument) => (typeof argument === 'function' ? argument : decodedEvent(argument, call))),
    );
  };
}

/** An argument of `emit`, or an event with what it carries decoded in place. */
function decodedEvent(argument: unknown, call: Call): unknown {
  if (!(argument instanceof Event)) return handedOut(argument, call);
  for (const name of ['detail', 'data'] as const) {
    const carried: unknown = (argument as Event & { detail?: unknown; data?: unknown })[name];
    const value = handedOut(carried, call);
    if (value !== carried) Object.defineProperty(argument, name, { value, enumerable: true, configurable: true });
  }
  return argument;
}

function cannotFollow({ owner, label, codec, refuse }: At, what: string): void {
  const method = String(owner);
  const error = refuse(`${label} hands out ${what}, which cannot be decoded on the way; ${advice(method)}`);
  if (codec.options.mode !== 'verify') throw error;
  emitMemoryEvent('difference', { service: codec.options.service, key: method, reason: error.message });
}

function advice(method: string): string {
  const others = `methods: { others: ['${method}'] }`;
  return (
    `read single values with this.get(key) in it, or say with ${others} that its callers take entries as they lie ` +
    'there'
  );
}

/** For errors of seams: what a store cannot be wrapped for. */
export function unsupported(store: object, what: string): AtcError {
  const name = (store as { constructor?: { name?: string } }).constructor?.name || 'store';
  return new AtcError('UNSUPPORTED', `${name} cannot be compressed: ${what}`);
}
