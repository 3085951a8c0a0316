/** A second run over unchanged closes computes nothing and gives the same bytes, whatever keeps them. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { jest } from '@jest/globals';
import { type CacheStore, type Columns, MEMORY_EVENTS, onMemoryEvent, withCompression } from 'atc-memory';
import {
  ATC_KERNEL_VERSION,
  backtest,
  cachedAtcSignals,
  cachedAtcStrategy,
  computeAtcSignals,
  type SignalsStore,
} from 'atc-memory/atc';
import { CompressedFileStore, createAtcCache, createKeyv } from 'atc-memory/cache-manager';
import { Keyv } from 'keyv';
import { LRUCache } from 'lru-cache';
import NodeCache from 'node-cache';
import { WasmEngine } from '../../plugins/atc/kernel/wasm-engine.js';
import { openSqlite, SqliteStore } from '../cache-manager/sqlite-store.js';
import { useWorkspace } from '../io/workspace.js';
import { expectSame } from '../same-value.js';
import { randomWalk } from './price-series.js';

const workspace = useWorkspace();
const closes = randomWalk(11, 900);

let kernelCalls = 0;
const run = WasmEngine.prototype.run;
beforeAll(() => {
  jest.spyOn(WasmEngine.prototype, 'run').mockImplementation(function (this: WasmEngine, ...args) {
    kernelCalls++;
    return run.apply(this, args);
  });
});
afterAll(() => {
  jest.restoreAllMocks();
});
beforeEach(() => {
  kernelCalls = 0;
});

/** Events of one call, by name. */
async function eventsOf<T>(action: () => Promise<T>): Promise<{ result: T; events: Record<string, number> }> {
  const events: Record<string, number> = {};
  const stops = MEMORY_EVENTS.map((name) =>
    onMemoryEvent(name, ({ service }) => {
      if (service === 'atc-signals') events[name] = (events[name] ?? 0) + 1;
    }),
  );
  const result = await action();
  for (const stop of stops) stop();
  return { result, events };
}

/** A host's own store of JSON text: what it makes of a Buffer is `{ type, data }`. */
class JsonStore implements CacheStore {
  readonly texts = new Map<string, string>();
  get(key: string): unknown {
    const text = this.texts.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }
  set(key: string, value: unknown): void {
    this.texts.set(key, JSON.stringify(value));
  }
  delete(key: string): boolean {
    return this.texts.delete(key);
  }
}

const database = openSqlite(path.join(workspace.directory, 'signals.sqlite'));
afterAll(() => database.close());

const STORES: Record<string, () => SignalsStore> = {
  'a directory': () => workspace.at('signals'),
  Map: () => new Map<string, unknown>() as unknown as CacheStore,
  'lru-cache': () => new LRUCache<string, object>({ max: 100 }) as unknown as CacheStore,
  'node-cache': () => {
    const cache = new NodeCache();
    return {
      get: (key) => cache.get(key),
      set: (key, value) => cache.set(key, value),
      delete: (key) => cache.del(key),
    };
  },
  'plain Keyv': () => new Keyv() as unknown as CacheStore,
  'wrapped Keyv': () => withCompression(new Keyv()) as unknown as CacheStore,
  'SQLite, plain': () => new Keyv({ store: new SqliteStore(database), namespace: 'p' }) as unknown as CacheStore,
  'SQLite, wrapped': () =>
    withCompression(new Keyv({ store: new SqliteStore(database), namespace: 'w' })) as unknown as CacheStore,
  'JSON text': () => new JsonStore(),
  'JSON text, wrapped': () => withCompression(new JsonStore(), { methods: {} }),
  createKeyv: () => createKeyv({ directory: workspace.at('keyv') }) as unknown as CacheStore,
  'createKeyv, off': () => createKeyv({ directory: workspace.at('off'), mode: false }) as unknown as CacheStore,
  createAtcCache: () => createAtcCache({ cacheDir: workspace.at('atc') }) as unknown as CacheStore,
  'the file store': () => new CompressedFileStore({ directory: workspace.at('store') }) as unknown as CacheStore,
};

