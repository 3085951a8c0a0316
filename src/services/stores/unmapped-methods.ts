/**
 * Methods and accessors of a store that no map names. They may read its storage past `get`, so each is overridden with
 * one that looks at what it hands out. What they are given is looked at too: functions are callbacks, and an entry
 * shows that the store is calling itself.
 */
import { EventEmitter } from 'node:events';
import { AtcError } from '../../errors.js';
import { emitMemoryEvent } from '../../events.js';
import { isObject, isRoot, type Method, type Override, type Refuse, requireConfigurable, settle } from '../override.js';
import { entryFrame } from './carrier.js';
import type { EntryCodec } from './entry-codec.js';
import { watchArguments } from './filled-arguments.js';
import { isClass, listening } from './followed-functions.js';
import { type Call, handedOut } from './handed-out.js';
import type { StoreMethods } from './method-map.js';
import { misuse, storageOf } from './storage-reads.js';

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

/** Throws what `refuse` makes for a method that cannot be overridden. */
export function followUnmapped(store: object, options: UnmappedOptions): Override[] {
  const overrides: Override[] = [];
  const storage = storageOf(store, options.methods);
  for (const [name, descriptor] of unmapped(store, options)) {
    requireConfigurable(store, name, options.refuse);
    const what = misuse(descriptor.value ?? descriptor.get, storage);
    if (what !== undefined)
      throw options.refuse(`${String(name)} ${what}, which lie there encoded; ${advice(String(name))}`);
    if (typeof descriptor.value === 'function') {
      const isEvent = name === 'emit' && typeof (store as { on?: unknown }).on === 'function';
      overrides.push([name, (isEvent ? decodingArguments : following)(store, name, descriptor.value, options)]);
    } else {
      const { get, set } = descriptor;
      overrides.push([name, { get: following(store, name, get as Method, options), set }]);
    }
  }
  return overrides;
}

function unmapped(store: object, { known, base }: UnmappedOptions): Map<string | symbol, PropertyDescriptor> {
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

function following(store: object, name: string | symbol, original: Method, options: UnmappedOptions): Method {
  const { codec, depth } = options;
  return function (this: unknown, ...args: unknown[]) {
    // The store's own way to the storage (wrap, clone, serialize): an entry goes on as it is.
    if (args.some(holdsEntry)) return original.apply(this, args);
    const call: Call = {
      codec,
      store,
      key: typeof args[0] === 'string' ? args[0] : undefined,
      isInner: depth.calls > 0,
      refuse: (what) => cannotFollow(name, what, options),
    };
    const given = args.some(hasFunction) ? args.map((argument) => withListeners(argument, call)) : args;
    const finish = watchArguments(args, call);
    const result = entered(depth, original, this, given);
    if (finish === undefined) return handedOut(result, call);
    return settle(result, (settled) => {
      finish();
      return handedOut(settled, call);
    });
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

function cannotFollow(name: string | symbol, what: string, { codec, refuse }: UnmappedOptions): void {
  const method = String(name);
  const error = refuse(`${method} hands out ${what}, which cannot be decoded on the way; ${advice(method)}`);
  if (codec.options.mode !== 'verify') throw error;
  emitMemoryEvent('difference', { service: codec.options.service, key: method, reason: error.message });
}

function advice(method: string): string {
  const others = `methods: { others: ['${method}'] }`;
  return `read single values with this.get(key) in it, or say with ${others} that its callers take entries as they lie there`;
}

/** An argument that is an entry, or an object or list of the store's own around one. */
function holdsEntry(argument: unknown): boolean {
  return isEntry(argument) || (isPlainContainer(argument) && someItem(argument, isEntry));
}

function isEntry(value: unknown): boolean {
  return (typeof value === 'string' || ArrayBuffer.isView(value)) && entryFrame(value) !== undefined;
}

function isPlainContainer(value: unknown): value is object {
  if (!isObject(value) || typeof value === 'function') return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || isRoot(prototype);
}

/** Of the first few: an argument may be a value of any size. */
const MAX_ITEMS = 16;

function someItem(container: object, test: (item: unknown) => boolean): boolean {
  const items = Array.isArray(container) ? container.slice(0, MAX_ITEMS) : Object.values(container).slice(0, MAX_ITEMS);
  return items.some(test);
}

function hasFunction(argument: unknown): boolean {
  if (typeof argument === 'function') return true;
  return (
    isPlainContainer(argument) && !Array.isArray(argument) && someItem(argument, (item) => typeof item === 'function')
  );
}

/** Callbacks, by themselves or in an object of options, are called with decoded values. */
function withListeners(argument: unknown, call: Call): unknown {
  const decode = (value: unknown) => handedOut(value, { ...call, isInner: false });
  if (typeof argument === 'function') return listening(argument, call.codec, decode);
  if (!hasFunction(argument)) return argument;
  const options = { ...(argument as Record<string, unknown>) };
  for (const [name, item] of Object.entries(options)) {
    if (typeof item === 'function') options[name] = listening(item, call.codec, decode);
  }
  return options;
}

/** For errors of seams: what a store cannot be wrapped for. */
export function unsupported(store: object, what: string): AtcError {
  const name = (store as { constructor?: { name?: string } }).constructor?.name || 'store';
  return new AtcError('UNSUPPORTED', `${name} cannot be compressed: ${what}`);
}
