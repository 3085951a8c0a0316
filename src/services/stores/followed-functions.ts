/**
 * Functions that pass between a store and its callers, stood in for by ones that see what they are called with and what
 * they return.
 */

type AnyFunction = (...args: unknown[]) => unknown;

/** One stand-in for each function and owner, so that a listener can be removed again. */
const standIns = new WeakMap<object, WeakMap<object, object>>();
const originals = new WeakMap<object, object>();

/** The function that `value` stands in for, when it is a stand-in. */
export function originalOf(value: object): object | undefined {
  return originals.get(value);
}

/** What becomes of the results of a function. */
export interface Following {
  decode(result: unknown): unknown;
  /** Throws what was thrown, decoded. */
  fail(error: unknown): never;
  /** Called with each instance that a class makes. */
  made(instance: object): void;
}

/** A function of the store that a caller will call: what it returns, throws and has as properties is decoded. */
export function followed(value: object, owner: object, { decode, fail, made }: Following): object {
  return standIn(value, owner, {
    apply(target, self, args) {
      let result: unknown;
      try {
        result = Reflect.apply(target, self, args);
      } catch (error) {
        return fail(error);
      }
      return decode(result);
    },
    get(target, name) {
      const item: unknown = Reflect.get(target, name);
      const own = Object.getOwnPropertyDescriptor(target, name);
      const isFixed = own === undefined || (own.configurable === false && own.writable !== true);
      return isFixed || name === 'prototype' ? item : decode(item);
    },
    construct(target, args, maker) {
      const instance: object = Reflect.construct(target, args, maker);
      made(instance);
      return instance;
    },
  });
}

/** A function of the caller that the store will call: its arguments are passed through `decode`, with all of them. */
export function listening(
  value: object,
  owner: object,
  decode: (argument: unknown, at: number, args: readonly unknown[]) => unknown,
): object {
  return standIn(value, owner, { apply: (target, self, args) => Reflect.apply(target, self, args.map(decode)) });
}

/** Methods of an object of the caller, an observer or visitor, that the store will call: as with `listening`. */
export function observing(
  value: object,
  owner: object,
  decode: (argument: unknown, at: number, args: readonly unknown[]) => unknown,
): object {
  return standIn(value, owner, {
    get(target, name) {
      const item: unknown = Reflect.get(target, name, target);
      if (typeof item !== 'function' || name === 'constructor') return item;
      return (...args: unknown[]) => Reflect.apply(item, target, args.map(decode));
    },
  });
}

function standIn(value: object, owner: object, handler: ProxyHandler<AnyFunction>): object {
  if (originals.has(value) || (isClass(value) && !(handler.construct !== undefined && readsByText(value))))
    return value;
  let known = standIns.get(owner);
  if (known === undefined) standIns.set(owner, (known = new WeakMap()));
  let found = known.get(value);
  if (found === undefined) {
    // A Proxy: properties, name and length are the function's own.
    found = new Proxy(value as AnyFunction, handler);
    known.set(value, found);
    originals.set(found, value);
  }
  return found;
}

/**
 * Whether the text of a function or class looks anything up: by a key, by going through values, or in what it was
 * given as a private function. */
export function readsByText(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  const text = Function.prototype.toString.call(value);
  return /\.(?:get|values|entries)\(|[\w$)\]]\[(?!['"`\]])|\bthis\.#[\w$]+\((?!\))/.test(text);
}

/** Classes are made instances of, and compared: only those that look anything up are stood in for. */
export function isClass(value: object): boolean {
  const prototype = Object.getOwnPropertyDescriptor(value, 'prototype');
  return prototype?.writable === false;
}
