/**
 * Objects beside a store that read its storage: the value of one of its fields (`store.sub = { peek }`), or an instance
 * that one of its methods returns (`store.namespace('a')`). Instances that are returned are all followed, but for
 * services. Those in fields are followed where they show that they read: one of their fields is the store or something
 * the store holds, or the text of their methods looks things up. Services (loggers, drivers, modules) stay as they are.
 */
import { types } from 'node:util';
import { isObject } from '../override.js';
import { readsByText } from './followed-functions.js';
import type { StoreMethods } from './method-map.js';

export interface Evidence {
  /** Whether the field of this name is the storage itself, not an object beside it. */
  isStorage(field: string): boolean;
  /** Whether `helper`, whose methods are given, reads the storage. */
  reads(helper: object, methods: () => readonly NamedMethod[]): boolean;
}

export type NamedMethod = readonly [name: string | symbol, method: unknown];

/** Methods of drivers, clients, streams and loggers: what they read is not known to be ours. */
const SERVICE = /^(?:connect|disconnect|quit|query|prepare|exec|pipe|on|emit|log|info|warn|debug)$/;

export function evidenceOf(store: object, { reads, writes }: StoreMethods): Evidence {
  const receiversOf = (names: object) =>
    Reflect.ownKeys(names).flatMap((name) => receivers(Reflect.get(store, name) as unknown));
  const written = new Set(receiversOf(writes));
  const shared = new Set(receiversOf(reads).filter((name) => written.has(name)));
  const known = new WeakMap<object, boolean>();
  const byText = (helper: object, methods: () => readonly NamedMethod[]) => {
    const at = isPlain(helper) ? helper : (Object.getPrototypeOf(helper) as object);
    let found = known.get(at);
    if (found === undefined) {
      const named = methods();
      found = named.some(([, method]) => receivers(method).some((name) => shared.has(name)));
      found ||= !isService(named) && named.some(([, method]) => readsByText(method));
      known.set(at, found);
    }
    return found;
  };
  return {
    isStorage: (field) => shared.has(field),
    reads: (helper, methods) => holdsPartOf(helper, store) || byText(helper, methods),
  };
}

/** Services of the host or of the whole application, which are handed out as they are unless they show more. */
export function isService(methods: readonly NamedMethod[]): boolean {
  return methods.some(([name]) => SERVICE.test(String(name)));
}

/** Whether `value` may be such an object: none of Node's, none of the language's. */
export function mayBeHelper(value: unknown): value is object {
  if (!isObject(value) || typeof value === 'function' || types.isProxy(value) || Array.isArray(value)) return false;
  if (ArrayBuffer.isView(value) || types.isModuleNamespaceObject(value)) return false;
  if (isPlain(value)) return true;
  const maker: unknown = value.constructor;
  return typeof maker === 'function' && !/\{ \[native code\] \}$/.test(Function.prototype.toString.call(maker));
}

/** An object `{ … }` that may be a namespace of functions: no list, no instance, and small enough to be no storage. */
export function isPlainHelper(value: unknown): value is object {
  return mayBeHelper(value) && isPlain(value) && Object.keys(value).length <= MAX_NAMES;
}

/** Of a namespace; a record of values has more. */
const MAX_NAMES = 64;

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function holdsPartOf(helper: object, store: object): boolean {
  for (const name of Object.keys(helper)) {
    const item: unknown = Object.getOwnPropertyDescriptor(helper, name)?.value;
    if (!isObject(item) || typeof item === 'function') continue;
    if (item === store) return true;
    if (!types.isMap(item) && !isPlain(item)) continue;
    if (Object.keys(store).some((field) => Object.getOwnPropertyDescriptor(store, field)?.value === item)) return true;
  }
  return false;
}

/** Names of what is read or written in the text of a method: `m` of `this.m.get(key)` and of `this.#m[key] = value`. */
function receivers(method: unknown): string[] {
  if (typeof method !== 'function') return [];
  const text = Function.prototype.toString.call(method);
  if (text.length > 20_000) return [];
  const found = text.matchAll(/([\w$]+)(?:\??\.(?:get|set|values|entries|forEach)\(|(?:\?\.)?\[)/g);
  return [...found]
    .map(([, name]) => name ?? '')
    .filter((name) => !/^(?:this|of|in|return|const|let|var|)$/.test(name));
}
