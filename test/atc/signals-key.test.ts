/** What belongs to the key of cached signals, and stores that fail. */
import { type CacheStore } from 'atc-memory';
import { ATC_KERNEL_VERSION, cachedAtcSignals, computeAtcSignals } from 'atc-memory/atc';
import { expectSame } from '../same-value.js';
import { closes, eventsOf } from './signals-fixture.js';

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

  test('closes that change while the store is asked are stored under the key of the computed ones', async () => {
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
