/**
 * A NestJS application as a user writes one, run by application.test.ts with NestJS 11 and 12: marked providers of
 * every scope and kind, a cache behind HTTP, a dataset. Prints `listening PORT`; what it knows is asked for by HTTP.
 */
import 'reflect-metadata';
import { CACHE_MANAGER, CacheInterceptor, CacheModule } from '@nestjs/cache-manager';
import {
  Controller,
  forwardRef,
  Get,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
  Param,
  Scope,
  UseInterceptors,
} from '@nestjs/common';
import { LazyModuleLoader, ModuleRef, NestFactory } from '@nestjs/core';
import { Compressed, type Dataset, isCompressed, isMemoryMapped, MemoryMapped, openDataset } from 'atc-memory';
import { cacheModuleOptions, MEMORY_CONFIG, MemoryModule } from 'atc-memory/nestjs';

const rows = (n: number) => Array.from({ length: n }, (_, i) => ({ timestamp: i * 60_000, close: 100 + (i % 40) / 8 }));

/** What all caches of the application have: the entries outlive the instance, as in a server of its own. */
class Cache {
  static readonly entries = new Map<string, unknown>();
  get(key: string): unknown {
    return Cache.entries.get(key);
  }
  set(key: string, value: unknown): void {
    Cache.entries.set(key, value);
  }
}

@Injectable()
@Compressed({ id: 'CandleCache' })
class CandleCache extends Cache {}

@Injectable({ scope: Scope.REQUEST })
@Compressed()
class RequestCache extends Cache {}

@Injectable({ scope: Scope.TRANSIENT })
@Compressed()
class TransientCache extends Cache {}

@Compressed()
class MadeCache extends Cache {}

/** No mark: named by the configuration and by its token. */
class ForeignCache extends Cache {}

@Injectable()
@Compressed()
class LazyCache extends Cache {}

/** Each needs the other, and each is marked. */
@Injectable({ scope: Scope.REQUEST })
@Compressed()
class LeftCache extends Cache {
  constructor(@Inject(forwardRef(() => RightCache)) readonly right: object) {
    super();
  }
}
@Injectable({ scope: Scope.REQUEST })
@Compressed()
class RightCache extends Cache {
  constructor(@Inject(forwardRef(() => LeftCache)) readonly left: object) {
    super();
  }
}

@Injectable()
@MemoryMapped({ id: 'History', ttlMs: 3_600_000 })
class History {
  calls = 0;
  async load(symbol: string) {
    this.calls++;
    return { symbol, close: Float64Array.from({ length: 3000 }, (_, i) => 100 + (i % 97) / 100) };
  }
}

/** What is asked for in a hook of another module is wrapped already. */
@Injectable()
class Warming implements OnModuleInit {
  inHook = false;
  constructor(
    @Inject(CandleCache) private readonly cache: object,
    @Inject(TransientCache) readonly transient: object,
  ) {}
  onModuleInit(): void {
    this.inHook = isCompressed(this.cache);
  }
}

@Module({ providers: [LazyCache] })
class LazyModule {}

interface ValueCache {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<unknown>;
}

/** As text that JSON does not change: the type, and what is in it. */
function described(value: unknown): string {
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (value instanceof Map) return `Map ${[...value].map(([key, one]) => `${described(key)} ${described(one)}`)}`;
  if (value instanceof Float64Array) return `Float64Array ${[...value].map(described)}`;
  return `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`;
}

/** What JSON loses. */
const VALUES: Record<string, () => unknown> = {
  date: () => new Date(1_700_000_000_000),
  map: () => new Map<unknown, unknown>([[1, new Date(7)]]),
  closes: () => Float64Array.of(1.5, Number.NaN, -0, Infinity),
  nan: () => Number.NaN,
  big: () => 12n,
};
let computed = 0;

@Injectable()
class Values {
  constructor(@Inject(CACHE_MANAGER) private readonly cache: ValueCache) {}
  /** From the cache, or computed and cached. */
  async value(name: string): Promise<unknown> {
    const cached = await this.cache.get(name);
    if (cached !== undefined && cached !== null) return cached;
    computed++;
    await this.cache.set(name, VALUES[name]());
    return VALUES[name]();
  }
}

@Injectable()
class Ending implements OnApplicationShutdown {
  constructor(@Inject('DATASET') private readonly dataset: Dataset) {}
  onApplicationShutdown(signal?: string): void {
    console.log(`shutdown ${signal} with ${this.dataset.table('X').column('close').length} rows`);
  }
}

@Controller()
class Answers {
  constructor(
    @Inject(Values) private readonly values: Values,
    @Inject(History) private readonly history: History,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(LazyModuleLoader) private readonly loader: LazyModuleLoader,
    @Inject(Warming) private readonly warming: Warming,
    @Inject('DATASET') private readonly dataset: Dataset,
    @Inject(MEMORY_CONFIG) private readonly config: { cacheDir: string },
  ) {}

