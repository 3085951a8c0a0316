/**
 * `@Compressed` and `@MemoryMapped`: marks on classes and nothing else. They work as legacy and as standard decorators,
 * above or below `@injectable`, and are recognised across copies of the package: the keys are registered symbols.
 */
import type { FreshnessOptions, WithMemoryMappingOptions } from './results/mapping-settings.js';
import type { CacheStore } from './stores/cache-store.js';
import type { MappedCompressionOptions, WithCompressionOptions } from './stores/compression-settings.js';

interface Identified {
  /** Name of the service: its key in `services` of the configuration. Default: the name of the class. */
  readonly id?: string;
}

/** Options of `@Compressed`. Mode, level and algorithm come from the configuration, which also overrides `carrier`. */
export interface CompressedOptions
  extends Identified,
    Pick<WithCompressionOptions, 'carrier' | 'minBytes' | 'miss' | 'acknowledge'> {}

/** For stores whose methods have other names. */
export interface CompressedMethodsOptions extends CompressedOptions, Pick<MappedCompressionOptions, 'methods'> {}

/** Options of `@MemoryMapped`. Modes come from the configuration, which also overrides `methods` and `ttlMs`. */
export interface MemoryMappedOptions<Name extends string = 'load', Input extends string = never>
  extends Identified,
    FreshnessOptions,
    Pick<WithMemoryMappingOptions, 'key' | 'inputOptions'> {
  /** Methods whose results are cached. Default `['load']`, or none when there are `inputs`. */
  readonly methods?: readonly Name[];
  /**
   * Async methods that are given their history by path: they get a mapped or packed copy of it. For a
   * `BacktestProvider`: `['run']`.
   */
  readonly inputs?: readonly Input[];
}

/** A class, abstract or not, whose instances have the methods that a mark needs; its constructor may take anything. */
export type MarkableClass<Instance> = abstract new (...args: never[]) => Instance;
/**
 * A decorator of classes whose instances have the methods that it needs: another class is a compile error. Legacy
 * decorators are called with the class, standard ones with their context as well.
 */
export type ClassMark<Instance> = <Class extends MarkableClass<Instance>>(target: Class, context?: unknown) => void;

const COMPRESSED = Symbol.for('atc-memory/compressed');
const MEMORY_MAPPED = Symbol.for('atc-memory/memory-mapped');
const MARKED = Symbol.for('atc-memory/marked-classes');
const registry = globalThis as { [MARKED]?: Set<WeakRef<MarkableClass<object>>> };

function mark(target: MarkableClass<object>, key: symbol, options: object): void {
  Object.defineProperty(target, key, { value: options, configurable: true });
  (registry[MARKED] ??= new Set()).add(new WeakRef(target));
}

/**
 * Marks a cache whose values may be stored compressed: whether they are, the configuration decides. A class without
 * `get` and `set` is a compile error, unless `methods` says what its methods are called.
 */
export function Compressed(options?: CompressedOptions): ClassMark<Pick<CacheStore, 'get' | 'set'>>;
export function Compressed(options: CompressedMethodsOptions): ClassMark<object>;
export function Compressed(options: CompressedOptions | CompressedMethodsOptions = {}): ClassMark<object> {
  return (target) => mark(target, COMPRESSED, options);
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
  return (target) => mark(target, MEMORY_MAPPED, options);
}

export interface Marks {
  readonly compressed?: CompressedOptions & Partial<CompressedMethodsOptions>;
  readonly memoryMapped?: MemoryMappedOptions<string, string>;
}

/** The marks of a class or of the class of an object, its own or inherited; whichever copy of the package made them. */
export function marksOf(target: object): Marks {
  const marked = (typeof target === 'function' ? target : target.constructor) as
    | { [COMPRESSED]?: Marks['compressed']; [MEMORY_MAPPED]?: Marks['memoryMapped'] }
    | undefined;
  return { compressed: marked?.[COMPRESSED], memoryMapped: marked?.[MEMORY_MAPPED] };
}

/** Every class of the process that carries a mark and is still there. */
export function markedClasses(): MarkableClass<object>[] {
  const found = new Set<MarkableClass<object>>();
  for (const reference of registry[MARKED] ?? []) {
    const target = reference.deref();
    if (target === undefined) registry[MARKED]?.delete(reference);
    else found.add(target);
  }
  return [...found];
}

/** What a marked class is called in the configuration. */
export function markedName(target: object): string {
  const { compressed, memoryMapped } = marksOf(target);
  const named = target as { name?: string };
  return compressed?.id ?? memoryMapped?.id ?? named.name ?? '';
}
