/** Services of an application for each major of inversify. */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AtcConfig, Compressed, MemoryMapped } from 'atc-memory';
import * as inversify8 from 'inversify';
import * as inversify6 from 'inversify6';
import * as inversify7 from 'inversify7';

export let cacheDir: string;

beforeEach(() => {
  cacheDir = mkdtempSync(path.join(tmpdir(), 'atc-di-'));
});

afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noExplicitAny: three majors with types of their own
export type Any = any;

export const majors: [string, Any][] = [
  ['6', inversify6],
  ['7', inversify7],
  ['8', inversify8],
];

export const TYPES = {
  Cache: Symbol('Cache'),
  History: Symbol('History'),
  Alias: Symbol('Alias'),
  Foreign: Symbol('Foreign'),
};

/** Services with private state, decorated by one major, with our mark above or below its own. */
export function services({ injectable }: Any, isAbove: boolean) {
  const both = (mark: Any) => (target: Any) => {
    const decorators = isAbove ? [injectable(), mark] : [mark, injectable()];
    for (const decorate of decorators) decorate(target);
    return target;
  };
  class CandleCache {
    #entries = new Map<string, unknown>();
    get(key: string): unknown {
      return this.#entries.get(key);
    }
    set(key: string, value: unknown): void {
      this.#entries.set(key, value);
    }
    async getOrSet(key: string, make: () => Promise<unknown>): Promise<unknown> {
      const found = this.get(key);
      if (found !== undefined) return found;
      const made = await make();
      this.set(key, made);
      return made;
    }
    raw(key: string): unknown {
      return this.#entries.get(key);
    }
  }
  both(Compressed({ id: 'CandleCache' }))(CandleCache);
  class PriceHistory {
    #calls = 0;
    get calls(): number {
      return this.#calls;
    }
    load(symbol: string): { symbol: string; close: Float64Array } {
      this.#calls++;
      return { symbol, close: Float64Array.from({ length: 5000 }, (_, i) => i / 4) };
    }
  }
  both(MemoryMapped({ id: 'PriceHistory', ttlMs: Number.POSITIVE_INFINITY }))(PriceHistory);
  return { CandleCache, PriceHistory };
}

export const IDS = { CandleCache: TYPES.Cache, PriceHistory: TYPES.History };
export const on = (): AtcConfig => ({ useCompression: true, useMemoryMapped: true, cacheDir });
