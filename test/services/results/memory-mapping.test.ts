import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import {
  isAtcError,
  isMemoryMapped,
  loadMemoryMappedArray,
  MEMORY_EVENTS,
  type MemoryEvents,
  onMemoryEvent,
  type WithMemoryMappingOptions,
  withMemoryMapping,
} from 'atc-memory';
import { forgetChecked } from '../../../src/services/results/result-files.js';
import { expectSame } from '../../same-value.js';

let cacheDir: string;
let events: [string, MemoryEvents[keyof MemoryEvents]][];
let stop: (() => void)[];

beforeEach(() => {
  cacheDir = mkdtempSync(path.join(tmpdir(), 'atc-mapping-'));
  events = [];
  stop = MEMORY_EVENTS.map((name) => onMemoryEvent(name, (event) => events.push([name, event])));
});

afterEach(() => {
  for (const end of stop) end();
  rmSync(cacheDir, { recursive: true, force: true });
});

const told = () => events.splice(0).map(([name]) => name);
const ROWS = 20_000;

/** Written by somebody else: private state, its own calls, sync and async methods. */
class History {
  #calls = 0;
  offset = 0;

  get calls(): number {
    return this.#calls;
  }

  columns(symbol: string) {
    this.#calls++;
    const close = Float64Array.from({ length: ROWS }, (_, i) => i / 8 + this.offset);
    close[7] = Number.NaN;
    close[8] = -0;
    return { symbol, close, volume: Int32Array.from({ length: ROWS }, (_, i) => i), times: [1, 2.5, -0] };
  }

  async candles(query: { symbol: string; days: number }) {
    this.#calls++;
    return Array.from({ length: 300 }, (_, i) => ({
      date: new Date(i * 86_400_000),
      symbol: query.symbol,
      open: i + this.offset,
      close: i % 7 ? i / 3 : null,
      halted: i % 50 === 0,
    }));
  }

  array(_: string): Float64Array {
    this.#calls++;
    return Float64Array.from({ length: ROWS }, (_, i) => i + this.offset);
  }

  twice(symbol: string) {
    return [this.array(symbol), this.array(symbol)];
  }

  odd(what: string): unknown {
    this.#calls++;
    if (what === 'throws') throw new Error('no such symbol');
    if (what === 'empty') return [];
    if (what === 'null') return null;
    if (what === 'generator') return [1, 2][Symbol.iterator]();
    return { candles: [{ at: new Map() }] };
  }
}

const METHODS = ['columns', 'candles', 'array', 'odd'];

