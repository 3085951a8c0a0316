/**
 * Candle store, entry directory, migration and the way back under injected faults. Run by faults.test.ts, or by hand
 * with ATC_FAULT_DIST and the shim. A file that holds all entries of another cache is rewritten in steps, so between
 * two states there are more that are whole: a migration is right when every entry is readable.
 */
import fs from 'node:fs';
import path from 'node:path';
import { campaign } from './driver.mjs';

const dist = process.env.ATC_FAULT_DIST;
const { EntryDirectory, openCandleStore } = await import(path.join(dist, 'src/index.js'));
const { migrateDirectory } = await import(path.join(dist, 'src/entries/migrate/migrate.js'));
const { revertDirectory } = await import(path.join(dist, 'src/entries/migrate/revert.js'));

const durability = process.env.ATC_FAULT_DURABILITY ?? 'power';
const name = { exchange: 'x', symbol: 'A', interval: '1m' };
const candle = (k) => ({ timestamp: k * 60_000, open: k, high: k + 1, low: k - 1, close: k + 0.5, volume: k });
const some = (from, to) => Array.from({ length: to - from }, (_, k) => candle(from + k));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function stateOf(found, before, after) {
  if (same(found, after)) return 'after';
  if (same(found, before)) return 'before';
  throw new Error(`neither the state before nor the one after: ${JSON.stringify(found).slice(0, 300)}`);
}

const flush = (series) => {
  series.write(some(3, 6));
  return series.flush();
};
const merge = (series) => {
  for (const k of [3, 6, 9, 12]) {
    series.write(some(k, k + 3));
    series.seal();
  }
};

/**
 * Rows count once they are in a journal, whether or not `flush` could sync them: that a write was rejected says nothing
 * about them.
 */
const candles = ['packed', 'mapped'].flatMap((layout) =>
  [
    ['write', (series) => series.write(some(3, 6)), some(0, 6)],
    ['flush', flush, some(0, 6)],
    ['seal', (series) => series.seal(), some(0, 3)],
    ['merge', merge, some(0, 15)],
  ].map(([step, act, after]) => ({
    name: `candles-${step}-${layout}`,
    async prepare(directory) {
      const root = path.join(directory, 'c');
      const store = openCandleStore(root, { layout, durability });
      const series = store.series(name);
      series.write(some(0, 3));
      return { root, store, series };
    },
    act: async ({ series }) => act(series),
    async look({ root }, { error }) {
      const again = openCandleStore(root, { layout, durability });
      try {
        const found = [...again.series(name).candles()];
        // Each row of a prefix in the order of writing: several writes stop after any of them.
        const isPrefix = found.length >= 3 && same(found, after.slice(0, found.length));
        if (!isPrefix) throw new Error(`no rows of the model: ${JSON.stringify(found).slice(0, 300)}`);
        if (error === undefined) return found.length === after.length ? 'after' : 'before';
        return 'either';
      } finally {
        again.close();
      }
    },
    async end({ root, store, series }) {
      store.close();
      // What a write that failed left is removed by the next compaction here.
      const again = openCandleStore(root, { layout, durability });
      again.series(name).write(some(100, 101));
      again.series(name).seal();
      again.close();
      series.close();
    },
  })),
);

const made = (n) => ({ n, prices: Float64Array.from({ length: 300 }, (_, k) => n + k / 8) });
const plain = (entry) => entry && { n: entry.value.n, last: entry.value.prices?.at(-1) };
const read = async (directory, key = 'k') => plain(await new EntryDirectory({ directory }).get(key)) ?? 'nothing';
const model = (n) => ({ n, last: n + 299 / 8 });

/** One change of an entry that is there with value 1. */
function entry(step, act, after) {
  return {
    name: `entry-${step}`,
    async prepare(directory) {
      const target = path.join(directory, 'e');
      const entries = new EntryDirectory({ directory: target, durability });
      await entries.set('k', made(1));
      return { target, entries };
    },
    act: ({ entries }) => act(entries),
    look: async ({ target }) => stateOf(await read(target), model(1), after),
  };
}

const entries = [
  entry('set', (cache) => cache.set('k', made(2)), model(2)),
  entry('delete', (cache) => cache.delete('k'), 'nothing'),
  entry('clear', (cache) => cache.clear(), 'nothing'),
];

const item = (n) => JSON.stringify({ value: { n, text: 'x'.repeat(400) } });
const KEYS = ['a', 'b', 'c'];

/** All entries stay readable, whatever fails: by the cache that they came from, or by ours. */
function migration(step, isBack) {
  return {
    name: step,
    async prepare(directory) {
      const target = path.join(directory, 'm');
      fs.mkdirSync(target);
      const cache = KEYS.map((key, n) => [key, { value: item(n) }]);
      fs.writeFileSync(path.join(target, 'cache.json'), JSON.stringify({ cache, lastExpire: 1 }));
      if (isBack) await migrateDirectory(target);
      return { target };
    },
    act: ({ target }) => (isBack ? revertDirectory(target) : migrateDirectory(target)),
    async look({ target }, { error }) {
      for (const [n, key] of KEYS.entries()) {
        const found = await new EntryDirectory({ directory: target }).get(key);
        if (found?.value.n !== n) throw new Error(`entry ${key} is lost: ${JSON.stringify(found)}`);
      }
      return error === undefined ? 'after' : 'either';
    },
    // The next run in this location removes what the one that failed has left.
    end: async ({ target }) => void (await migrateDirectory(target)),
  };
}

await campaign([...candles, ...entries, migration('migrate', false), migration('revert', true)]);
