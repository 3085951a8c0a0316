/** Marks and activation in the three majors of inversify that are around. */
import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { jest } from '@jest/globals';
import { applyFeatures, Compressed, isAtcError, isCompressed, isMemoryMapped, MemoryMapped } from 'atc-memory';
import { installMemoryOptimizations, memoryModule } from 'atc-memory/inversify';
import { LRUCache } from 'lru-cache';
import { expectSame } from '../same-value.js';
import { type Any, cacheDir, IDS, majors, on, services, TYPES } from './inversify-fixture.js';
import { candles } from './stores/sample-values.js';
import { rawOf } from './stores/strangers.js';

describe.each(majors)('inversify %s', (major, inversify) => {
  const bound = (isAbove = false) => {
    const made = services(inversify, isAbove);
    const container = new inversify.Container();
    container.bind(TYPES.Cache).to(made.CandleCache).inSingletonScope();
    container.bind(TYPES.History).to(made.PriceHistory).inSingletonScope();
    return { container, ...made };
  };

  test.each([false, true])('two marks and a config: cache and history are on (our mark above: %s)', async (isAbove) => {
    const { container, CandleCache } = bound(isAbove);
    const installed = installMemoryOptimizations(container, on(), IDS);
    const cache = container.get(TYPES.Cache);
    expect(cache).toBeInstanceOf(CandleCache);
    expect(isCompressed(cache)).toBe(true);
    const value = candles(300);
    expectSame(await cache.getOrSet('a', async () => value), value);
    expectSame(await cache.getOrSet('a', async () => 'not asked for'), value);
    expect(String(rawOf(cache, 'a'))).toMatch(/^atc-memory:1:/);
    const history = container.get(TYPES.History);
    expect(isMemoryMapped(history)).toBe(true);
    history.load('BTC');
    history.load('BTC');
    expect(history.calls).toBe(1);
    expect(container.get(TYPES.Cache)).toBe(cache);
    await installed.verify();
  });

  test('as a module', async () => {
    const { container } = bound();
    const module = memoryModule(on(), IDS);
    await container.load(module);
    expect(isCompressed(container.get(TYPES.Cache))).toBe(true);
    expect(isMemoryMapped(container.get(TYPES.History))).toBe(true);
    await module.verify(container);
  });

  test('off: the very same objects, no file, the container untouched', async () => {
    const { container, CandleCache, PriceHistory } = bound();
    const cache = new CandleCache();
    const history = new PriceHistory();
    (major === '6'
      ? container.rebind(TYPES.Cache)
      : (container.rebindSync?.(TYPES.Cache) ?? container.rebind(TYPES.Cache))
    ).toConstantValue(cache);
    container.bind('history').toConstantValue(history);
    const before = Reflect.ownKeys(container);
    const installed = installMemoryOptimizations(container, { cacheDir }, { ...IDS, PriceHistory: 'history' });
    expect(Reflect.ownKeys(container)).toEqual(before);
    expect(container.get(TYPES.Cache)).toBe(cache);
    expect(container.get('history')).toBe(history);
    expect([...Reflect.ownKeys(cache), ...Reflect.ownKeys(history)]).toEqual([]);
    history.load('BTC');
    expect(readdirSync(cacheDir)).toEqual([]);
    await installed.verify();
  });

  test('one service only, by its key', () => {
    const { container } = bound();
    installMemoryOptimizations(container, { services: { CandleCache: { useCompression: true } }, cacheDir }, IDS);
    expect(isCompressed(container.get(TYPES.Cache))).toBe(true);
    expect(isMemoryMapped(container.get(TYPES.History))).toBe(false);
  });

  test('transients are wrapped one by one, classes bound to themselves without being named', () => {
    const { container, CandleCache } = bound();
    container.bind(CandleCache).toSelf().inTransientScope();
    installMemoryOptimizations(container, on(), { PriceHistory: TYPES.History });
    const [a, b] = [container.get(CandleCache), container.get(CandleCache)];
    expect(a).not.toBe(b);
    expect([a, b].map(isCompressed)).toEqual([true, true]);
  });

  test('an alias hands out the same wrapped singleton', () => {
    const { container } = bound();
    container.bind(TYPES.Alias).toService(TYPES.Cache);
    installMemoryOptimizations(container, on(), { ...IDS, Alias: TYPES.Alias });
    const cache = container.get(TYPES.Alias);
    expect(container.get(TYPES.Cache)).toBe(cache);
    cache.set('a', candles(300));
    expectSame(cache.get('a'), candles(300));
    expect(String(rawOf(cache, 'a'))).toMatch(/^atc-memory:1:/);
  });

  test('an async binding', async () => {
    const { container, CandleCache } = bound();
    container.bind('later').toDynamicValue(async () => new CandleCache());
    installMemoryOptimizations(container, on(), { ...IDS, Later: 'later' });
    expect(isCompressed(await container.getAsync('later'))).toBe(true);
  });

  test('a foreign class without a mark is wrapped by config alone', () => {
    const { container } = bound();
    container.bind(TYPES.Foreign).toConstantValue(new LRUCache<string, object>({ max: 10 }));
    const config = { services: { Foreign: { useCompression: true as const } }, cacheDir };
    installMemoryOptimizations(container, config, { ...IDS, Foreign: TYPES.Foreign });
    const foreign = container.get(TYPES.Foreign);
    foreign.set('a', candles(300));
    expect(Buffer.isBuffer(LRUCache.prototype.peek.call(foreign, 'a'))).toBe(true);
    expectSame(foreign.get('a'), candles(300));
  });

  test('a child container: its owner wraps', () => {
    const { container } = bound();
    installMemoryOptimizations(container, on(), IDS);
    const child = major === '6' ? container.createChild() : new inversify.Container({ parent: container });
    expect(isCompressed(child.get(TYPES.Cache))).toBe(true);
  });

  test('resolved too early: reported at the next use, and by verify', async () => {
    const { container } = bound();
    container.get(TYPES.Cache);
    const installed = installMemoryOptimizations(container, on(), IDS);
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    container.get(TYPES.Cache);
    container.get(TYPES.Cache);
    const warnings = warn.mock.calls.map(([message]) => message);
    warn.mockRestore();
    expect(warnings).toEqual([expect.stringContaining('CandleCache was resolved before it could be wrapped')]);
    const error = await installed.verify().catch((thrown: unknown) => thrown);
    expect(isAtcError(error, 'CONFIG')).toBe(true);
    expect((error as Error).message).toContain('CandleCache was resolved before it could be wrapped');
    expect((error as Error).message).not.toContain('PriceHistory');
  });

  test('a marked class that is never wrapped is reported once after the first use, a wrapped one never', async () => {
    const { container, PriceHistory } = bound();
    class Root {}
    // The graph of the first use: a factory that asks for the history.
    container
      .bind('history')
      .toDynamicValue(() => new PriceHistory())
      .inSingletonScope();
    container.bind('root').toDynamicValue(() => {
      container.get('history');
      return new Root();
    });
    class Forgotten {
      get(): unknown {
        return undefined;
      }
      set(): void {}
    }
    // Marked for this test only: every class of the process that carries a mark is looked for.
    const marked = (globalThis as Any)[Symbol.for('atc-memory/marked-classes')] as Set<unknown>;
    const before = new Set(marked);
    Compressed({ id: `Forgotten ${major}` })(Forgotten);
    const ids = { CandleCache: TYPES.Cache, History: 'history' };
    installMemoryOptimizations(container, { useCompression: true, cacheDir }, ids);
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    container.get('root');
    await container.getAsync(TYPES.Cache);
    const said = warn.mock.calls.map(([message]) => String(message)).filter((message) => message.includes('Forgotten'));
    warn.mockRestore();
    for (const one of marked) if (!before.has(one)) marked.delete(one);
    expect(said).toEqual([expect.stringContaining(`Forgotten ${major} is marked but bound under another identifier`)]);
  });

  test.each(['get', 'getAsync'])(
    'a module that knows its container warns at the first use (%s), not only in verify',
    async (ask) => {
      const { container } = bound();
      container.get(TYPES.Cache);
      const module = memoryModule(on(), IDS, container);
      await container.load(module);
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      await container[ask](TYPES.History);
      const said = () =>
        warn.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('resolved before'));
      const before = said();
      await container[ask](TYPES.Cache);
      await container[ask](TYPES.Cache);
      const after = said();
      warn.mockRestore();
      expect([before, after]).toEqual([
        [],
        [expect.stringContaining('CandleCache was resolved before it could be wrapped')],
      ]);
      await expect(module.verify(container)).rejects.toThrow('CandleCache was resolved before it could be wrapped');
    },
  );

  test('a module that is off leaves the container it knows alone', async () => {
    const { container } = bound();
    const before = Reflect.ownKeys(container);
    await container.load(memoryModule({ cacheDir }, IDS, container));
    expect(Reflect.ownKeys(container)).toEqual(before);
  });

  test('resolved too early and asked for with getAsync: reported as well', async () => {
    const { container } = bound();
    container.get(TYPES.Cache);
    installMemoryOptimizations(container, on(), IDS);
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    await container.getAsync(TYPES.Cache);
    const warnings = warn.mock.calls.map(([message]) => String(message));
    warn.mockRestore();
    expect(warnings).toContainEqual(expect.stringContaining('CandleCache was resolved before it could be wrapped'));
  });

  test('verify names classes that are marked and never wrapped, not bound, or not in the configuration', async () => {
    const { container } = bound();
    const config = { ...on(), services: { CandelCache: { useCompression: true as const } } };
    const installed = installMemoryOptimizations(container, config, { CandleCache: TYPES.Cache, Gone: Symbol('gone') });
    const error = (await installed.verify().catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toContain(
      'services.CandelCache of the configuration names no service; did you mean "CandleCache"?',
    );
    expect(error.message).toContain('Gone is not bound');
    expect(error.message).toContain('PriceHistory is marked but bound under another identifier');
  });

  test('a service that cannot be wrapped is reported at once', () => {
    const { container, CandleCache } = bound();
    container.bind('frozen').toConstantValue(Object.freeze(new CandleCache()));
    installMemoryOptimizations(container, on(), { ...IDS, Frozen: 'frozen' });
    expect(() => container.get('frozen')).toThrow('the object is frozen');
  });
});

test('as standard decorators the marks are called with a context, and return nothing', () => {
  class Store {
    get(): unknown {
      return undefined;
    }
    set(): void {}
    load(): number[] {
      return [];
    }
  }
  const context = { kind: 'class', name: 'Store', metadata: {}, addInitializer: () => undefined };
  expect(Compressed()(Store, context)).toBeUndefined();
  expect(MemoryMapped({ ttlMs: 1 })(Store, context)).toBeUndefined();
  const store = applyFeatures(new Store(), { useCompression: 'read', useMemoryMapped: 'read' });
  expect([isCompressed(store), isMemoryMapped(store)]).toEqual([true, true]);
});
