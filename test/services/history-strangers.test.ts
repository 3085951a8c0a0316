/**
 * History providers written by strangers, served by three majors of inversify with their results cached: the same
 * answers.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FeatureMode, isMemoryMapped, onMemoryEvent } from 'atc-memory';
import { installMemoryOptimizations } from 'atc-memory/inversify';
import * as inversify8 from 'inversify';
import * as inversify6 from 'inversify6';
import * as inversify7 from 'inversify7';
import { expectSame } from '../same-value.js';
import { candles } from './stores/sample-values.js';

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(path.join(tmpdir(), 'atc-strangers-'));
});
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

const closes = (symbol: string) => Float64Array.from({ length: 900 }, (_, i) => i / 8 + symbol.length);

class Sync {
  load(symbol: string) {
    return { symbol, close: closes(symbol), rows: candles(50) };
  }
}
class Async {
  #delayMs = 1;
  async load(symbol: string) {
    await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
    return candles(80, symbol.length);
  }
}
class Generating {
  *load(symbol: string) {
    for (const close of closes(symbol).subarray(0, 5)) yield close;
  }
}
class AsyncGenerating {
  async *load(symbol: string) {
    yield* candles(5, symbol.length);
  }
}
class Throwing {
  load(symbol: string): number[] {
    if (symbol === 'ETH') throw new RangeError(`no ${symbol}`);
    return Array.from(closes(symbol));
  }
}
class Rejecting {
  async load(symbol: string): Promise<number[]> {
    if (symbol === 'ETH') throw new RangeError(`no ${symbol}`);
    return Array.from(closes(symbol));
  }
}
/** Works only with its own `this`, and calls itself through it. */
class SelfCalling {
  #scale = 2;
  scaled(symbol: string) {
    return this.load(symbol).map((close) => close * this.#scale);
  }
  load(symbol: string) {
    return closes(symbol).map((close) => close + this.#scale);
  }
}
class WithGetters {
  #symbol = 'BTC';
  get latest() {
    return this.load(this.#symbol).at(-1);
  }
  get load() {
    return (symbol: string) => closes(symbol);
  }
}
const arrows = () => ({ load: (symbol: string) => closes(symbol), note: 'mine' });

/** Whether its results can be cached; otherwise it is called every time, as before. */
const strangers: [string, () => object, { cached: boolean }][] = [
  ['sync', () => new Sync(), { cached: true }],
  ['async', () => new Async(), { cached: true }],
  ['generator', () => new Generating(), { cached: false }],
  ['async generator', () => new AsyncGenerating(), { cached: false }],
  ['throwing', () => new Throwing(), { cached: true }],
  ['rejecting', () => new Rejecting(), { cached: true }],
  ['calling itself', () => new SelfCalling(), { cached: true }],
  ['a getter that gives the method', () => new WithGetters(), { cached: true }],
  ['arrow functions', arrows, { cached: true }],
];

interface Provider {
  load(symbol: string): unknown;
  scaled?(symbol: string): unknown;
  readonly latest?: unknown;
}

/** Everything it answers, twice; what it throws as well. */
async function answersOf(provider: Provider): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const symbol of ['BTC', 'ETH', 'BTC', 'ETH']) {
    try {
      const result = provider.load(symbol);
      const isPromise = result instanceof Promise;
      const settled = await (result as Promise<unknown>);
      answers.push([isPromise, await itemsOf(settled)]);
    } catch (error) {
      answers.push(String(error));
    }
  }
  answers.push(provider.scaled?.('BTC'), provider.latest, Object.keys(provider));
  return answers;
}

async function itemsOf(result: unknown): Promise<unknown> {
  const { next } = result as { next?: unknown };
  if (typeof next !== 'function') return result;
  const items: unknown[] = [];
  for await (const item of result as AsyncIterable<unknown>) items.push(item);
  return items;
}

// biome-ignore lint/suspicious/noExplicitAny: three majors with types of their own
const majors: [string, any][] = [
  ['6', inversify6],
  ['7', inversify7],
  ['8', inversify8],
];

describe.each(majors)('inversify %s', (_, { Container }) => {
  const resolve = (made: object, mode: FeatureMode): Provider => {
    const container = new Container();
    container
      .bind('history')
      .toDynamicValue(() => made)
      .inSingletonScope();
    const services = { History: { useMemoryMapped: mode, ttlMs: 1e9 } };
    installMemoryOptimizations(container, { cacheDir, services }, { History: 'history' });
    return container.get('history');
  };

  test.each(strangers)('%s: off, verify, on, on again, read, off', async (_name, make, { cached }) => {
    const expected = await answersOf(make() as Provider);
    const bad: unknown[] = [];
    let hits = 0;
    const stop = [
      onMemoryEvent('difference', (event) => bad.push(event)),
      onMemoryEvent('corrupt', (event) => bad.push(event)),
      onMemoryEvent('hit', () => hits++),
    ];
    for (const mode of [false, 'verify', true, true, 'read', false] as const) {
      const made = make();
      const provider = resolve(made, mode);
      expect(provider).toBe(made);
      expect(isMemoryMapped(provider)).toBe(mode !== false);
      expectSame(await answersOf(provider), expected);
    }
    for (const end of stop) end();
    expect(bad).toEqual([]);
    expect(hits > 0).toBe(cached);
  });

  test('frozen: refused when it is asked for, and left as it is', () => {
    const made = Object.freeze(arrows());
    const before = Object.getOwnPropertyDescriptors(made);
    expect(() => resolve(made, true)).toThrow('the object is frozen');
    expect(Object.getOwnPropertyDescriptors(made)).toEqual(before);
    expect(resolve(made, false)).toBe(made);
  });
});
