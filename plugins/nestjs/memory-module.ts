/** The module that an application imports once. */
import { type AtcConfig, AtcError, loadConfig, type ResolvedConfig, serviceActivator } from 'atc-memory';
import { type NestToken, nestCore } from './host.js';
import { MemoryApplication, type ServiceTokens } from './memory-application.js';

/** Injection token of the `ResolvedConfig` in force; exported to every module of the application. */
export const MEMORY_CONFIG: unique symbol = Symbol.for('atc-memory/nestjs/config');
const APPLICATION = Symbol('atc-memory/nestjs/application');

/** Which providers are meant, besides the configuration. */
export interface MemoryModuleOptions {
  /**
   * Providers without a mark, or under an injection token, by the name of their key in `services` of the configuration:
   * `{ CandleCache: CACHE_MANAGER }`. A token that names no provider is CONFIG when the application starts.
   */
  readonly tokens?: ServiceTokens;
}

/** As everywhere in Nest. */
export interface MemoryModuleAsyncOptions extends MemoryModuleOptions {
  /** The configuration; undefined loads the one of the project. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever is injected
  useFactory(...injected: any[]): MemoryConfig | Promise<MemoryConfig>;
  /** Tokens of what the factory is called with. Default none. */
  readonly inject?: NestToken[];
  /** Modules that export these. Default none. */
  readonly imports?: NestToken[];
}

/** Given in code, or of `loadConfig`. */
export type MemoryConfig = AtcConfig | ResolvedConfig | undefined;

/** What Nest imports. */
export interface MemoryDynamicModule {
  /** The class of the module. */
  readonly module: typeof MemoryModule;
  /** Every module of the application can inject `MEMORY_CONFIG`. */
  readonly global: true;
  /** Modules that it imports itself. */
  readonly imports: NestToken[];
  /** Its providers. */
  readonly providers: NestToken[];
  /** Tokens that it exports. */
  readonly exports: NestToken[];
}

/**
 * Honours `@Compressed` and `@MemoryMapped` on every provider of the application: classes, factories and values, in
 * default, request and transient scope, in modules that are loaded lazily too. Import it once, in the root module. What
 * is marked and provided nowhere is warned of (`ATC_NOT_WRAPPED`) when the application starts. At its end datasets,
 * histories, candle stores, mapped arrays and file stores that are providers are closed, after every other module.
 *
 * With everything off no provider is touched. The application does not start for a wrong configuration (CONFIG) or a
 * marked service that cannot be wrapped (UNSUPPORTED).
 */
export class MemoryModule {
  #application: MemoryApplication | undefined;

  /** With a configuration, or the one of the project. */
  static forRoot(config?: MemoryConfig, options: MemoryModuleOptions = {}): MemoryDynamicModule {
    return MemoryModule.forRootAsync({ ...options, useFactory: () => config });
  }

  /** With a configuration that a factory returns. Throws ARGUMENT without one, UNSUPPORTED where NestJS is missing. */
  static forRootAsync(options: MemoryModuleAsyncOptions): MemoryDynamicModule {
    const { useFactory, inject = [], imports = [], tokens = {} } = options ?? {};
    if (typeof useFactory !== 'function') {
      throw new AtcError(
        'ARGUMENT',
        'MemoryModule.forRootAsync needs useFactory, a function that returns the configuration',
      );
    }
    if (typeof tokens !== 'object' || tokens === null) {
      throw new AtcError('ARGUMENT', 'tokens must be an object of names and injection tokens');
    }
    const { DiscoveryModule, DiscoveryService, LazyModuleLoader } = nestCore();
    const activator = Symbol('atc-memory/nestjs/activator');
    return {
      module: MemoryModule,
      global: true,
      imports: [DiscoveryModule, ...imports],
      providers: [
        {
          provide: activator,
          useFactory: async (...injected: unknown[]) =>
            serviceActivator((await useFactory(...injected)) ?? (await loadConfig())),
          inject,
        },
        { provide: MEMORY_CONFIG, useFactory: ({ config }: { config: ResolvedConfig }) => config, inject: [activator] },
        {
          provide: APPLICATION,
          useFactory: (module: MemoryModule, discovery: never, loader: never, wraps: never) => {
            module.#application = new MemoryApplication(discovery, loader, wraps, tokens);
          },
          inject: [MemoryModule, DiscoveryService, LazyModuleLoader, activator],
        },
      ],
      exports: [MEMORY_CONFIG],
    };
  }

  /** Called by Nest once every provider has been created, before the hooks of other modules. */
  onModuleInit(): void {
    if (this.#application === undefined) {
      const advice = 'write imports: [MemoryModule.forRoot()]';
      throw new AtcError('CONFIG', `MemoryModule was imported as it is, which switches nothing on; ${advice}`);
    }
    this.#application.watch();
  }

  /** Called by Nest before the application listens. */
  onApplicationBootstrap(): void {
    this.#application?.check();
  }

  /** Called by Nest after the connections were closed, after the hooks of other modules. */
  async onApplicationShutdown(): Promise<void> {
    await this.#application?.close();
  }
}
