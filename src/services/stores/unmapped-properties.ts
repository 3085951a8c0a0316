/** Which properties of an object may hand out values: its methods and accessors, own or inherited. */
import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { isRoot } from '../override.js';
import { isClass } from './followed-functions.js';
import type { NamedMethod } from './helper-objects.js';

export type Properties = Map<string | symbol, PropertyDescriptor>;

const NOTHING: ReadonlySet<string | symbol> = new Set();

/** Those of `object` up to `base`, whose methods are all known, without the names that are. */
export function unmapped(object: object, known = NOTHING, base?: object): Properties {
  const found: Properties = new Map();
  const passed = new Set<string | symbol>();
  for (let at: object | null = object; at !== null && at !== base && !isRoot(at); at = Object.getPrototypeOf(at)) {
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

/** With the function of each: the method itself, or what reads the accessor. */
export function namedMethods(properties: Properties): NamedMethod[] {
  return [...properties].map(([name, { value, get }]) => [name, value ?? get]);
}

const NEVER = new Set<string | symbol>(['constructor', inspect.custom]);
const EMITTER = EventEmitter.prototype as unknown as Record<string | symbol, unknown>;

export function mayHandOut(name: string | symbol, { value, get }: PropertyDescriptor): boolean {
  if (NEVER.has(name)) return false;
  // Listeners are decoded for when they are called, by emit.
  if (name !== 'emit' && value !== undefined && value === EMITTER[name]) return false;
  return (typeof value === 'function' && !isClass(value)) || get !== undefined;
}