function provider(options: Partial<WithMemoryMappingOptions> = {}): History {
  return withMemoryMapping(new History(), {
    service: 'History',
    methods: METHODS,
    ttlMs: Number.POSITIVE_INFINITY,
    cacheDir,
    ...options,
  });
}

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

  test('what is served belongs to the caller: changing it changes no file', () => {
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

test("'read' serves what is cached and writes nothing new", () => {
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

describe('freshness', () => {
  test('ttl', () => {
    const now = jest.spyOn(Date, 'now');
    try {
      now.mockReturnValue(1000);
      const history = provider({ ttlMs: 500 });
      history.array('A');
      now.mockReturnValue(1499);
      history.array('A');
      expect(history.calls).toBe(1);
      now.mockReturnValue(1500);
      history.array('A');
      expect(history.calls).toBe(2);
      expect(told()).toEqual(['miss', 'write', 'hit', 'miss', 'write']);
    } finally {
      now.mockRestore();
    }
  });

  test('version', () => {
    let day = 1;
    const history = provider({ ttlMs: undefined, version: ([symbol]) => `${symbol} ${day}` });
    history.array('A');
    history.array('A');
    expect(history.calls).toBe(1);
    day = 2;
    history.array('A');
    expect(history.calls).toBe(2);
    // One generation is left.
    const kept = readdirSync(cacheDir, { recursive: true }).filter((name) => String(name).endsWith('.npy'));
    expect(kept).toHaveLength(1);
  });

  test('source: another size, another time, or other bytes within the same time and size', () => {
    const source = path.join(cacheDir, 'source.csv');
    writeFileSync(source, 'time,close\n1,2\n');
    const history = provider({ ttlMs: undefined, source: () => source });
    history.array('A');
    history.array('A');
    expect(history.calls).toBe(1);
    const { atime, mtime } = statSync(source);
    writeFileSync(source, 'time,close\n1,3\n');
    utimesSync(source, atime, mtime);
    history.array('A');
    expect(history.calls).toBe(2);
    history.array('A');
    expect(history.calls).toBe(2);
    rmSync(source);
    history.array('A');
    expect(history.calls).toBe(3);
    expect(told()).toEqual(['miss', 'write', 'hit', 'miss', 'write', 'hit', 'fallback']);
  });

  test('a provider without source, version and ttlMs is refused', () => {
    expect(() => provider({ ttlMs: undefined })).toThrow('nothing says how long a cached result is good');
  });
});

test.each(['throws', 'empty', 'null', 'generator', 'map'])('%s: left to the provider, never cached', (what) => {
  const history = provider();
  const call = () => {
    try {
      return history.odd(what);
    } catch (error) {
      return (error as Error).message;
    }
  };
  expectSame(typeof call(), typeof call());
  expect(history.calls).toBe(2);
  expect(readdirSync(cacheDir, { recursive: true }).filter((name) => String(name).endsWith('.json'))).toEqual([]);
});

test('arguments without a text are a fallback, unless key identifies them', () => {
  const signal = new AbortController().signal;
  const plain = provider();
  Reflect.apply(plain.array, plain, ['A', signal]);
  expect(events.map(([name, event]) => [name, 'reason' in event && event.reason])).toEqual([
    ['fallback', expect.stringContaining('argument 2 has no text')],
  ]);
  told();
  const keyed = provider({ key: ([symbol]) => String(symbol) });
  Reflect.apply(keyed.array, keyed, ['A', signal]);
  Reflect.apply(keyed.array, keyed, ['A', new AbortController().signal]);
  expect(keyed.calls).toBe(1);
});

describe('never another answer than the provider’s', () => {
  const wrap = <Provider extends object>(provider: Provider, options: Partial<WithMemoryMappingOptions> = {}) =>
    withMemoryMapping(provider, { service: 'Any', cacheDir, ttlMs: Number.POSITIVE_INFINITY, ...options });

  class Candles extends Array<number> {
    last(): number {
      return this[this.length - 1];
    }
  }
  test.each([
    ['an array of a subclass', () => Candles.from([1, 2, 3])],
    ['an array with a hidden property', () => Object.defineProperty([1, 2, 3], 'total', { value: 6 })],
    ['an array with a symbol', () => Object.assign([1, 2, 3], { [Symbol.for('unit')]: 'usd' })],
    ['an array with a hole and a name', () => Object.assign(Array(3), { 0: 1, 2: 3, unit: 'usd' })],
    ['shared memory', () => new Float64Array(new SharedArrayBuffer(16))],
  ])('%s is left to the provider', (_, load) => {
    const provider = wrap({ load });
    for (let call = 0; call < 2; call++) {
      const [given, expected] = [provider.load(), load()];
      expect(Object.getPrototypeOf(given)).toBe(Object.getPrototypeOf(expected));
      expect(Reflect.ownKeys(given)).toEqual(Reflect.ownKeys(expected));
    }
    expect(told()).toEqual(['miss', 'fallback', 'miss', 'fallback']);
  });

  test.each([
    ['a promise', async () => 'a'],
    ['nothing', () => undefined],
    ['an object', () => ({})],
  ])('key or version that returns %s is a fallback', (_, hook) => {
    let calls = 0;
    for (const options of [{ key: hook }, { version: hook, ttlMs: undefined }] as object[]) {
      const provider = wrap({ load: () => Float64Array.of(++calls) }, options);
      for (let call = 0; call < 2; call++) expect(provider.load()).toEqual(Float64Array.of(calls));
    }
    expect(calls).toBe(4);
    expect(told()).toEqual(Array(4).fill('fallback'));
  });

  test.each([
    ['a symbol', { [Symbol.for('unit')]: 1 }],
    ['a hidden property', Object.defineProperty({}, 'unit', { value: 1 })],
    ['a list with a name', Object.assign([], { unit: 1 })],
    ['a date with a name', Object.assign(new Date(0), { unit: 1 })],
  ])('arguments with %s are a fallback', (_, argument) => {
    wrap({ load: (_: object) => Float64Array.of(1) }).load(argument);
    expect(told()).toEqual(['fallback']);
  });

  test('classes that share a name, as by an inherited mark, have results of their own', () => {
    class Binance {
      load() {
        return Float64Array.of(1);
      }
    }
    class Kraken extends Binance {
      override load() {
        return Float64Array.of(2);
      }
    }
    for (let round = 0; round < 2; round++) {
      expect(wrap(new Binance()).load()).toEqual(Float64Array.of(1));
      expect(wrap(new Kraken()).load()).toEqual(Float64Array.of(2));
    }
    expect(told()).toEqual(['miss', 'write', 'miss', 'write', 'hit', 'hit']);
  });
});

test('1, "1", 1n, true, undefined and -0 are different arguments', () => {
  const history = provider();
  const all = [1, '1', 1n, true, undefined, null, 0, -0, Number.NaN, new Date(1), [1], { a: 1 }, { a: undefined }, []];
  for (const argument of all) Reflect.apply(history.array, history, [argument]);
  expect(history.calls).toBe(all.length);
  for (const argument of all) Reflect.apply(history.array, history, [argument]);
  expect(history.calls).toBe(all.length);
});

describe.each([
  ['mapped', false],
  ['packed', true],
])('damage, %s', (_, packed) => {
  const filesOf = () =>
    readdirSync(cacheDir, { recursive: true })
      .map((name) => path.join(cacheDir, String(name)))
      .filter((name) => statSync(name).isFile());

  test('a flipped bit anywhere in any file is reported, never served; the result is rebuilt', () => {
    const expected = provider({ packed }).array('BTC');
    const count = filesOf().length;
    // The pointer, the description, the column.
    expect(count).toBe(3);
    for (let which = 0; which < count; which++) {
      for (const at of [0.01, 0.2, 0.4, 0.6, 0.8, 0.99]) {
        const file = filesOf()[which];
        const bytes = readFileSync(file);
        bytes[Math.floor(bytes.length * at)] ^= 4;
        writeFileSync(file, bytes);
        // As a fresh process would see it.
        forgetChecked();
        told();
        const history = provider({ packed });
        expectSame(history.array('BTC'), expected);
        expect(history.calls).toBe(1);
        expect(told()).toEqual(['corrupt', 'write']);
      }
    }
  });
});

test.each([
  ['frozen', () => Object.freeze(new History()), {}, 'frozen'],
  ['sealed', () => Object.seal(new History()), {}, 'sealed'],
  ['no such method', () => new History(), { methods: ['load'] }, 'has no method load'],
  [
    'fixed method',
    () => Object.defineProperty(new History(), 'array', { value: () => 1, configurable: false }),
    {},
    'cannot be overridden',
  ],
])('%s is refused before anything is changed', (_, make, options, message) => {
  const history = make();
  const before = Reflect.ownKeys(history);
  let error: unknown;
  try {
    withMemoryMapping(history, { service: 'H', methods: METHODS, ttlMs: 1, cacheDir, ...options });
  } catch (thrown) {
    error = thrown;
  }
  expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
  expect((error as Error).message).toContain(message);
  expect(Reflect.ownKeys(history)).toEqual(before);
});
