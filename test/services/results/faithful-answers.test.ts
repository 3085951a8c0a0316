/** A cached result is never another answer than that of the provider. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAtcError, type WithMemoryMappingOptions, withMemoryMapping } from 'atc-memory';
import { forgetChecked } from '../../../src/services/results/result-files.js';
import { expectSame } from '../../same-value.js';
import { cacheDir, History, METHODS, provider, told } from './provider-fixture.js';

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
