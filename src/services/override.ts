/**
 * The one way to change what belongs to someone else's object: properties defined on the instance, all of them or none,
 * so that its class, `this` and `#private` fields stay as they are.
 */
import type { AtcError } from '../errors.js';

export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** A method, or a whole descriptor for an accessor. */
export type Override = readonly [name: string | symbol, value: Method | PropertyDescriptor];

/** Makes the error for an object that cannot be changed; `why` is the end of its message. */
export type Refuse = (why: string) => AtcError;

/** Throws what `refuse` makes for an object that takes no properties. */
export function requireExtensible(target: object, refuse: Refuse): void {
  if (Object.isExtensible(target)) return;
  const how = Object.isFrozen(target) ? 'frozen' : Object.isSealed(target) ? 'sealed' : 'not extensible';
  throw refuse(`the object is ${how}; wrap what lies below it, or wrap it before it is made so`);
}

/** Throws what `refuse` makes for a property of its own that cannot be replaced. */
export function requireConfigurable(target: object, name: string | symbol, refuse: Refuse): void {
  if (Object.getOwnPropertyDescriptor(target, name)?.configurable !== false) return;
  throw refuse(`its property ${String(name)} cannot be overridden (not configurable)`);
}

/**
 * Defines every override on `target`. When one is refused (a Proxy may do that at any time), those before it are undone
 * and what `refuse` makes is thrown.
 */
export function overrideAll(target: object, overrides: readonly Override[], refuse: Refuse): void {
  const before = overrides.map(([name]) => [name, Object.getOwnPropertyDescriptor(target, name)] as const);
  for (const [i, [name, value]] of overrides.entries()) {
    const enumerable = before[i][1]?.enumerable ?? false;
    const descriptor = typeof value === 'function' ? { value, writable: true } : value;
    if (define(target, name, { ...descriptor, enumerable, configurable: true })) continue;
    for (const [known, own] of before.slice(0, i + 1)) restore(target, known, own);
    throw refuse(`it does not let ${String(name)} be overridden, as a Proxy may; wrap the object behind it`);
  }
}

/** Names of the methods that `target` has or inherits, without those of every object; for messages. */
export function methodNames(target: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = target; at !== null && !isRoot(at); at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const { value } = Object.getOwnPropertyDescriptor(at, name) ?? {};
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names];
}

/** Object.prototype of this realm or of another. */
export function isRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');
}

/** False also for a Proxy that takes the definition and goes on handing out its own. */
function define(target: object, name: string | symbol, descriptor: PropertyDescriptor): boolean {
  try {
    if (!Reflect.defineProperty(target, name, descriptor)) return false;
    const found = Object.getOwnPropertyDescriptor(target, name);
    if (descriptor.get !== undefined) return found?.get === descriptor.get;
    return found?.value === descriptor.value && Reflect.get(target, name) === descriptor.value;
  } catch {
    return false;
  }
}

function restore(target: object, name: string | symbol, own: PropertyDescriptor | undefined): void {
  try {
    if (own === undefined) Reflect.deleteProperty(target, name);
    else Reflect.defineProperty(target, name, own);
  } catch {
    // What refuses to be changed has nothing to undo.
  }
}

/** Promises, and whatever else `await` waits for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof (value as { then?: unknown }).then === 'function';
}

/** What may have properties and be a key of a WeakMap. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Applies `then` now, or when the promise is fulfilled. */
export function settle(result: unknown, then: (value: unknown) => unknown): unknown {
  return isThenable(result) ? result.then(then) : then(result);
}
