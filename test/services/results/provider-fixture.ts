/** A provider of histories whose results are cached, and the events of a test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  MEMORY_EVENTS,
  type MemoryEvents,
  onMemoryEvent,
  type WithMemoryMappingOptions,
  withMemoryMapping,
} from 'atc-memory';

export let cacheDir: string;
export let events: [string, MemoryEvents[keyof MemoryEvents]][];
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

export const told = () => events.splice(0).map(([name]) => name);
export const ROWS = 20_000;

/** Written by somebody else: private state, its own calls, sync and async methods. */
export class History {
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

export const METHODS = ['columns', 'candles', 'array', 'odd'];

export function provider(options: Partial<WithMemoryMappingOptions> = {}): History {
  return withMemoryMapping(new History(), {
    service: 'History',
    methods: METHODS,
    ttlMs: Number.POSITIVE_INFINITY,
    cacheDir,
    ...options,
  });
}
