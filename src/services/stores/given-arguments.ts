/** What a method of a store is called with: entries, when the store calls itself, and callbacks of a caller. */
import { isObject, isRoot } from '../override.js';
import type { Call } from './call.js';
import { isPlainContainer, someItem } from './carrier.js';
import { listening, observing } from './followed-functions.js';
import { mayBeHelper } from './helper-objects.js';
import { decodedArgument } from './visited-collections.js';

function hasFunction(argument: unknown): boolean {
  return (
    isPlainContainer(argument) && !Array.isArray(argument) && someItem(argument, (item) => typeof item === 'function')
  );
}

/** Methods of observers and visitors. */
const OBSERVES = /^(?:next|handleEvent|update|notify|receive|accept|visit\w*|on[A-Z]\w*)$/;

function isObserver(argument: unknown): argument is object {
  if (!mayBeHelper(argument) || isPlainContainer(argument)) return false;
  for (let at: object = argument; !isRoot(at); at = Object.getPrototypeOf(at) as object) {
    if (Object.getPrototypeOf(at) === null) return false;
    if (Object.getOwnPropertyNames(at).some((name) => OBSERVES.test(name))) return true;
  }
  return false;
}

/** Callbacks, by themselves, in a list or an object of options, and observers are called with decoded values. */
export function withListeners(argument: unknown, call: Call): unknown {
  if (!isObject(argument)) return argument;
  const outer: Call = { ...call, isInner: false };
  const decode = (value: unknown, at: number, args: readonly unknown[]) => decodedArgument(value, at, args, outer);
  if (typeof argument === 'function') return listening(argument, call.codec, decode);
  if (Array.isArray(argument)) {
    const isList = argument.length > 0 && argument.every((item) => typeof item === 'function');
    return isList ? argument.map((item) => listening(item, call.codec, decode)) : argument;
  }
  if (isObserver(argument)) return observing(argument, call.codec, decode);
  if (!hasFunction(argument)) return argument;
  const options = { ...(argument as Record<string, unknown>) };
  for (const [name, item] of Object.entries(options)) {
    if (typeof item === 'function') options[name] = listening(item, call.codec, decode);
  }
  return options;
}
