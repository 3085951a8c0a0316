/** Iterators and objects that can be iterated over, their items decoded as they are asked for. */
import { isObject, isThenable } from '../override.js';

interface AnyIterator {
  next(...args: unknown[]): unknown;
  return?(...args: unknown[]): unknown;
  throw?(...args: unknown[]): unknown;
}

export function isIterator(value: object): value is AnyIterator {
  const { next } = value as { next?: unknown };
  return typeof next === 'function' && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

const SYNC = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
const ASYNC = Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})())));

/** The same kind of iterator; what it throws passes through `fail`, which throws. */
export function decodedIterator(
  source: AnyIterator,
  decode: (item: unknown) => unknown,
  fail: (error: unknown) => never,
): unknown {
  const decoded = (step: unknown) => {
    if (!isObject(step)) return step;
    const { done, value } = step as { done?: boolean; value?: unknown };
    return { done: done === true, value: decode(value) };
  };
  const following = Object.create(Symbol.asyncIterator in source ? ASYNC : SYNC);
  for (const name of ['next', 'return', 'throw'] as const) {
    if (typeof source[name] !== 'function') continue;
    const value = (...args: unknown[]) => {
      let step: unknown;
      try {
        step = Reflect.apply(source[name] as () => unknown, source, args);
      } catch (error) {
        return fail(error);
      }
      return isThenable(step) ? step.then(decoded, fail) : decoded(step);
    };
    Object.defineProperty(following, name, { value, configurable: true, writable: true });
  }
  return following;
}

/** Makes an instance hand out decoded iterators; those of a frozen one stay as they are. */
export function followIteration(value: object, decode: (iterator: unknown) => unknown): void {
  for (const symbol of [Symbol.iterator, Symbol.asyncIterator]) {
    const iterate = (value as Record<symbol, unknown>)[symbol];
    if (typeof iterate !== 'function' || Object.hasOwn(value, symbol) || !Object.isExtensible(value)) continue;
    const following = function (this: unknown, ...args: unknown[]) {
      return decode(Reflect.apply(iterate, this, args));
    };
    Object.defineProperty(value, symbol, { value: following, configurable: true, writable: true });
  }
}