describe.each(Object.entries(STORES))('%s', (_, create) => {
  const store = create();

  test.each([
    ['signals', {}],
    ['layers', { layers: true }],
  ])('%s: computed once, then the same bytes', async (_name, options) => {
    const expected = computeAtcSignals(closes, {}, options);
    kernelCalls = 0;
    const first = await eventsOf(() => cachedAtcSignals(store, closes, {}, options));
    expect(kernelCalls).toBe(1);
    expect(first.events).toEqual({ miss: 1, write: 1 });
    const second = await eventsOf(() => cachedAtcSignals(store, closes.slice(), undefined, options));
    expect(kernelCalls).toBe(1);
    expect(second.events).toEqual({ hit: 1 });
    for (const { result } of [first, second]) expectSame({ ...result }, { ...expected });
    // What was handed out is the caller's own.
    second.result.averageSignal.fill(7);
    expectSame((await cachedAtcSignals(store, closes, {}, options)).averageSignal, expected.averageSignal);
  });

  test('a backtest over them: nothing is computed, summary and rows are the same', async () => {
    const source = [1, 2].map((seed) => ({ symbol: `S${seed}`, columns: columnsOf(randomWalk(seed, 17_000)) }));
    const outcome = async (options: object) => {
      const hash = createHash('sha256');
      const rows = {
        write: (symbol: string, { length }: { length: number }, { signal }: Columns) => {
          hash.update(symbol).update(new Uint8Array(signal.buffer, signal.byteOffset, 8 * length));
        },
      };
      const { storage: _storage, ...result } = await backtest(source, {
        rows,
        cacheDir: workspace.at('work'),
        ...options,
      });
      return { result, digest: hash.digest('hex') };
    };
    const expected = await outcome({});
    const blocks = kernelCalls;
    for (const useCompression of [true, false]) {
      for (const useMemoryMapped of [false, true]) {
        const again = { signalsCache: store, useCompression, useMemoryMapped };
        kernelCalls = 0;
        expect(await outcome(again)).toEqual(expected);
        expect(kernelCalls).toBe(useCompression && !useMemoryMapped ? blocks : 0);
      }
    }
    // The same entries, asked for without a backtest.
    kernelCalls = 0;
    await cachedAtcSignals(store, randomWalk(2, 17_000));
    expect(kernelCalls).toBe(0);
  });
});

function columnsOf(close: Float64Array): Columns {
  return { timestamp: close.map((_, i) => 1.6e12 + i * 60_000), close };
}

