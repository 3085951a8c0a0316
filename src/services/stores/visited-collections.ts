/** The collection that `forEach` of a store passes as third argument to the callback of a caller. */
import { types } from 'node:util';
import { isObject } from '../override.js';
import type { Call } from './call.js';
import { entryFrame } from './carrier.js';
import { handedOut } from './handed-out.js';

/** An argument of a callback, decoded: a collection that it comes from as a view, or in mode 'verify' as it is. */
export function decodedArgument(value: unknown, at: number, args: readonly unknown[], call: Call): unknown {
  if (at !== 2 || !isVisited(value, args)) return handedOut(value, call);
  if (call.codec.options.mode === 'verify') return value;
  return holdsEntries(value) ? decodedView(value, call) : handedOut(value, call);
}

type Collection = ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | readonly unknown[];

function isVisited(value: unknown, [item, key]: readonly unknown[]): value is Collection {
  if (types.isProxy(value)) return false;
  if (types.isMap(value)) return value.get(key) === item;
  return Array.isArray(value) ? value[key as number] === item : types.isSet(value) && value.has(item);
}

/** As items, or as fields of items: `{ value, expires }`. */
function holdsEntries(collection: Collection): boolean {
  for (const item of collection.values()) {
    if (entryFrame(item) !== undefined) return true;
    if (!isObject(item) || ArrayBuffer.isView(item) || Array.isArray(item)) continue;
    if (Object.values(item).some((field) => typeof field === 'string' && entryFrame(field) !== undefined)) return true;
  }
  return false;
}

/** The collection itself, with what is read from it decoded: what the callback changes in it is not lost. */
function decodedView(collection: object, call: Call): object {
  const view: object = new Proxy(collection, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function' || name === 'constructor') return handedOut(found, call);
      return (...args: unknown[]) => {
        const decoded = args.map((argument) => (typeof argument === 'function' ? visitor(argument, call) : argument));
        const result: unknown = Reflect.apply(found, target, decoded);
        return result === target ? view : handedOut(result, call);
      };
    },
  });
  return view;
}

function visitor(callback: object, call: Call): (...args: unknown[]) => unknown {
  return (...args) => {
    const decoded = args.map((argument, at) => decodedArgument(argument, at, args, call));
    return Reflect.apply(callback as (...args: unknown[]) => unknown, undefined, decoded);
  };
}
