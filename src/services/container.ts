/**
 * Wrapping what a dependency injection container hands out, when it activates it. The container is described by the few
 * methods that inversify 6, 7 and 8 have in common; nothing of inversify is imported, neither values nor types.
 */
import type { AtcConfig } from '../config/keys.js';
import { loadConfigSync } from '../config/load.js';
import { type ResolvedConfig, resolveConfig } from '../config/resolve.js';
import { AtcError, shown } from '../errors.js';
import { watchContainer } from './container-watch.js';
import { type ActivatingContainer, Installation, type Register, type ServiceIds } from './installation.js';
import { isObject } from './override.js';

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

function configOf(config: AtcConfig | ResolvedConfig | undefined): ResolvedConfig {
  return config === undefined ? loadConfigSync() : resolveConfig(config);
}

/** For callers without types: an identifier that is undefined, say for a misspelt name, would bind nothing. */
function requireIds(ids: unknown): asserts ids is ServiceIds {
  if (!isObject(ids) || Array.isArray(ids)) {
    throw new AtcError('ARGUMENT', `the identifiers must be an object of names and identifiers, got ${shown(ids)}`);
  }
  for (const [name, id] of Object.entries(ids)) {
    if (typeof id === 'string' || typeof id === 'symbol' || typeof id === 'function') continue;
    throw new AtcError('ARGUMENT', `the identifier of ${name} is ${shown(id)}; allowed: a string, a symbol or a class`);
  }
}

function requireContainer(container: unknown): asserts container is ActivatingContainer {
  const { onActivation, isBound, get } = (isObject(container) ? container : {}) as Partial<ActivatingContainer>;
  if ([onActivation, isBound, get].every((method) => typeof method === 'function')) return;
  const needed = 'a container of inversify 6, 7 or 8 (with onActivation, isBound and get)';
  throw new AtcError('ARGUMENT', `needed is ${needed}, got ${shown(container)}`);
}

/**
 * Wraps the named services of `container`, and marked classes that are bound to themselves, when they are activated.
 * Call it before the first `get`; bindings may come later, and may be replaced. With everything off the container is
 * left alone. Throws ARGUMENT for what is no container or identifier, UNSUPPORTED for a container whose methods cannot
 * be overridden.
 */
export function installMemoryOptimizations(
  container: ActivatingContainer,
  config?: AtcConfig | ResolvedConfig,
  ids: ServiceIds = {},
): MemoryOptimizations {
  requireContainer(container);
  requireIds(ids);
  const installation = new Installation(configOf(config), ids);
  const register: Register = (id, activation) => container.onActivation(id, activation);
  if (!installation.isAllOff) watchContainer(container, installation.watcher(container, register));
  installation.register(register, container);
  return { config: installation.config, verify: () => installation.verify(container) };
}

let modules = 0;

/**
 * The same as a module, for `container.load`: `container.load(memoryModule(config, { CandleCache: TYPES.CandleCache
 * }))`. Without a configuration the one of the project is loaded. A module does not know which container loads it: hand
 * over the `container` too, and services that are bound anew stay wrapped, and what was resolved too early or marked
 * and never wrapped is reported at its first use, not by `verify` alone. Typed loosely, because each inversify major
 * has a module class of its own.
 */
export function memoryModule(
  config?: AtcConfig | ResolvedConfig,
  ids: ServiceIds = {},
  container?: ActivatingContainer,
  // biome-ignore lint/suspicious/noExplicitAny: see above
): any {
  requireIds(ids);
  if (container !== undefined) requireContainer(container);
  const installation = new Installation(configOf(config), ids);
  modules++;
  const install = (onActivation: Register) => {
    installation.register(onActivation, container);
    if (container === undefined || installation.isAllOff) return;
    const register: Register = (id, activation) => container.onActivation(id, activation);
    watchContainer(container, installation.watcher(container, register, module));
  };
  const module = {
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
    verify: (verified: ActivatingContainer) => {
      requireContainer(verified);
      return installation.verify(verified);
    },
  };
  return module;
}