describe('the key', () => {
  const keyOf = async (series: Float64Array, parameters = {}, options = {}) => {
    const keys: string[] = [];
    const store = { get: () => undefined, set: (key: string) => keys.push(key), delete: () => undefined };
    await cachedAtcSignals(store, series, parameters, options);
    return keys[0];
  };

  test('depends on every bit of every close, on their number, and on all parameters', async () => {
    const nextUp = closes.slice();
    new BigUint64Array(nextUp.buffer)[450]++;
    const gap = closes.slice();
    gap[450] = Number.NaN;
    const otherGap = gap.slice();
    new BigUint64Array(otherGap.buffer)[450] = 0x7ff8000000000001n;
    const keys = await Promise.all([
      keyOf(closes),
      keyOf(nextUp),
      keyOf(gap),
      keyOf(otherGap),
      keyOf(closes.subarray(0, 899)),
      keyOf(closes, { emaLength: 29 }),
      keyOf(closes, { lambda: 0.021 }),
      keyOf(closes, { strategyMode: true }),
      keyOf(closes, { cut: { long: 0.2, short: -0.1 } }),
      keyOf(closes, {}, { layers: true }),
      keyOf(closes, {}, { kernel: 'reference' }),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toMatch(new RegExp(`^atc-signals:${ATC_KERNEL_VERSION}:[0-9a-f]{64}$`));
  });

  test('not on how parameters are written, nor on the kernel among those that agree', async () => {
    const keys = await Promise.all([
      keyOf(closes),
      keyOf(closes.slice(), { kamaWeight: 1, emaLength: 28, cut: undefined }),
      keyOf(closes, {}, { kernel: 'typescript' }),
      keyOf(closes, { cut: { long: 0.1, short: -0.1 } }),
    ]);
    expect(new Set(keys).size).toBe(1);
  });

  test('closes that change while the store is asked are stored under what was computed', async () => {
    const store = new Map<string, unknown>();
    const series = closes.slice();
    const slow = {
      get: async (key: string) => {
        series[800] *= 1.01;
        return store.get(key);
      },
      set: (key: string, value: unknown) => store.set(key, value),
      delete: () => undefined,
    };
    const changed = await cachedAtcSignals(slow, series);
    const original = await cachedAtcSignals(store as unknown as CacheStore, closes);
    expectSame({ ...original }, { ...computeAtcSignals(closes) });
    expectSame({ ...changed }, { ...computeAtcSignals(series) });
    expect(store.size).toBe(2);
  });
});

describe('stores that fail', () => {
  const broken: Record<string, [CacheStore, Record<string, number>]> = {
    'get throws': [
      storeOf({
        get: () => {
          throw new Error('away');
        },
      }),
      { fallback: 1, write: 1 },
    ],
    'get rejects': [
      storeOf({
        get: async () => {
          throw new Error('away');
        },
      }),
      { fallback: 1, write: 1 },
    ],
    'set rejects': [
      storeOf({
        set: async () => {
          throw new Error('full');
        },
      }),
      { miss: 1, fallback: 1 },
    ],
    'other bytes': [storeOf({ get: () => Buffer.from('nonsense') }), { corrupt: 1, write: 1 }],
    'another value': [storeOf({ get: () => ({ averageSignal: [1, 2] }) }), { corrupt: 1, write: 1 }],
  };

  function storeOf(methods: Partial<CacheStore>): CacheStore {
    return { get: () => undefined, set: () => undefined, delete: () => undefined, ...methods };
  }

  test.each(Object.entries(broken))(
    '%s: the signals are computed, and an event reports it',
    async (_, [store, expected]) => {
      const { result, events } = await eventsOf(() => cachedAtcSignals(store, closes));
      expectSame({ ...result }, { ...computeAtcSignals(closes) });
      expect(events).toEqual(expected);
    },
  );

  test('signals of another length or without the layers are not served', async () => {
    const entries = new Map<string, unknown>();
    const store = entries as unknown as CacheStore;
    await cachedAtcSignals(store, closes.subarray(0, 500));
    const [short] = entries.values();
    const { result, events } = await eventsOf(() => cachedAtcSignals(storeOf({ get: () => short }), closes));
    expect(result.averageSignal).toHaveLength(900);
    expect(events).toMatchObject({ corrupt: 1 });
  });

  test("a wrong level and wrong closes are the caller's mistakes", async () => {
    await expect(cachedAtcSignals(storeOf({}), closes, {}, { level: 12 })).rejects.toMatchObject({ code: 'ARGUMENT' });
    await expect(cachedAtcSignals(storeOf({}), [1] as never)).rejects.toMatchObject({ code: 'ARGUMENT' });
    await expect(cachedAtcSignals(storeOf({}), closes.subarray(0, 9))).rejects.toMatchObject({ code: 'ARGUMENT' });
  });
});

test('only a directory has a reference that worker threads can use', () => {
  expect(cachedAtcStrategy({}, new Map() as unknown as CacheStore).reference).toBeUndefined();
  const { reference } = cachedAtcStrategy({ emaLength: 30 }, 'signals', 3);
  expect(reference?.parameters).toEqual([{ emaLength: 30 }, path.resolve('signals'), 3]);
  expect(reference?.module).toMatch(/cached-strategy\.js$/);
});

/**
 * A kernel that gives other bits needs another version, or caches serve what it would not compute any more. A digest
 * that does not match: raise ATC_KERNEL_VERSION and put the new digest under it.
 */
const DIGESTS: Readonly<Record<number, string>> = {
  1: 'ee3254cd063dceb90bbf5561256a1d5d9b9f6e2e321590ff519bfc640abab7cb',
};

test('the version of the kernel stands for its bits', () => {
  const hash = createHash('sha256');
  for (const [seed, parameters] of [
    [1, {}],
    [2, { robustness: 'Wide', cutout: 30, strategyMode: true }],
  ] as const) {
    const { averageSignal, layer1, layer2 } = computeAtcSignals(randomWalk(seed, 3000), parameters, { layers: true });
    for (const values of [averageSignal, ...Object.values(layer1 ?? {}), ...Object.values(layer2 ?? {})]) {
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  expect(hash.digest('hex')).toBe(DIGESTS[ATC_KERNEL_VERSION]);
});
