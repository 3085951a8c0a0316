/**
 * The overriding functions of mapped methods: values are encoded on their way in, and decoded in the shape they are
 * handed out in.
 */
import { types } from 'node:util';
import { isThenable, type Method } from '../override.js';
import type { ReadShape, WriteShape } from './method-map.js';

/** What methods are overridden with. */
export interface ValueCoder {
  encode(key: unknown, value: unknown): unknown;
  decode(key: unknown, stored: unknown): unknown;
  /** What a method throws, with what it holds of stored values decoded. */
  decodeError?(key: unknown, error: unknown): unknown;
}

type Decode = (key: unknown, stored: unknown) => unknown;

/** The overriding function for a method that reads, writes or does both. */
export function overriding(original: Method, codec: ValueCoder, read?: ReadShape, write?: WriteShape): Method {
  const decode: Decode = (key, stored) => codec.decode(key, stored);
  return function (this: unknown, ...given: unknown[]) {
    let args = write === undefined ? given : withEncoded(given, write, codec);
    if (read === 'visit' && typeof args[0] === 'function')
      args = [visitor(args[0] as Method, decode), ...args.slice(1)];
    if (read === 'event') return original.apply(this, [...args.slice(0, -1), decodedArgument(args, decode)]);
    const fail = (error: unknown) => {
      throw codec.decodeError === undefined ? error : codec.decodeError(args[0], error);
    };
    let result: unknown;
    try {
      result = original.apply(this, args);
    } catch (error) {
      return fail(error);
    }
    if (read === undefined) return types.isPromise(result) ? result.then(undefined, fail) : result;
    const shape = isRaw(args[1]) ? (RAW_SHAPES[read] ?? read) : read;
    const decodeResult = (settled: unknown) => decoded(shape, settled, args[0], decode);
    return isThenable(result) ? result.then(decodeResult, fail) : decodeResult(result);
  };
}

const RAW_SHAPES: Partial<Record<ReadShape, ReadShape>> = { value: 'entry', list: 'entry-list' };

function isRaw(options: unknown): boolean {
  return typeof options === 'object' && options !== null && (options as { raw?: unknown }).raw === true;
}

/** The last argument of an event that carries a value: name, key, value. */
function decodedArgument(args: readonly unknown[], decode: Decode): unknown {
  return args.length < 3 ? args[args.length - 1] : decode(args[1], args[args.length - 1]);
}

function withEncoded(args: readonly unknown[], write: WriteShape, codec: ValueCoder): unknown[] {
  const copy = [...args];
  const at = typeof write === 'number' ? write : write.at;
  if (at >= copy.length) return copy;
  if (typeof write === 'number') copy[at] = codec.encode(args[0], args[at]);
  else if (!Array.isArray(copy[at])) return copy;
  else if ('dump' in write) {
    copy[at] = (copy[at] as [unknown, { value: unknown }][]).map(([key, entry]) => [
      key,
      { ...entry, value: codec.encode(key, entry.value) },
    ]);
  } else {
    const { each } = write;
    copy[at] = (copy[at] as Record<string, unknown>[]).map((item) => ({
      ...item,
      [each]: codec.encode(item.key, item[each]),
    }));
  }
  return copy;
}

function visitor(callback: Method, decode: Decode): Method {
  return function (this: unknown, value, key, ...rest) {
    return callback.call(this, decode(key, value), key, ...rest);
  };
}

/** What the host handed out with every stored value decoded, in fresh containers: the host's own are not touched. */
function decoded(shape: ReadShape, result: unknown, argument: unknown, decode: Decode): unknown {
  if (result === undefined || result === null) return result;
  const keys = Array.isArray(argument) ? argument : [];
  switch (shape) {
    case 'value':
      // Keyv's get and others take a list of keys too.
      return keys.length > 0 && Array.isArray(result)
        ? result.map((value, i) => decode(keys[i], value))
        : decode(argument, result);
    case 'visit':
      return decode(undefined, result);
    case 'event':
      return result;
    case 'list':
      return Array.isArray(result) ? result.map((value, i) => decode(keys[i], value)) : result;
    case 'record':
      if (types.isMap(result)) return new Map([...result].map(([key, value]) => [key, decode(key, value)]));
      return Object.fromEntries(Object.entries(result).map(([key, value]) => [key, decode(key, value)]));
    case 'entry':
      if (Array.isArray(result)) return result.map((entry, i) => decodedEntry(keys[i], entry, decode));
      return decodedEntry(argument, result, decode);
    case 'entry-list':
      return (result as unknown[]).map((entry, i) => decodedEntry(keys[i], entry, decode));
    case 'dump':
      return (result as [unknown, unknown][]).map(([key, entry]) => [key, decodedEntry(key, entry, decode)]);
    case 'entries':
      return iterated(result, (item) => {
        const [key, value] = item as [unknown, unknown];
        return [key, decode(key, value)];
      });
    case 'values':
      return iterated(result, (value) => decode(undefined, value));
  }
}

function decodedEntry(key: unknown, entry: unknown, decode: Decode): unknown {
  if (typeof entry !== 'object' || entry === null || !('value' in entry)) return entry;
  return { ...entry, value: decode(key, entry.value) };
}

/** An array, iterator or async iterator of the same kind, its items mapped as they are asked for. */
function iterated(result: unknown, map: (item: unknown) => unknown): unknown {
  if (Array.isArray(result)) return result.map(map);
  const source = result as Iterable<unknown> & AsyncIterable<unknown>;
  if (typeof source[Symbol.asyncIterator] === 'function') return mapAsync(source, map);
  return typeof source[Symbol.iterator] === 'function' ? mapSync(source, map) : result;
}

function* mapSync(source: Iterable<unknown>, map: (item: unknown) => unknown): Generator<unknown> {
  for (const item of source) yield map(item);
}

async function* mapAsync(source: AsyncIterable<unknown>, map: (item: unknown) => unknown): AsyncGenerator<unknown> {
  for await (const item of source) yield map(item);
}
