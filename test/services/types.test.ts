/**
 * What the compiler says about marks and wrappers: wrapped services keep their type, a wrong class is an error. Checked
 * by `npm run typecheck`: every line under @ts-expect-error must be refused, or that line is an error itself.
 */
import {
  applyFeatures,
  type BacktestProvider,
  Compressed,
  defineConfig,
  MemoryMapped,
  onMemoryEvent,
  type ResolvedConfig,
  withCompression,
  withMemoryMapping,
} from 'atc-memory';
import { installMemoryOptimizations, memoryModule } from 'atc-memory/inversify';
import { Container } from 'inversify';
import { Container as Container6 } from 'inversify6';
import { Container as Container7 } from 'inversify7';
import { LRUCache } from 'lru-cache';
import NodeCache from 'node-cache';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles when the two types are the same. */
function same<A, B>(_: Same<A, B>): void {}

@Compressed()
class Cache<Value> {
  #entries = new Map<string, Value>();
  readonly extra = 'kept';
  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }
  set(key: string, value: Value): this {
    this.#entries.set(key, value);
    return this;
  }
  size(): number {
    return this.#entries.size;
  }
}

@MemoryMapped({ ttlMs: 1000, methods: ['load', 'closes'] })
class History {
  load(symbol: string, days: number): Promise<{ close: Float64Array }> {
    return Promise.resolve({ close: new Float64Array(symbol.length + days) });
  }
  closes(): Float64Array {
    return new Float64Array(1);
  }
}

@MemoryMapped({ inputs: ['run'] })
class Backtester implements BacktestProvider<{ fast: number }, number> {
  async run(source: string | readonly string[]): Promise<number> {
    return source.length;
  }
}

@MemoryMapped({ inputs: ['run'], methods: ['closes'], ttlMs: 1000 })
class BothWays extends Backtester {
  closes(): Float64Array {
    return new Float64Array(1);
  }
}

@Compressed({ id: 'Odd', methods: { reads: { fetch: 'value' }, writes: { put: 1 } } })
class OddNames {
  fetch(_: string): unknown {
    return undefined;
  }
  put(_: string, __: unknown): void {}
}

/** Never called: the compiler is what is tested. */
function refused(): void {
  // @ts-expect-error no get and set, and no methods that say what they are called
  @Compressed({ id: 'Wrong' })
  class NoCache {
    fetch(): void {}
  }
  // @ts-expect-error no method load
  @MemoryMapped({ ttlMs: 1 })
  class NoHistory {
    read(): void {}
  }
  // @ts-expect-error a method that the class does not have
  @MemoryMapped({ ttlMs: 1, methods: ['closes', 'opens'] })
  class HalfHistory {
    closes(): void {}
  }
  // @ts-expect-error load is no method
  @MemoryMapped({ ttlMs: 1 })
  class FieldHistory {
    load = 1;
  }
  // @ts-expect-error the input is no path
  @MemoryMapped({ inputs: ['run'] })
  class NoPath {
    async run(bars: number): Promise<number> {
      return bars;
    }
  }
  // @ts-expect-error no promise, and the copy may have to be made first
  @MemoryMapped({ inputs: ['run'] })
  class SyncRun {
    run(source: string): number {
      return source.length;
    }
  }
  // @ts-expect-error no such method
  @MemoryMapped({ inputs: ['start'] })
  class NoRun {
    async run(source: string): Promise<number> {
      return source.length;
    }
  }
  void [NoCache, NoHistory, HalfHistory, FieldHistory, NoPath, SyncRun, NoRun];
  // @ts-expect-error a store has get and set
  withCompression({ read: () => 1 });
  // @ts-expect-error a shape that does not exist
  withCompression(new OddNames(), { methods: { reads: { fetch: 'values?' } } });
  // @ts-expect-error modes are false, 'read', 'verify' and true
  withCompression(new Cache<number>(), { mode: 'on' });
  // @ts-expect-error results are cached under the name of the service
  withMemoryMapping(new History(), { ttlMs: 1 });
  // @ts-expect-error a level from 0 to 9
  defineConfig({ compressionLevel: 12 });
  // @ts-expect-error a key that does not exist
  defineConfig({ useCompresion: true });
  // @ts-expect-error a key of a service that does not exist
  defineConfig({ services: { Cache: { cacheDir: 'x' } } });
  // @ts-expect-error an event that does not exist
  onMemoryEvent('miss!', () => undefined);
  // @ts-expect-error hits tell bytes, not reasons
  onMemoryEvent('hit', (event) => event.reason);
  // @ts-expect-error a container has onActivation
  installMemoryOptimizations({ get: () => 1 }, {});
}

void refused;

test('wrapped services keep their types, their methods and their private fields', () => {
  const cache = withCompression(new Cache<Date>(), { mode: true });
  same<typeof cache, Cache<Date>>(true);
  same<ReturnType<typeof cache.get>, Date | undefined>(true);
  expect(cache.set('a', new Date(0)).size()).toBe(1);
  expect(cache.extra).toBe('kept');

  const odd = withCompression(new OddNames(), { methods: { reads: { fetch: 'value' }, writes: { put: 1 } } });
  same<typeof odd, OddNames>(true);
  const lru = withCompression(new LRUCache<string, object>({ max: 5 }));
  same<typeof lru, LRUCache<string, object>>(true);
  const node = withCompression(new NodeCache({ checkperiod: 0 }));
  same<typeof node, NodeCache>(true);

  const history = withMemoryMapping(new History(), { service: 'History', ttlMs: 1, mode: false });
  same<typeof history, History>(true);
  same<Parameters<typeof history.load>, [symbol: string, days: number]>(true);
  same<ReturnType<typeof history.closes>, Float64Array>(true);

  const backtester = withMemoryMapping(new BothWays(), { service: 'B', inputs: ['run'], methods: [], mode: false });
  same<typeof backtester, BothWays>(true);

  const applied = applyFeatures(new Cache<string>(), { useCompression: false }, 'Cache');
  same<typeof applied, Cache<string>>(true);
});

test('containers of all three majors are taken as they are', () => {
  const ids = { Cache: Symbol('cache'), History, Named: 'named' };
  for (const container of [new Container(), new Container7(), new Container6()]) {
    const installed = installMemoryOptimizations(container, {}, ids);
    same<typeof installed.config, ResolvedConfig>(true);
    expect(installed.config.useCompression).toBe(false);
  }
  new Container().load(memoryModule({}, ids));
  new Container6().load(memoryModule({}, ids));
  return new Container7().load(memoryModule({}, ids));
});
