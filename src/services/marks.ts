/**
 * `@Compressed` and `@MemoryMapped`: marks on classes. They work as legacy and as standard decorators, above or below
 * `@injectable`. A class that nothing wraps is warned of later (forgotten-marks.ts).
 */
import { requireKnownOptions } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import { watchMarks } from './forgotten-marks.js';
import {
  type CompressedMethodsOptions,
  type CompressedOptions,
  type MarkableClass,
  type MemoryMappedOptions,
  mark,
} from './mark-registry.js';
import type { CacheStore } from './stores/cache-store.js';

export type { CompressedMethodsOptions, CompressedOptions, MarkableClass, MemoryMappedOptions };

/**
 * A decorator of classes whose instances have the methods that it needs: another class is a compile error. Legacy
 * decorators are called with the class, standard ones with their context as well.
 */
export type ClassMark<Instance> = <Class extends MarkableClass<Instance>>(target: Class, context?: unknown) => void;

/**
 * Marks a cache whose values may be stored compressed: whether they are, the configuration decides. A class without
 * `get` and `set` is a compile error, unless `methods` says what its methods are called.
 */
export function Compressed(options?: CompressedOptions): ClassMark<Pick<CacheStore, 'get' | 'set'>>;
export function Compressed(options: CompressedMethodsOptions): ClassMark<object>;
export function Compressed(options: CompressedOptions | CompressedMethodsOptions = {}): ClassMark<object> {
  requireMarkOptions(options, COMPRESSED_OPTIONS, 'Compressed');
  return marking('compressed', options);
}

/**
 * Marks a history provider whose results, or whose input by path, may be stored as memory-mapped files: whether they
 * are, the configuration decides. A class without the named methods is a compile error, and so is an input that is no
 * path or a method that gives no promise.
 */
export function MemoryMapped<const Input extends string, const Name extends string = never>(
  options: MemoryMappedOptions<Name, Input> & { readonly inputs: readonly Input[] },
): ClassMark<
  Record<Name, (...args: never[]) => unknown> & Record<Input, (source: string, ...args: never[]) => Promise<unknown>>
>;
/** For providers whose results are cached. */
export function MemoryMapped<const Name extends string = 'load'>(
  options?: MemoryMappedOptions<Name>,
): ClassMark<Record<Name, (...args: never[]) => unknown>>;
export function MemoryMapped(options: MemoryMappedOptions<string, string> = {}): ClassMark<object> {
  requireMarkOptions(options, MEMORY_MAPPED_OPTIONS, 'MemoryMapped');
  return marking('memoryMapped', options);
}

const COMPRESSED_OPTIONS = ['id', 'carrier', 'minBytes', 'miss', 'acknowledge', 'methods'];
const MEMORY_MAPPED_OPTIONS = [
  ...['id', 'methods', 'inputs', 'inputOptions', 'key'],
  ...['ttlMs', 'version', 'source', 'fullHash'],
];

/**
 * For callers without types, as soon as the class is defined: a misspelt option must not count as left out. What the
 * options hold is checked when the service is wrapped.
 */
function requireMarkOptions(options: object, known: readonly string[], name: string): void {
  if (typeof options === 'function') {
    throw new AtcError('ARGUMENT', `@${name} has to be called: write @${name}() above the class`);
  }
  requireKnownOptions(options, known, `@${name}`);
  const { id } = options as { readonly id?: unknown };
  if (id === undefined || (typeof id === 'string' && id !== '')) return;
  throw new AtcError('ARGUMENT', `@${name}: id must be the name of the service, got ${shown(id)}`);
}

function marking(kind: 'compressed' | 'memoryMapped', options: object): ClassMark<object> {
  return (target) => {
    if (typeof target !== 'function') {
      throw new AtcError(
        'ARGUMENT',
        `a mark belongs on a class, got ${shown(target)}; methods are named in its options`,
      );
    }
    mark(target, kind, options);
    watchMarks();
  };
}
