/** Caches: what a cache entry takes and costs, ours beside JSON and the caches that the user has installed. */
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { gunzipSync, gzipSync } from 'node:zlib';
import { EntryDirectory } from '../../entries/entry-directory.js';
import { diskUsage } from '../../io/disk-usage.js';
import { createDirectories } from '../../io/path-kind.js';
import { readPlainFile, removePath, writePlainFile } from '../../io/plain-files.js';
import { firstDifference } from '../../value/same-value.js';
import { decodeValue, encodeValue } from '../../value/value-frame.js';
import { type BenchContext, inTurns } from './context.js';
import { exponentialAverage, MARKETS, makeCandles } from './made-up-candles.js';
import type { Section } from './section.js';
import { type BenchTable, measureOf, ratioOf } from './table.js';
import { UserTree } from './user-tree.js';

/** One value of each kind that a trading system caches. */
const VALUES = {
  'candle objects': (rows: number) => candleObjects(rows),
  'an indicator (Float64Array)': (rows: number) => exponentialAverage(makeCandles(MARKETS[0], rows * 10, 3).close),
  'settings and symbols': (rows: number) => settings(rows / 20),
} as const;

interface Way {
  readonly name: string;
  readonly job: string;
  /** Of the user's tree. */
  readonly needs?: string;
}

const BASE = 'JSON file';
const WAYS: readonly Way[] = [
  { name: BASE, job: 'json' },
  { name: 'JSON file, gzip -6', job: 'gzip' },
  { name: 'v8.serialize file', job: 'v8' },
  { name: 'keyv-file', job: 'keyvFile', needs: 'keyv-file' },
  { name: 'fs-hash, zip', job: 'fsHash', needs: 'cache-manager-fs-hash' },
  { name: 'CompressedFileStore', job: 'compressedStore', needs: 'keyv' },
  { name: 'EntryDirectory', job: 'entries' },
  { name: 'encodeValue file', job: 'frames' },
];

interface CacheCost {
  readonly bytes: number;
  readonly setMs: number;
  readonly getMs: number;
  readonly isSame: boolean;
}

export const section: Section = {
  name: 'cache',
  async run(context) {
    const ways = WAYS.filter(({ needs }) => needs === undefined || context.tree.version(needs) !== undefined);
    const left = WAYS.filter((way) => !ways.includes(way)).map(({ name }) => name);
    const tables: BenchTable[] = [];
    for (const kind of Object.keys(VALUES)) tables.push(await measure(context, kind, ways, left));
    return tables;
  },
};

async function measure(
  context: BenchContext,
  kind: string,
  ways: readonly Way[],
  left: readonly string[],
): Promise<BenchTable> {
  const rows = context.isQuick ? 1000 : 10_000;
  const outcomes = await inTurns<CacheCost>(
    context,
    'cache',
    ways.map(({ name, job }) => ({
      name,
      job,
      input: { kind, rows, directory: path.join(context.work, 'cache', job), tree: context.tree.directory },
    })),
  );
  const of = (name: string, pick: (cost: CacheCost) => number) =>
    (outcomes.get(name) ?? []).map(({ value }) => pick(value));
  const slug = { 'candle objects': 'candles', 'settings and symbols': 'settings' }[kind] ?? 'indicator';
  return {
    name: `cache.${slug}`,
    title: `A cache entry: ${kind}`,
    columns: [
      { name: 'stored as', unit: 'text' },
      { name: 'smaller', unit: 'ratio' },
      { name: 'get faster', unit: 'ratio' },
      { name: 'bytes', unit: 'bytes' },
      { name: 'set', unit: 'ms' },
      { name: 'get', unit: 'ms' },
      { name: 'returned', unit: 'text' },
    ],
    rows: ways.map(({ name }) => {
      const isSame = (outcomes.get(name) ?? []).every(({ value }) => value.isSame);
      return [
        name,
        of(BASE, (cost) => cost.bytes)[0] / of(name, (cost) => cost.bytes)[0],
        ratioOf(
          of(BASE, (cost) => cost.getMs),
          of(name, (cost) => cost.getMs),
        ),
        of(name, (cost) => cost.bytes)[0],
        measureOf(of(name, (cost) => cost.setMs)),
        measureOf(of(name, (cost) => cost.getMs)),
        isSame ? 'same' : 'CHANGED',
      ];
    }),
    notes: [
      'Ratios against the JSON file.',
      `${rows.toLocaleString('en-US')} candles, ten times as many numbers, or as many settings as a twentieth. ` +
        `Median of 5 sets and gets in a process, ${context.rounds} processes in turns. Without fsync.`,
      ...(ways.some(({ name }) => name === 'keyv-file')
        ? [
            'keyv-file retains every value in memory once it is read: its get returns the same object and reads no ' +
              'file.',
          ]
        : []),
      ...(left.length > 0 ? [`Left out, not installed here: ${left.join(', ')}.`] : []),
    ],
  };
}

