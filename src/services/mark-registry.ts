/**
 * Which classes carry a mark, and with which options. The keys are registered symbols, so that marks are recognised
 * across copies of the package.
 */
import type { FreshnessOptions, WithMemoryMappingOptions } from './results/mapping-settings.js';
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
const COMPRESSED = Symbol.for('atc-memory/compressed');
const MEMORY_MAPPED = Symbol.for('atc-memory/memory-mapped');
const MARKED = Symbol.for('atc-memory/marked-classes');
const registry = globalThis as { [MARKED]?: Set<WeakRef<MarkableClass<object>>> };

/** Writes the mark on the class, and the class on the list of the process. */
export function mark(target: MarkableClass<object>, key: MarkKey, options: object): void {
  Object.defineProperty(target, KEYS[key], { value: options, configurable: true });
  (registry[MARKED] ??= new Set()).add(new WeakRef(target));
}

type MarkKey = 'compressed' | 'memoryMapped';
const KEYS: Readonly<Record<MarkKey, symbol>> = { compressed: COMPRESSED, memoryMapped: MEMORY_MAPPED };

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
