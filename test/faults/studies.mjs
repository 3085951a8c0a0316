/**
 * Studies of a sweep, rows of a backtest, versions of a dataset, exports and JSON candles under injected faults. Run by
 * faults.test.ts, or by hand with ATC_FAULT_DIST and the shim.
 */
import fs from 'node:fs';
import path from 'node:path';
import { campaign } from './driver.mjs';

const dist = process.env.ATC_FAULT_DIST;
const { exportDataset, openCandleStore, openDataset, runBacktest, writeDataset } = await import(
  path.join(dist, 'src/index.js')
);
const { sweep } = await import(path.join(dist, 'sweep.js'));
const { exportJsonCandles, importJsonCandles } = await import(path.join(dist, 'src/candle-store/json-migration.js'));
const { cleanVersions } = await import(path.join(dist, 'src/dataset/versions/clean.js'));

const durability = process.env.ATC_FAULT_DURABILITY ?? 'power';
const columns = (rows, from = 0) => ({
  timestamp: Float64Array.from({ length: rows }, (_, k) => (from + k) * 60_000),
  close: Float64Array.from({ length: rows }, (_, k) => 100 + (((from + k) * 37) % 50) / 8),
});
const source = { symbol: 'A', columns: columns(40) };

/** Long while the close is above a level. */
const strategy = ({ level = 103 } = {}) => ({
  name: 'above',
  columns: ['close'],
  start: () => ({
    push: ({ columns: { close } }) => ({ signal: Float64Array.from(close, (price) => (price > level ? 1 : 0)) }),
    finish: () => ({}),
  }),
});

const treeOf = (directory) =>
  Object.fromEntries(
    fs
      .readdirSync(directory, { recursive: true })
      .filter((name) => fs.statSync(path.join(directory, name)).isFile())
      .sort()
      .map((name) => [name, fs.readFileSync(path.join(directory, name)).toString('base64')]),
  );

const study = (directory) =>
  sweep({
    source,
    strategy: { name: 'above', version: '1', create: strategy },
    space: { level: { type: 'categorical', values: [101, 103, 105] } },
    objective: 'totalReturn',
    directory,
  });

let wholeStudy;

/** Whatever has failed, the same call goes on, and the files are those of a study that was never stopped. */
const studies = {
  name: 'study',
  async prepare(directory) {
    if (wholeStudy === undefined) {
      await study(path.join(directory, 'model'));
      wholeStudy = JSON.stringify(treeOf(path.join(directory, 'model')));
    }
    return { target: path.join(directory, 'study') };
  },
  act: async ({ target }) => void (await study(target)),
  async look({ target }, { error }) {
    await study(target);
    if (JSON.stringify(treeOf(target)) !== wholeStudy) throw new Error(`other files: ${Object.keys(treeOf(target))}`);
    return error === undefined ? 'after' : 'either';
  },
};

const rows = {
  name: 'rows',
  prepare: async (directory) => ({
    target: path.join(directory, 'rows'),
    source: await writeDataset(path.join(directory, 'd'), source),
  }),
  act: async ({ target, source: dataset }) => void (await runBacktest(dataset, strategy(), { rowsDirectory: target })),
  async look({ target }) {
    if (!fs.existsSync(target)) return 'before';
    const dataset = await openDataset(target);
    const { length } = dataset.table('A');
    dataset.close();
    if (length !== 40) throw new Error(`${length} rows`);
    return 'after';
  },
  end: async ({ source: dataset }) => dataset.close(),
};

/** One file, a folder of them, and what is written column by column, page by page or as an archive. */
const targets = {
  'out.csv': {},
  'out.ndjson': {},
  'out.parquet': {},
  'out.arrow': {},
  many: {},
  hive: { format: 'parquet', layout: 'hive' },
  npy: { format: 'npy' },
};
const exports = Object.entries(targets).map(([name, options]) => {
  let model;
  return {
    name: `export-${name}`,
    async prepare(directory) {
      const dataset = await writeDataset(path.join(directory, 'd'), source);
      if (model === undefined) {
        await exportDataset(dataset, path.join(directory, `model-${name}`), options);
        model = contentOf(path.join(directory, `model-${name}`));
      }
      return { target: path.join(directory, name), dataset };
    },
    act: async ({ target, dataset }) => void (await exportDataset(dataset, target, options)),
    async look({ target }) {
      if (!fs.existsSync(target)) return 'before';
      if (contentOf(target) !== model) throw new Error('an export is there in part');
      return 'after';
    },
    end: async ({ dataset }) => dataset.close(),
  };
});

