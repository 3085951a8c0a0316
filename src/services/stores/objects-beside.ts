/**
 * Objects that are reached through a store: the values of its fields, and the instances that its methods return. Their
 * methods are overridden as those of the store are. An instance that is returned gets a prototype between itself and
 * its class, one for each class: its identity, its class and its `#private` fields stay as they are.
 */
import { type Method, type Override, overrideAll, type Refuse } from '../override.js';
import { type Evidence, isPlainHelper, isService, mayBeHelper } from './helper-objects.js';
import { mayHandOut, namedMethods, type Properties, unmapped } from './unmapped-properties.js';

/** How a method is overridden. `owner` is the method or field of the store that leads to it. */
export interface FollowOptions {
  readonly owner: string | symbol;
  readonly label: string;
  /** In a field, where the store itself may be the caller. */
  readonly isField: boolean;
}

export type Follow = (name: string | symbol, method: Method, options: FollowOptions) => Method;

/** Of plain objects within each other: namespaces are two or three deep. */
const MAX_FIELDS = 3;

/** For a class of services: nothing is followed. */
const SERVICE: unique symbol = Symbol('service');

export class ObjectsBeside {
  readonly #followed = new WeakSet<object>();
  readonly #prototypes = new Map<string | symbol, WeakMap<object, object | typeof SERVICE>>();

  constructor(
    readonly store: object,
    readonly evidence: Evidence,
    readonly follow: Follow,
    readonly refuse: Refuse,
  ) {}

  /** Overrides for the value of a field, and for the objects in its own fields where it is no instance of a class. */
  inFields(owner: string, helper: unknown, depth = 0): (readonly [helper: object, overrides: Override[]])[] {
    const made = this.#inField(owner, helper);
    const found = made.length > 0 ? [[helper as object, made] as const] : [];
    if (depth === MAX_FIELDS || !isPlainHelper(helper) || this.evidence.isStorage(owner)) return found;
    const deeper = Object.keys(helper).flatMap((name) => {
      const item: unknown = Object.getOwnPropertyDescriptor(helper, name)?.value;
      return isPlainHelper(item) ? this.inFields(`${owner}.${name}`, item, depth + 1) : [];
    });
    return [...found, ...deeper];
  }

  /** Overrides for one value of a field; none where it shows nothing of reading the storage. */
  #inField(owner: string, helper: unknown): Override[] {
    if (helper === this.store || this.evidence.isStorage(owner) || !mayBeHelper(helper)) return [];
    if (this.#followed.has(helper)) return [];
    const found = unmapped(helper);
    const isReader = this.evidence.reads(helper, () => namedMethods(found));
    const followed = isReader ? found : emitting(helper, found);
    if (followed.size === 0) return [];
    this.#followed.add(helper);
    return this.#overrides(owner, followed, true);
  }

  /** Follows an instance that `owner` returned; false where it is left as it is. */
  returned(owner: string | symbol, helper: object, refuse: (what: string) => void): boolean {
    if (this.#followed.has(helper)) return true;
    if (!mayBeHelper(helper)) return false;
    const prototype = this.#prototypeFor(owner, helper);
    const isService = prototype === SERVICE;
    if (isService && !this.evidence.reads(helper, () => [])) return this.#emitter(owner, helper);
    if (!Object.isExtensible(helper)) {
      const isReader = this.evidence.reads(helper, () => namedMethods(unmapped(helper)));
      if (isReader) refuse(`an instance of ${helper.constructor.name} that reads the storage and cannot be changed`);
      return false;
    }
    this.#followed.add(helper);
    const own = isService ? unmapped(helper) : ownProperties(helper);
    if (own.size > 0) overrideAll(helper, this.#overrides(owner, own, false), this.refuse);
    if (!isService) Object.setPrototypeOf(helper, prototype);
    return true;
  }

  /** Events of an emitter carry values, whatever else it is. */
  #emitter(owner: string | symbol, helper: object): boolean {
    const found = emitting(helper, unmapped(helper));
    if (found.size === 0 || !Object.isExtensible(helper)) return false;
    this.#followed.add(helper);
    overrideAll(helper, this.#overrides(owner, found, true), this.refuse);
    return true;
  }

  #prototypeFor(owner: string | symbol, helper: object): object | typeof SERVICE {
    let known = this.#prototypes.get(owner);
    if (known === undefined) this.#prototypes.set(owner, (known = new WeakMap()));
    const at = Object.getPrototypeOf(helper) as object;
    const before = known.get(at);
    if (before !== undefined) return before;
    const found = isService(namedMethods(unmapped(helper))) ? SERVICE : (Object.create(at) as object);
    if (found !== SERVICE) overrideAll(found, this.#overrides(owner, unmapped(at), false), this.refuse);
    known.set(at, found);
    return found;
  }

  #overrides(owner: string | symbol, properties: Properties, isField: boolean): Override[] {
    return [...properties].map(([name, { value, get, set }]) => {
      const options = { owner, label: `${String(owner)}.${String(name)}`, isField };
      const method = this.follow(name, (value ?? get) as Method, options);
      return [name, value === undefined ? { get: method, set } : method];
    });
  }
}

function ownProperties(helper: object): Properties {
  const found: Properties = new Map();
  for (const name of Object.keys(helper)) {
    const descriptor = Object.getOwnPropertyDescriptor(helper, name) as PropertyDescriptor;
    if (descriptor.configurable === true && mayHandOut(name, descriptor)) found.set(name, descriptor);
  }
  return found;
}

/** `emit` or `dispatchEvent` of an object that others listen to; none for a connection or a stream. */
function emitting(helper: object, properties: Properties): Properties {
  const { connect, pipe, write } = helper as Record<string, unknown>;
  const isDriver = [connect, pipe, write].some((method) => typeof method === 'function');
  return new Map([...properties].filter(([name]) => !isDriver && isEmit(name, helper)));
}

/** Whether the method of this name passes events to listeners. */
export function isEmit(name: string | symbol, object: object): boolean {
  const { on, addEventListener } = object as Record<string, unknown>;
  if (name === 'emit') return typeof on === 'function';
  return name === 'dispatchEvent' && typeof addEventListener === 'function';
}
