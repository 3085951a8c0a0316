/** One application: its providers are wrapped as they are created, and what they hold open is closed at its end. */
import { AtcError, nearestHint, type ServiceActivator } from 'atc-memory';
import { closeService, read } from './closing.js';
import { type DiscoveryService, type InstanceWrapper, type LazyModuleLoader, requireWrapper } from './host.js';
import { watchProvider } from './watched-provider.js';

type Class = abstract new (...args: never[]) => object;

/** Injection tokens by the name under which `services` of the configuration knows them. */
export type ServiceTokens = Readonly<Record<string, unknown>>;

export class MemoryApplication {
  readonly #discovery: DiscoveryService;
  readonly #activator: ServiceActivator;
  readonly #tokens: ServiceTokens;
  readonly #watched = new Set<InstanceWrapper>();

  constructor(
    discovery: DiscoveryService,
    loader: LazyModuleLoader,
    activator: ServiceActivator,
    tokens: ServiceTokens,
  ) {
    this.#discovery = discovery;
    this.#activator = activator;
    this.#tokens = tokens;
    if (activator.isOff) return;
    this.watch();
    this.#followLazyModules(loader);
  }

  /** Watches providers that are not watched yet. */
  watch(): void {
    if (this.#activator.isOff) return;
    for (const wrapper of this.#discovery.getProviders()) {
      if (this.#watched.has(wrapper)) continue;
      this.#watched.add(wrapper);
      requireWrapper(wrapper);
      const name = this.#nameOf(wrapper);
      if (!this.#mayConcern(wrapper, name)) continue;
      watchProvider(wrapper, (instance) => {
        // Nest awaits a promise and writes what it resolves to as well.
        if (isThenable(instance) || (name === undefined && read(instance, 'constructor') === undefined)) return;
        this.#activator.activate(instance, name);
      });
    }
  }

  /** Before the first request: a name or a mark that no provider stands for is a mistake. */
  check(): void {
    this.watch();
    if (this.#activator.isOff) return;
    const known = new Set([...this.#watched].map(({ token }) => token));
    for (const [name, token] of Object.entries(this.#tokens)) {
      if (known.has(token)) continue;
      const text = typeof token === 'function' ? token.name : String(token);
      const hint = nearestHint(text, [...known].filter((one) => typeof one === 'string') as string[]);
      throw new AtcError('CONFIG', `the token ${text} of ${name} names no provider of this application${hint}`);
    }
    if ([...this.#watched].some(isPendingFactory)) return;
    this.#activator.warnOfForgotten([...this.#watched].flatMap((wrapper) => classOf(wrapper) ?? []));
  }

  /** Closes the datasets and stores that providers of the application hold; each only once. */
  async close(): Promise<void> {
    const services = new Set(
      this.#discovery.getProviders().flatMap((wrapper) => (wrapper.isDependencyTreeStatic() ? [wrapper.instance] : [])),
    );
    const results = await Promise.allSettled([...services].map(async (service) => closeService(service)));
    const failed = results.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  }

  #nameOf({ token }: InstanceWrapper): string | undefined {
    return Object.keys(this.#tokens).find((name) => this.#tokens[name] === token);
  }

  /** What an alias stands for is watched under its own token. */
  #mayConcern(wrapper: InstanceWrapper, name: string | undefined): boolean {
    if (name !== undefined) return true;
    if (wrapper.isAlias) return false;
    const target = classOf(wrapper);
    return target === undefined || this.#activator.concerns(target);
  }

  /** Nest calls no hook for modules that are loaded later. */
  #followLazyModules(loader: LazyModuleLoader): void {
    const { load } = loader;
    Object.defineProperty(loader, 'load', {
      configurable: true,
      writable: true,
      value: async (...args: unknown[]) => {
        const loaded = await load.apply(loader, args);
        this.watch();
        return loaded;
      },
    });
  }
}

/** A factory that runs later, for a request, may return anything. Those of Nest itself return requests. */
function isPendingFactory(wrapper: InstanceWrapper): boolean {
  const { inject, isAlias, host } = wrapper;
  return Boolean(inject) && !isAlias && host?.name !== 'InternalCoreModule' && !wrapper.isDependencyTreeStatic();
}

/** Of a provider that Nest constructs; undefined of factories and values. */
function classOf({ metatype, inject }: InstanceWrapper): Class | undefined {
  return typeof metatype === 'function' && !inject && metatype.prototype ? (metatype as Class) : undefined;
}

function isThenable(value: unknown): boolean {
  return typeof read(value, 'then') === 'function';
}
