/** Containers of the caller that a method of a store fills: `tryGet(key, out)`, `readInto(keys, list)`. */
import { types } from 'node:util';
import { isObject, isRoot } from '../override.js';
import type { Call } from './call.js';
import { handedOut } from './handed-out.js';

/** Decodes in place what was put into a container since it was looked at. */
type Finish = () => void;

/** To be called when the method is through; undefined when no argument can be filled. */
export function watchArguments(args: readonly unknown[], call: Call): Finish | undefined {
  if (call.isInner) return undefined;
  const watched = args.flatMap((argument) => watch(argument, call) ?? []);
  if (watched.length === 0) return undefined;
  return () => {
    for (const finish of watched) finish();
  };
}

function watch(argument: unknown, call: Call): Finish | undefined {
  if (!isObject(argument) || types.isProxy(argument) || call.codec.isOriginal(argument)) return undefined;
  if (Array.isArray(argument)) {
    const before = argument.length;
    return () => {
      for (let i = before; i < argument.length; i++) argument[i] = handedOut(argument[i], call);
    };
  }
  if (types.isMap(argument)) {
    const before = new Set(argument.keys());
    return () => {
      for (const [key, value] of argument) if (!before.has(key)) argument.set(key, handedOut(value, call));
    };
  }
  const prototype = Object.getPrototypeOf(argument);
  if (prototype !== null && !isRoot(prototype)) return undefined;
  const record = argument as Record<string, unknown>;
  const before = { ...record };
  return () => {
    for (const key of Object.keys(record)) {
      if (record[key] === before[key]) continue;
      const decoded = handedOut(record[key], call);
      if (decoded !== record[key]) Reflect.set(record, key, decoded);
    }
  };
}
