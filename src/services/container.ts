/**
 * Wrapping what a dependency injection container hands out, when it activates it. The container is described by the few
 * methods that inversify 6, 7 and 8 have in common; nothing of inversify is imported, neither values nor types.
 */
import type { AtcConfig } from '../config/keys.js';
import { loadConfigSync } from '../config/load.js';
import { type ResolvedConfig, resolveConfig } from '../config/resolve.js';
import { AtcError, reasonOf } from '../errors.js';
import { nearestHint } from '../nearest.js';
import { featuresOf, isWrapped, wrapService } from './apply-features.js';
import { markedClasses, markedName } from './marks.js';
import { isThenable } from './override.js';

/** Whatever the container takes as a service identifier. */
export type ServiceId = string | symbol | (abstract new (...args: never[]) => object);

/** Service identifiers by the name under which `services` of the configuration knows them. */
export type ServiceIds = Readonly<Record<string, ServiceId>>;

type Activation = (context: never, service: never) => unknown;

/** The container that owns the bindings: a child's activations would leak into its parent's singletons. */
export interface ActivatingContainer {
  /** Registers a handler that gets every instance once and returns what is served instead of it. */
  // biome-ignore lint/suspicious/noExplicitAny: the three majors type identifiers and handlers each in their own way
  onActivation(id: any, handler: any): unknown;
  /** Whether the container itself knows the id. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  isBound(id: any): boolean;
  /** Resolves synchronously. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  get(id: any): unknown;
  /** Resolves what has asynchronous bindings. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  getAsync?(id: any): Promise<any>;
}

/** What was installed on a container, and the way to check it. */
export interface MemoryOptimizations {
  /** In force for every service, with its origins. */
  readonly config: ResolvedConfig;
  /**
   * Resolves every named or marked service once and fails with CONFIG, one line each, for those that were resolved
   * before they could be wrapped, are not bound, or are marked and were never wrapped. Does nothing when everything is
   * off.
   */
  verify(): Promise<void>;
}

type Register = (id: ServiceId, activation: Activation) => unknown;

class Installation {
  /** Classes that were activated at least once since. */
  readonly #activated = new Set<unknown>();
  /** Named by the caller first, then marked classes. Two classes may have one name. */
  readonly #ids: readonly (readonly [name: string, id: ServiceId])[];
  readonly #named: ReadonlySet<string>;
  #hasWarned = false;
  #hasLookedForForgotten = false;

  constructor(
    readonly config: ResolvedConfig,
    ids: ServiceIds,
  ) {
    const named = Object.entries(ids);
    const given = new Set<ServiceId>(named.map(([, id]) => id));
    // Classes bound to themselves need not be named.
    const marked = markedClasses().filter((target) => !given.has(target));
    this.#ids = [...named, ...marked.map((target) => [markedName(target), target] as const)];
    this.#named = new Set(Object.keys(ids));
  }

