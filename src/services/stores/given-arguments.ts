/** What a method of a store is called with: entries, when the store calls itself, and callbacks of a caller. */
import { isObject, isRoot } from '../override.js';
import { entryFrame } from './carrier.js';
import { listening } from './followed-functions.js';
import type { Call } from './handed-out.js';
import { decodedArgument } from './visited-collections.js';

/** An argument that is an entry, or an object or list of the store's own around one. */
export function holdsEntry(argument: unknown): boolean {
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

export function hasFunction(argument: unknown): boolean {
  if (typeof argument === 'function') return true;
  return (
    isPlainContainer(argument) && !Array.isArray(argument) && someItem(argument, (item) => typeof item === 'function')
  );
}

/** Callbacks, by themselves or in an object of options, are called with decoded values. */
export function withListeners(argument: unknown, call: Call): unknown {
  const outer: Call = { ...call, isInner: false };
  const decode = (value: unknown, at: number, args: readonly unknown[]) => decodedArgument(value, at, args, outer);
  if (typeof argument === 'function') return listening(argument, call.codec, decode);
  if (!hasFunction(argument)) return argument;
  const options = { ...(argument as Record<string, unknown>) };
  for (const [name, item] of Object.entries(options)) {
    if (typeof item === 'function') options[name] = listening(item, call.codec, decode);
  }
  return options;
}