  @Get('values/:name')
  async value(@Param('name') name: string) {
    return { value: described(await this.values.value(name)), computed };
  }

  @Get('report')
  @UseInterceptors(CacheInterceptor)
  report() {
    computed++;
    return { at: new Date(1_700_000_000_000), closes: [1.5, 2.5] };
  }

  @Get('history')
  async closes() {
    const { close } = await this.history.load('BTCUSDT');
    return { type: close.constructor.name, sum: close.reduce((a, b) => a + b, 0), calls: this.history.calls };
  }

  @Get('wrapped')
  async wrapped() {
    const get = (token: unknown) => this.moduleRef.get(token as string, { strict: false });
    const lazy = await this.loader.load(() => LazyModule);
    const cache = get(CandleCache) as Cache;
    cache.set('rows', rows(500));
    return {
      default: isCompressed(get(CandleCache)),
      transient: isCompressed(this.warming.transient),
      resolved: isCompressed(await this.moduleRef.resolve(TransientCache, undefined, { strict: false })),
      class: isCompressed(get('CLASS')),
      factory: isCompressed(get('FACTORY')),
      promised: isCompressed(get('PROMISED')),
      value: isCompressed(get('VALUE')),
      alias: isCompressed(get('ALIAS')) && get('ALIAS') === cache,
      foreign: isCompressed(get('FOREIGN')),
      lazy: isCompressed(lazy.get(LazyCache)),
      mapped: isMemoryMapped(this.history),
      inHook: this.warming.inHook,
      encoded: Cache.entries.get('rows') instanceof Uint8Array || typeof Cache.entries.get('rows') === 'string',
      same: JSON.stringify(cache.get('rows')) === JSON.stringify(rows(500)),
    };
  }

  @Get('dataset')
  rowsOfDataset() {
    return { rows: this.dataset.table('X').column('close').length, cacheDir: this.config.cacheDir };
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class ScopedAnswers {
  constructor(
    @Inject(RequestCache) private readonly cache: object,
    @Inject(TransientCache) private readonly transient: object,
    @Inject('SCOPED_FACTORY') private readonly made: object,
    @Inject(LeftCache) private readonly left: LeftCache,
  ) {}
  @Get()
  wrapped() {
    const { right } = this.left as unknown as { right: RightCache };
    return {
      request: isCompressed(this.cache),
      transient: isCompressed(this.transient),
      factory: isCompressed(this.made),
      left: isCompressed(this.left),
      right: isCompressed(right),
    };
  }
}

const settings = JSON.parse(process.env.SETTINGS ?? 'null') ?? undefined;
const tokens = { Foreign: 'FOREIGN' };

@Module({ providers: [{ provide: 'SETTINGS', useValue: settings }], exports: ['SETTINGS'] })
class SettingsModule {}

const memory =
  process.env.ASYNC === '1'
    ? MemoryModule.forRootAsync({
        imports: [SettingsModule],
        inject: ['SETTINGS'],
        useFactory: async (given) => new Promise((resolve) => setTimeout(resolve, 50, given)),
        tokens,
      })
    : MemoryModule.forRoot(settings, { tokens });

@Module({
  imports: [CacheModule.registerAsync(cacheModuleOptions()), memory],
  controllers: [Answers, ScopedAnswers],
  providers: [
    ...[CandleCache, RequestCache, TransientCache, LeftCache, RightCache, History, Warming, Values, Ending],
    { provide: 'CLASS', useClass: MadeCache },
    { provide: 'FACTORY', useFactory: () => new MadeCache() },
    { provide: 'PROMISED', useFactory: async () => new MadeCache() },
    { provide: 'SCOPED_FACTORY', scope: Scope.REQUEST, useFactory: async () => new MadeCache() },
    { provide: 'VALUE', useValue: new MadeCache() },
    { provide: 'ALIAS', useExisting: CandleCache },
    { provide: 'FOREIGN', useFactory: () => new ForeignCache() },
    { provide: 'DATASET', useFactory: () => openDataset('dataset') },
  ],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error'], abortOnError: false });
  app.enableShutdownHooks();
  const dataset = app.get<Dataset>('DATASET');
  app.getHttpServer().on('close', () => console.log('server closed'));
  const { exit, kill } = process;
  // Nest ends the process by the signal; what the dataset is like then is what this is about.
  process.kill = (pid, signal) => {
    let state = 'open';
    try {
      dataset.table('X').column('close');
    } catch (error) {
      state = (error as { code: string }).code;
    }
    process.stdout.write(`dataset ${state}\n`, () => kill.call(process, pid, signal));
    return true;
  };
  process.exit = exit;
  await app.listen(0, '127.0.0.1');
  console.log(`listening ${app.getHttpServer().address().port}`);
}

main().catch((error) => {
  console.error(`${error.code}: ${error.message}`);
  process.exit(1);
});
