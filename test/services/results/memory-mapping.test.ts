import { readdirSync } from 'node:fs';
import path from 'node:path';
import { isMemoryMapped, loadMemoryMappedArray, withMemoryMapping } from 'atc-memory';
import { expectSame } from '../../same-value.js';
import { cacheDir, events, History, METHODS, provider, ROWS, told } from './provider-fixture.js';

describe.each([
  ['mapped', { packed: false }],
  ['packed', { packed: true }],
  ['read', { backend: 'read' as const }],
])('%s', (_, options) => {
  test('the next provider serves what the first one was given, in the same shape', async () => {
    const first = provider(options);
    const columns = first.columns('BTC');
    const candles = await first.candles({ symbol: 'BTC', days: 3 });
    const [array] = first.twice('BTC');
    expect(told()).toEqual(['miss', 'write', 'miss', 'write', 'miss', 'write', 'hit']);
    const second = provider(options);
    expectSame(second.columns('BTC'), columns);
    // In another order, the same arguments.
    const promise = second.candles(JSON.parse('{"days":3,"symbol":"BTC"}'));
    expect(promise).toBeInstanceOf(Promise);
    expectSame(await promise, candles);
    expectSame(second.array('BTC'), array);
    expect(second.calls).toBe(0);
    expect(told()).toEqual(['hit', 'hit', 'hit']);
    second.columns('ETH');
    expect(second.calls).toBe(1);
  });

  test('results belong to the caller: changing one changes no file', () => {
    const original = provider(options).array('BTC').slice();
    const served = provider(options).array('BTC');
    served.fill(1);
    expectSame(provider(options).array('BTC'), original);
  });
});

test('cached columns are .npy files under their own names, which arrays open', async () => {
  provider().columns('BTC');
  const files = readdirSync(cacheDir, { recursive: true }).map(String);
  const close = files.find((file) => file.endsWith('-close.npy')) as string;
  const array = await loadMemoryMappedArray(path.join(cacheDir, close));
  expect(array.length).toBe(ROWS);
  expect(array.dtype).toBe('float64');
  array.close();
});

test('the same object, its class and private fields; wrapped once', () => {
  const history = new History();
  const options = { service: 'History', methods: METHODS, ttlMs: 1e9, cacheDir };
  expect(withMemoryMapping(history, options)).toBe(history);
  expect(isMemoryMapped(history)).toBe(true);
  const { columns } = history;
  withMemoryMapping(history, options);
  expect(history.columns).toBe(columns);
  expect(history).toBeInstanceOf(History);
  expect(Object.keys(history)).toEqual(['offset']);
});

test('off does nothing at all', () => {
  const history = new History();
  expect(withMemoryMapping(history, { service: 'History', mode: false, cacheDir })).toBe(history);
  expect(Reflect.ownKeys(history)).toEqual(['offset']);
  expect(isMemoryMapped(history)).toBe(false);
  history.columns('BTC');
  expect(readdirSync(cacheDir)).toEqual([]);
});

test('a misspelt mode does not count as on', () => {
  const history = new History();
  const options = { service: 'History', methods: METHODS, ttlMs: 1e9, cacheDir, mode: 'veirfy' as 'verify' };
  const message = expect.stringContaining('mode is "veirfy"; allowed');
  expect(() => withMemoryMapping(history, options)).toThrow(expect.objectContaining({ code: 'ARGUMENT', message }));
  expect(Reflect.ownKeys(history)).toEqual(['offset']);
});

test("'read' serves cached results and writes no new ones", () => {
  provider().array('BTC');
  const before = readdirSync(cacheDir, { recursive: true }).length;
  const history = provider({ mode: 'read' });
  history.array('BTC');
  history.array('ETH');
  expect(history.calls).toBe(1);
  expect(readdirSync(cacheDir, { recursive: true }).length).toBe(before);
});

test("'verify' asks every time, compares, and counts what differs", async () => {
  const history = provider({ mode: 'verify' });
  await history.candles({ symbol: 'A', days: 1 });
  history.columns('A');
  expect(told()).toEqual(['write', 'verified', 'write', 'verified']);
  history.columns('A');
  expect(history.calls).toBe(3);
  expect(told()).toEqual(['verified']);
  history.offset = 1e-9;
  const given = history.columns('A');
  expect(given.close[0]).toBe(1e-9);
  expect(events.map(([name, event]) => [name, 'reason' in event && event.reason])).toEqual([
    ['difference', 'result.close differs from what was cached'],
  ]);
});
