// The steps of the soak: what a service does all day, against data of a bounded size. Every step checks what it reads.
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROWS = 20_000;
const MINUTE_MS = 60_000;
/** Appends to a dataset before it is imported anew, so that the disk does not grow. */
const APPENDS = 40;
/** Candles of a series before the store is begun anew. */
const MOST_CANDLES = 20_000;
const KEYS = 400;
const CACHE_BYTES = 4 * 2 ** 20;
/** What the process removes late is retried every second. */
const REST_MS = 1200;

const need = (condition, text) => {
  if (!condition) throw new Error(text);
};
const price = (row) => 100 + ((row * 37) % 1000) / 8;
const columnsOf = (from, rows) => ({
  timestamp: Float64Array.from({ length: rows }, (_, k) => (from + k) * MINUTE_MS),
  close: Float64Array.from({ length: rows }, (_, k) => price(from + k)),
});
const candle = (k) => ({ timestamp: k * MINUTE_MS, open: k, high: k + 1, low: k - 1, close: k + 0.5, volume: k });
const valueAt = (n) => ({ n, prices: Float64Array.from({ length: 200 + (n % 3000) }, (_, k) => n + k / 8) });

/** Returns `step` (one round of a kind of work), `rest`, `end`, and how often each kind was done. */
export async function startWork({ dist, directory, random }) {
  const load = (name) => import(pathToFileURL(path.join(dist, name)).href);
  const api = await load('index.js');
  const { backtest } = await load('atc.js');
  const { enforceMaxBytes, sweepCache } = await load('src/cache-directory/cache-usage.js');
  const { verifyDataset } = await load('src/dataset/verify.js');
  const at = (name) => path.join(directory, name);
  const below = (sides) => Math.floor(random() * sides);
  const counts = {};

  const datasets = { packed: { rows: 0, appends: APPENDS }, mapped: { rows: 0, appends: APPENDS } };
  async function datasetOf(layout) {
    const state = datasets[layout];
    if (state.appends >= APPENDS) {
      rmSync(at(layout), { recursive: true, force: true });
      const source = ['A', 'B'].map((symbol) => ({ symbol, columns: columnsOf(0, ROWS) }));
      (await api.writeDataset(at(layout), source, { layout, durability: 'process' })).close();
      Object.assign(state, { rows: ROWS, appends: 0 });
    }
    return state;
  }
  const layoutOf = () => (below(2) === 0 ? 'packed' : 'mapped');

  const cache = new api.EntryDirectory({ directory: at('entries'), maxBytes: CACHE_BYTES });
  const latest = new Map();
  let candles = { store: undefined, rows: 0 };
  let revision = 0;

  const provider = api.withMemoryMapping(
    { load: (n) => columnsOf(n, 3000) },
    { service: 'soak', cacheDir: at('cache'), methods: ['load'], ttlMs: 3_600_000 },
  );

  const kinds = {
    async backtest() {
      const layout = layoutOf();
      await datasetOf(layout);
      const { symbols } = await backtest(at(layout), { workers: below(4) === 0 ? 2 : 1, emaLength: 10 });
      need(symbols.map(({ symbol }) => symbol).join() === 'A,B', 'a backtest lost a symbol');
    },
    async opens() {
      const layout = layoutOf();
      const { rows } = await datasetOf(layout);
      for (let k = 0; k < 20; k++) {
        const dataset = await api.openDataset(at(layout));
        const table = dataset.table('A');
        const row = below(rows);
        need(table.length === rows, `${table.length} rows instead of ${rows}`);
        // Every other one hands out a view, which keeps its map until it is collected.
        if (k % 2 === 0) need(table.column('close')[row] === price(row), `row ${row} is wrong`);
        dataset.close();
      }
    },
    async append() {
      const layout = layoutOf();
      const state = await datasetOf(layout);
      const dataset = await api.openDataset(at(layout));
      const rows = 1 + below(300);
      await dataset.append('A', columnsOf(state.rows, rows), { durability: 'process' });
      dataset.close();
      state.rows += rows;
      state.appends++;
    },
    async compact() {
      const layout = layoutOf();
      const { rows } = await datasetOf(layout);
      const dataset = await api.openDataset(at(layout));
      await dataset.compact({ durability: 'process' });
      let seen = 0;
      for (const block of dataset.table('A').blocks(['close'])) {
        need(block.columns.close[0] === price(seen), `a block at row ${seen} is wrong`);
        seen += block.length;
      }
      need(seen === rows, `${seen} rows instead of ${rows}`);
      dataset.close();
    },
    async verify() {
      const layout = layoutOf();
      await datasetOf(layout);
      await verifyDataset(at(layout));
    },
    async entries() {
      for (let k = 0; k < 20; k++) {
        const key = `k${below(KEYS)}`;
        const found = await cache.get(key);
        need(found === undefined || found.value.n === latest.get(key), `${key} is not what was set`);
        if (below(8) === 0) {
          await cache.delete(key);
          latest.delete(key);
          continue;
        }
        const n = below(1e6);
        await cache.set(key, valueAt(n), below(3) === 0 ? { expires: Date.now() + 500 } : {});
        latest.set(key, n);
      }
    },
    async candles() {
      if (candles.store === undefined || candles.rows > MOST_CANDLES) {
        candles.store?.close();
        rmSync(at('candles'), { recursive: true, force: true });
        candles = { store: api.openCandleStore(at('candles'), { sealRows: 512, layout: layoutOf() }), rows: 0 };
      }
      const series = candles.store.series({ exchange: 'x', symbol: 'A', interval: '1m' });
      for (let k = 0; k < 10; k++) {
        series.write(Array.from({ length: 20 }, (_, n) => candle(candles.rows + n)));
        candles.rows += 20;
      }
      if (below(4) === 0) series.seal();
      const first = below(candles.rows - 5);
      const found = series.read(first * MINUTE_MS, MINUTE_MS, 5);
      need(found?.length === 5 && found[4].close === first + 4.5, `the candles from ${first} on are wrong`);
    },
    async results() {
      const n = below(60);
      const { close } = await provider.load(n);
      need(close.length === 3000 && close[7] === price(n + 7), 'a cached result is wrong');
    },
    async copies() {
      const file = at('source.csv');
      revision++;
      const rows = Array.from({ length: 500 }, (_, k) => `${(k + 1) * MINUTE_MS},${price(k + revision)}`);
      writeFileSync(file, `timestamp,close\n${rows.join('\n')}\n`);
      const history = await api.openHistory(file, { useMemoryMapped: true, keepCopies: true, cacheDir: at('cache') });
      try {
        const [symbol] = history.dataset.symbols;
        need(history.dataset.table(symbol).column('close')[9] === price(9 + revision), 'a copy is stale');
      } finally {
        history.close();
      }
    },
    async cleanup() {
      await cache.prune();
      sweepCache(at('cache'));
      enforceMaxBytes(at('cache'), CACHE_BYTES);
    },
  };
  const names = Object.keys(kinds);

  return {
    counts,
    async step() {
      const name = names[below(names.length)];
      await kinds[name]();
      counts[name] = (counts[name] ?? 0) + 1;
    },
    async rest() {
      await cache.settled();
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    },
    async end() {
      candles.store?.close();
    },
  };
}