const contentOf = (target) =>
  fs.statSync(target).isDirectory() ? JSON.stringify(treeOf(target)) : fs.readFileSync(target, 'base64');

/** Versions that stay: naming one, and letting go of the others. Rows are never at stake. */
function version(name, act, look) {
  return {
    name: `version-${name}`,
    async prepare(directory) {
      const target = path.join(directory, 'd');
      const dataset = await writeDataset(target, source, { durability });
      await dataset.append('A', columns(5, 40), { durability });
      await dataset.snapshot('one');
      await dataset.append('A', columns(5, 45), { durability });
      return { target, dataset };
    },
    act: (context) => act(context),
    async look({ target }, { error }) {
      for (const [asOf, length] of [
        [undefined, 50],
        ['one', 45],
      ]) {
        const dataset = await openDataset(target, { asOf });
        const closes = [...dataset.table('A').column('close')];
        dataset.close();
        if (JSON.stringify(closes) !== JSON.stringify([...columns(length).close]))
          throw new Error(`${asOf} has other rows`);
      }
      return (await look?.(target)) ?? (error === undefined ? 'after' : 'either');
    },
    end: async ({ dataset }) => dataset.close(),
  };
}

const versions = [
  version(
    'name',
    ({ dataset }) => dataset.snapshot('two'),
    async (target) => {
      const dataset = await openDataset(target);
      const names = (await dataset.snapshots()).map(({ name }) => name);
      dataset.close();
      return names.includes('two') ? 'after' : 'before';
    },
  ),
  version('clean', ({ target }) => cleanVersions(target, 1, {})),
];

/** More segments than are left alone: the append joins them first. */
const crowded = {
  name: 'append-crowded',
  async prepare(directory) {
    const target = path.join(directory, 'd');
    const dataset = await writeDataset(target, source, { durability: 'process' });
    for (let k = 0; k < 65; k++) await dataset.append('A', columns(1, 40 + k), { durability: 'process' });
    return { target, dataset };
  },
  act: ({ dataset }) => dataset.append('A', columns(1, 105), { durability: 'process' }),
  async look({ target }) {
    const dataset = await openDataset(target);
    const closes = [...dataset.table('A').blocks(['close'])].length && [...dataset.table('A').column('close')];
    dataset.close();
    for (const [length, state] of [
      [106, 'after'],
      [105, 'before'],
    ])
      if (JSON.stringify(closes) === JSON.stringify([...columns(length).close])) return state;
    throw new Error(`${closes.length} rows`);
  },
  end: async ({ dataset }) => dataset.close(),
};

const candle = (k) => ({ timestamp: k * 60_000, open: k, high: k + 1, low: k - 1, close: k + 0.5, volume: k });
const name = { exchange: 'x', symbol: 'A', interval: '1m' };
const jsonFolder = (root) => path.join(root, 'x/A/1m');

function writeJson(root) {
  fs.mkdirSync(jsonFolder(root), { recursive: true });
  for (let k = 1; k <= 5; k++)
    fs.writeFileSync(path.join(jsonFolder(root), `${k * 60_000}.json`), JSON.stringify(candle(k)));
}

/** Both ways: the same call again goes on, what came from stays. */
const json = [
  ['json-import', (from, store) => importJsonCandles(from, store)],
  ['json-export', (to, store) => exportJsonCandles(store, to)],
].map(([step, act]) => ({
  name: step,
  async prepare(directory) {
    const [from, to] = [path.join(directory, 'json'), path.join(directory, 'store')];
    const store = openCandleStore(to, { durability });
    if (step === 'json-import') writeJson(from);
    else {
      store.series(name).write([1, 2, 3, 4, 5].map(candle));
      store.series(name).seal();
    }
    return { from, to, store };
  },
  act: ({ from, store }) => act(from, store),
  async look({ from, to, store }, { error }) {
    store.close();
    const again = openCandleStore(to, { durability });
    const result = await act(from, again);
    const found = JSON.stringify([...again.series(name).candles()]);
    again.close();
    const files = fs.readdirSync(jsonFolder(from)).filter((file) => file.endsWith('.json')).length;
    if (found !== JSON.stringify([1, 2, 3, 4, 5].map(candle)) || files !== 5 || result.differing > 0)
      throw new Error(`${files} files, ${found.slice(0, 200)}`);
    return error === undefined ? 'after' : 'either';
  },
}));

await campaign([studies, rows, ...exports, ...versions, crowded, ...json]);