function candleObjects(rows: number): Record<string, number>[] {
  const columns = makeCandles(MARKETS[0], rows, 2);
  const names = Object.keys(columns);
  return Array.from(columns.close as Float64Array, (_, row) =>
    Object.fromEntries(names.map((name) => [name, Number(columns[name][row])])),
  );
}

function settings(count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    symbol: `COIN${index}/USDT`,
    isActive: index % 3 !== 0,
    filters: { tickSize: 10 ** -(index % 5), minNotional: 5 + (index % 7), types: ['LIMIT', 'MARKET'] },
    note: `listed in block ${index * 7919}`,
  }));
}

interface CacheInput {
  readonly kind: keyof typeof VALUES;
  readonly rows: number;
  readonly directory: string;
  readonly tree: string;
}

interface AsyncCache {
  set(key: string, value: unknown): Promise<unknown>;
  get(key: string): Promise<unknown>;
}

/** Five sets and gets of the value; the first of each is not counted, it loads and compiles. */
async function cost({ kind, rows, directory }: CacheInput, open: () => AsyncCache): Promise<CacheCost> {
  removePath(directory);
  createDirectories(directory);
  const value = VALUES[kind](rows);
  const cache = open();
  const [sets, gets]: [number[], number[]] = [[], []];
  let back: unknown;
  for (let turn = 0; turn < 6; turn += 1) {
    const started = performance.now();
    await cache.set('entry', value);
    const stored = performance.now();
    back = await cache.get('entry');
    const read = performance.now();
    if (turn === 0) continue;
    sets.push(stored - started);
    gets.push(read - stored);
  }
  const bytes = diskUsage(directory).byteLength;
  return {
    bytes,
    setMs: measureOf(sets).median,
    getMs: measureOf(gets).median,
    isSame: firstDifference(back, value) === undefined,
  };
}

function fileCache(
  directory: string,
  encode: (value: unknown) => Uint8Array | string,
  decode: (bytes: Buffer) => unknown,
): AsyncCache {
  const file = path.join(directory, 'entry');
  return {
    set: async (_, value) => writePlainFile(file, encode(value)),
    get: async () => decode(readPlainFile(file)),
  };
}

export const jobs = {
  json: (input: CacheInput) =>
    cost(input, () => fileCache(input.directory, JSON.stringify, (bytes) => JSON.parse(bytes.toString()))),
  gzip: (input: CacheInput) =>
    cost(input, () =>
      fileCache(
        input.directory,
        (value) => gzipSync(JSON.stringify(value), { level: 6 }),
        (bytes) => JSON.parse(gunzipSync(bytes).toString()),
      ),
    ),
  v8: (input: CacheInput) => cost(input, () => fileCache(input.directory, serialize, deserialize)),
  frames: (input: CacheInput) => cost(input, () => fileCache(input.directory, encodeValue, decodeValue)),
  entries: (input: CacheInput) =>
    cost(input, () => {
      const entries = new EntryDirectory({ directory: input.directory });
      return {
        set: (key, value) => entries.set(key, value),
        get: async (key) => (await entries.get(key))?.value,
      };
    }),
  keyvFile(input: CacheInput) {
    const { KeyvFile } = new UserTree(input.tree).load<{ KeyvFile: new (options: object) => AsyncCache }>('keyv-file');
    return cost(input, () => new KeyvFile({ filename: path.join(input.directory, 'keyv.json'), writeDelay: 0 }));
  },
  fsHash(input: CacheInput) {
    const { DiskStore } = new UserTree(input.tree).load<{ DiskStore: new (options: object) => AsyncCache }>(
      'cache-manager-fs-hash',
    );
    return cost(input, () => new DiskStore({ path: input.directory, zip: true, ttl: 3_600_000 }));
  },
  async compressedStore(input: CacheInput) {
    const { createKeyv } = await import('atc-memory/cache-manager');
    return cost(input, () => createKeyv({ directory: input.directory }));
  },
};
