/** When a cached result is used, and what is never cached. */
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import { expectSame } from '../../same-value.js';
import { cacheDir, events, provider, told } from './provider-fixture.js';

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
