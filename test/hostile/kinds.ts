/** Arguments of the wrong kind, and what is allowed to come of them: an AtcError with a code, or nothing. */
import { isAtcError } from 'atc-memory';

/** Each is made anew for every call. */
export const HOSTILE: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  NaN: () => Number.NaN,
  'a negative number': () => -1,
  'a huge number': () => 1e300,
  Infinity: () => Number.POSITIVE_INFINITY,
  'a fraction': () => 0.5,
  'a bigint': () => 2n ** 70n,
  true: () => true,
  'empty text': () => '',
  text: () => 'no such thing',
  'text with a zero byte': () => 'a\0b',
  'a symbol': () => Symbol('hostile'),
  'an empty object': () => ({}),
  'an object of nonsense': () => ({ level: 'x', columns: 5, backend: 'none', mode: 'maybe', directory: 7, length: -1 }),
  'an object without a prototype': () => Object.create(null),
  'an empty list': () => [],
  'a list of nonsense': () => [undefined, null, Symbol('x'), {}],
  'a list of rows': () => [[1.7e12, 1, 1, 1, 1, 1]],
  'a function': () => () => undefined,
  'a date that is none': () => new Date(Number.NaN),
  'a Proxy': () => new Proxy({}, {}),
  'a frozen object': () => Object.freeze({ get: () => 1, set: () => 1 }),
  'a typed array': () => new Float64Array(3),
  'bytes of nothing': () => new Uint8Array(0),
};

/** What a call throws, or hands out on the way, that is no AtcError; undefined where nothing is wrong. */
export async function failureOf(call: () => unknown): Promise<string | undefined> {
  try {
    const result = (await call()) as Closable | undefined;
    await walked(result);
    if (typeof result?.close === 'function') await result.close();
    return undefined;
  } catch (error) {
    if (isAtcError(error)) return undefined;
    const { name, message, stack } = error as Error;
    const at = stack
      ?.split('\n')
      .find((line) => /\/(src|plugins)\//.test(line))
      ?.trim();
    return `${name}: ${String(message).slice(0, 80)} ${at?.replace(/^at /, '').slice(-70)}`;
  }
}

interface Closable {
  close?: () => unknown;
}

/** A generator checks its arguments when it is first asked: undefined in its stead, and anything else as it is. */
export async function walked(result: unknown): Promise<unknown> {
  const { next, [Symbol.iterator]: sync, [Symbol.asyncIterator]: later } = Object(result);
  if (typeof next !== 'function' || (sync ?? later) === undefined) return result;
  for await (const _ of result as AsyncIterable<unknown>) break;
  return undefined;
}

/** Every hostile value in every position of `right()`; the failures. */
export async function tryAll(call: (args: unknown[]) => unknown, right: () => unknown[]): Promise<string[]> {
  const failures: string[] = [];
  for (const [kind, make] of Object.entries(HOSTILE)) {
    for (let position = 0; position < Math.max(1, right().length); position++) {
      const args = right();
      args[position] = make();
      const failure = await failureOf(() => call(args));
      if (failure !== undefined) failures.push(`argument ${position + 1} is ${kind}: ${failure}`);
    }
  }
  return failures;
}