  /** With everything off for a service, the container is left untouched. */
  register(onActivation: Register): void {
    for (const [name, id] of this.#ids) {
      if (this.#isOff(name)) continue;
      onActivation(id, (_: never, service: unknown) => this.#activate(name, service));
    }
  }

  get isAllOff(): boolean {
    return this.#ids.every(([name]) => this.#isOff(name));
  }

  #isOff(name: string): boolean {
    const own = this.config.services[name];
    const compression = own?.useCompression ?? this.config.useCompression;
    const mapping = own?.useMemoryMapped ?? this.config.useMemoryMapped;
    return compression === false && mapping === false;
  }

  #activate(name: string, service: unknown): unknown {
    if (isThenable(service)) return service.then((resolved) => this.#activate(name, resolved));
    if (typeof service !== 'object' || service === null) return service;
    this.#activated.add(service.constructor);
    return wrapService(service, featuresOf(service, this.config, name));
  }

  /** A service that was asked for by its own id and should have been wrapped, but is not. */
  lookAt(id: unknown, service: unknown): void {
    if (this.#hasWarned || typeof service !== 'object' || service === null) return;
    for (const [name, known] of this.#ids) {
      if (known !== id || this.#isOff(name) || isWrapped(service, featuresOf(service, this.config, name))) continue;
      this.#hasWarned = true;
      process.emitWarning(tooEarly(name), { code: 'ATC_NOT_WRAPPED' });
    }
  }

  /**
   * After the first use, when what the application is made of has been activated: marked classes that nothing was
   * wrapped of.
   */
  lookForForgotten(container: ActivatingContainer): void {
    if (this.#hasLookedForForgotten) return;
    this.#hasLookedForForgotten = true;
    const forgotten = this.#ids.flatMap(([name, id]) => {
      const isKnown = typeof id !== 'function' || this.#named.has(name) || this.#activated.has(id);
      return isKnown || this.#isOff(name) || container.isBound(id) ? [] : [name];
    });
    for (const name of new Set(forgotten)) process.emitWarning(unknownBinding(name), { code: 'ATC_NOT_WRAPPED' });
  }

  async verify(container: ActivatingContainer): Promise<void> {
    const known = [...new Set(this.#ids.map(([name]) => name))];
    const problems = Object.keys(this.config.services)
      .filter((name) => !known.includes(name))
      .map((name) => `services.${name} of the configuration names no service${nearestHint(name, known)}`);
    for (const [name, id] of this.#ids) {
      if (this.#isOff(name)) continue;
      const problem = await this.#problemOf(container, name, id);
      if (problem !== undefined) problems.push(problem);
    }
    if (problems.length > 0) throw new AtcError('CONFIG', [...new Set(problems)].join('\n'));
  }

  async #problemOf(container: ActivatingContainer, name: string, id: ServiceId): Promise<string | undefined> {
    if (!container.isBound(id)) {
      const isMarked = typeof id === 'function';
      // Bound under the identifier that was given for its name, or under one whose instances have passed.
      if (isMarked && (this.#named.has(name) || this.#activated.has(id))) return undefined;
      return isMarked ? unknownBinding(name) : `${name} is not bound`;
    }
    let service: unknown;
    try {
      service = await (container.getAsync ? container.getAsync(id) : container.get(id));
    } catch (error) {
      return `${name} cannot be resolved: ${reasonOf(error)}`;
    }
    if (typeof service !== 'object' || service === null) return `${name} is no object`;
    return isWrapped(service, featuresOf(service, this.config, name)) ? undefined : tooEarly(name);
  }
}

function unknownBinding(name: string): string {
  const advice = 'give its identifier to installMemoryOptimizations or memoryModule';
  return `${name} is marked but bound under another identifier; ${advice}`;
}

function tooEarly(name: string): string {
  return `${name} was resolved before it could be wrapped, and a container activates a singleton only once; install earlier`;
}

function configOf(config: AtcConfig | ResolvedConfig | undefined): ResolvedConfig {
  return config === undefined ? loadConfigSync() : resolveConfig(config);
}

/**
 * Wraps the named services of `container`, and marked classes that are bound to themselves, when they are activated.
 * Call it before the first `get`; bindings may come later. With everything off the container is left alone.
 */
export function installMemoryOptimizations(
  container: ActivatingContainer,
  config?: AtcConfig | ResolvedConfig,
  ids: ServiceIds = {},
): MemoryOptimizations {
  const installation = new Installation(configOf(config), ids);
  installation.register((id, activation) => container.onActivation(id, activation));
  if (!installation.isAllOff) watch(container, installation);
  return { config: installation.config, verify: () => installation.verify(container) };
}

/** Warns, once, of what is handed out unwrapped or was never wrapped: it would go unnoticed otherwise. */
function watch(container: ActivatingContainer, installation: Installation): void {
  const { get, getAsync } = container;
  // A factory may ask for more while it is asked itself: not everything has been activated before the outermost one is
  // done.
  let depth = 0;
  const look = <Service>(id: unknown, service: Service): Service => {
    installation.lookAt(id, service);
    if (depth === 0) installation.lookForForgotten(container);
    return service;
  };
  const watched = {
    get(this: unknown, ...args: unknown[]): unknown {
      let service: unknown;
      depth++;
      try {
        service = Reflect.apply(get, this, args);
      } finally {
        depth--;
      }
      return look(args[0], service);
    },
    async getAsync(this: unknown, ...args: unknown[]): Promise<unknown> {
      return look(args[0], await Reflect.apply(getAsync as NonNullable<typeof getAsync>, this, args));
    },
  };
  const names = getAsync === undefined ? (['get'] as const) : (['get', 'getAsync'] as const);
  for (const name of names) {
    Object.defineProperty(container, name, { value: watched[name], writable: true, configurable: true });
  }
}

let modules = 0;

/**
 * The same as a module, for `container.load`: `container.load(memoryModule(config, { CandleCache: TYPES.CandleCache
 * }))`. Without a configuration the one of the project is loaded. A module does not know which container loads it: hand
 * over the `container` too, and what was resolved too early or marked and never wrapped is reported at its first use,
 * not by `verify` alone. Typed loosely, because each inversify major has a module class of its own.
 */
export function memoryModule(
  config?: AtcConfig | ResolvedConfig,
  ids: ServiceIds = {},
  container?: ActivatingContainer,
  // biome-ignore lint/suspicious/noExplicitAny: see above
): any {
  const installation = new Installation(configOf(config), ids);
  modules++;
  const install = (onActivation: Register) => {
    installation.register(onActivation);
    if (container !== undefined && !installation.isAllOff) watch(container, installation);
  };
  return {
    // Negative, so that it is nobody else's.
    id: -modules,
    /** inversify 7 and 8. */
    load({ onActivation }: { onActivation: Register }): void {
      install(onActivation);
    },
    /** inversify 6. */
    registry(...parts: unknown[]): void {
      install(parts[5] as Register);
    },
    verify: (container: ActivatingContainer) => installation.verify(container),
  };
}
