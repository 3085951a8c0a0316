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

/** A function of the store that a caller will call: what it returns is passed through `decode`. */
export function followed(value: object, owner: object, decode: (result: unknown) => unknown): object {
  return standIn(value, owner, (target, self, args) => decode(Reflect.apply(target, self, args)));
}

/** A function of the caller that the store will call: its arguments are passed through `decode`, with all of them. */
export function listening(
  value: object,
  owner: object,
  decode: (argument: unknown, at: number, args: readonly unknown[]) => unknown,
): object {
  return standIn(value, owner, (target, self, args) => Reflect.apply(target, self, args.map(decode)));
}

function standIn(
  value: object,
  owner: object,
  apply: (target: AnyFunction, self: unknown, args: unknown[]) => unknown,
): object {
  if (originals.has(value) || isClass(value)) return value;
  let known = standIns.get(owner);
  if (known === undefined) standIns.set(owner, (known = new WeakMap()));
  let found = known.get(value);
  if (found === undefined) {
    // A Proxy: properties, name and length are the function's own.
    found = new Proxy(value as AnyFunction, { apply });
    known.set(value, found);
    originals.set(found, value);
  }
  return found;
}

/** Classes are made instances of, and compared; nothing passes through them. */
export function isClass(value: object): boolean {
  const prototype = Object.getOwnPropertyDescriptor(value, 'prototype');
  return prototype?.writable === false;
}
