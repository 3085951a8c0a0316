/**
 * Datasets, copies, cached generations and arrays under injected faults. Run by faults.test.ts, or by hand with
 * ATC_FAULT_DIST and the shim.
 */
import fs from 'node:fs';
import path from 'node:path';
import { campaign } from './driver.mjs';

const dist = process.env.ATC_FAULT_DIST;
const {
  convertToMemoryMapped,
  createMemoryMappedArray,
  loadMemoryMappedArray,
  openDataset,
  updateDataset,
  writeDataset,
} = await import(path.join(dist, 'src/index.js'));
const { Generations } = await import(path.join(dist, 'src/cache-directory/generations.js'));
const { FileWriter } = await import(path.join(dist, 'src/io/file-writer.js'));

const durability = process.env.ATC_FAULT_DURABILITY ?? 'power';
const columns = (rows, first, price) => ({
  timestamp: Float64Array.from({ length: rows }, (_, k) => (first + k) * 60_000),
  close: Float64Array.from({ length: rows }, (_, k) => price + k / 8),
});

/** Symbol to closes, as the dataset is read anew. */
async function closesOf(directory) {
  const dataset = await openDataset(directory);
  try {
    const read = (symbol) => {
      const closes = [];
      for (const block of dataset.table(symbol).blocks(['close'])) closes.push(...block.columns.close);
      return closes;
    };
    return Object.fromEntries(dataset.symbols.map((symbol) => [symbol, read(symbol)]));
  } finally {
    dataset.close();
  }
}

/** `before` and `after` are models: what `read` gives. Anything else is a fault. */
async function compare(read, before, after) {
  const found = JSON.stringify(await read());
  if (found === JSON.stringify(after)) return 'after';
  if (found === JSON.stringify(before)) return 'before';
  throw new Error(`neither the state before nor the one after: ${found.slice(0, 300)}`);
}

/** A change to a dataset that is open; `after` gives the model of its result. */
function change(name, layout, act, after, prepare = () => undefined) {
  return {
    name: `${name}-${layout}`,
    async prepare(directory) {
      const target = path.join(directory, 'd');
      const dataset = await writeDataset(target, { symbol: 'A', columns: columns(40, 0, 1) }, { layout, durability });
      await prepare(dataset);
      return { target, dataset, before: await closesOf(target) };
    },
    act: ({ dataset }) => act(dataset),
    look: ({ target, before }) => compare(() => closesOf(target), before, after(before)),
    end: async ({ dataset }) => dataset.close(),
  };
}

const ofMany = () => Array.from({ length: 66 }, (_, k) => ({ symbol: `S${k}`, columns: columns(3, k, k) }));
/** A row more of each. */
const nextOfMany = () => ofMany().map(({ symbol }, k) => ({ symbol, columns: columns(1, k + 3, 5) }));

/** One of so many symbols that the catalogue is in pages and short segments share files. */
function changeOfMany(name, act, after, prepare = () => undefined) {
  return {
    name,
    async prepare(directory) {
      const target = path.join(directory, 'd');
      const dataset = await writeDataset(target, ofMany(), { layout: 'packed', durability });
      await prepare(dataset);
      return { target, dataset, before: await closesOf(target) };
    },
    act: ({ dataset }) => act(dataset),
    look: ({ target, before }) => compare(() => closesOf(target), before, after(before)),
    end: async ({ dataset }) => dataset.close(),
  };
}

const list = (rows, price) => [...columns(rows, 0, price).close];
const layouts = ['packed', 'mapped'];

const changes = layouts.flatMap((layout) => [
  change(
    'append',
    layout,
    (dataset) => dataset.append('A', columns(5, 40, 9), { durability }),
    (before) => ({ ...before, A: [...before.A, ...list(5, 9)] }),
  ),
  change(
    'append-symbol',
    layout,
    (dataset) => dataset.append('B', columns(20_000, 0, 3), { durability }),
    (before) => ({ ...before, B: list(20_000, 3) }),
  ),
  change(
    'upsert',
    layout,
    (dataset) => dataset.upsert('A', columns(3, 10, 7), { durability }),
    (before) => ({ ...before, A: [...before.A.slice(0, 10), ...list(3, 7), ...before.A.slice(13)] }),
  ),
]);

/** For changes whose result cannot be distinguished from what was there. */
const either = () => 'either';
const unchanged = (scenario) => ({ ...scenario, look: async (context) => either(await scenario.look(context)) });

/** Compaction and marks change files and no rows: then the model before is that after, and either will do. */
const rewrites = layouts.flatMap((layout) => {
  const scatter = async (dataset) => {
    for (let k = 0; k < 3; k += 1) await dataset.append('A', columns(2, 40 + 2 * k, k), { durability: 'process' });
  };
  return [
    unchanged(
      change(
        'compact',
        layout,
        (dataset) => dataset.compact({ durability }),
        (before) => before,
        scatter,
      ),
    ),
    unchanged(
      change(
        'mark',
        layout,
        (dataset) => dataset.markEmpty('A', [[0, 60_000]], { durability }),
        (before) => before,
      ),
    ),
  ];
});

const many = [
  changeOfMany(
    'append-among-many',
    (dataset) => dataset.append('S65', columns(2, 68, 9), { durability }),
    (before) => ({ ...before, S65: [...before.S65, ...list(2, 9)] }),
  ),
  changeOfMany(
    'append-symbol-to-many',
    (dataset) => dataset.append('new', columns(2, 0, 9), { durability }),
    (before) => ({ ...before, new: list(2, 9) }),
  ),
  changeOfMany(
    'upsert-among-many',
    (dataset) => dataset.upsert('S3', columns(2, 4, 7), { durability }),
    (before) => ({ ...before, S3: [before.S3[0], ...list(2, 7)] }),
  ),
  changeOfMany(
    'update-many',
    (dataset) => updateDataset(dataset.directory, nextOfMany(), { durability }),
    (before) => Object.fromEntries(Object.entries(before).map(([symbol, closes]) => [symbol, [...closes, 5]])),
  ),
  unchanged(
    changeOfMany(
      'compact-many',
      (dataset) => dataset.compact({ durability }),
      (before) => before,
      async (dataset) => {
        await updateDataset(dataset.directory, nextOfMany(), { durability: 'process' });
        await dataset.refresh();
        await dataset.upsert('S3', columns(4, 3, 7), { durability: 'process' });
      },
    ),
  ),
  unchanged(
    changeOfMany(
      'mark-among-many',
      (dataset) => dataset.markEmpty('S3', [[0, 60_000]], { durability }),
      (before) => before,
    ),
  ),
  {
    name: 'import-many',
    prepare: async (directory) => ({ target: path.join(directory, 'd') }),
    act: async ({ target }) => (await writeDataset(target, ofMany(), { layout: 'packed', durability })).close(),
    look: ({ target }) =>
      compare(
        async () => (fs.existsSync(target) ? closesOf(target) : 'nothing'),
        'nothing',
        Object.fromEntries(ofMany().map((one) => [one.symbol, [...one.columns.close]])),
      ),
  },
];

const imports = layouts.map((layout) => ({
  name: `import-${layout}`,
  prepare: async (directory) => ({ target: path.join(directory, 'd') }),
  act: async ({ target }) =>
    (await writeDataset(target, { symbol: 'A', columns: columns(20_000, 0, 2) }, { layout, durability })).close(),
  look: ({ target }) =>
    compare(async () => (fs.existsSync(target) ? closesOf(target) : 'nothing'), 'nothing', { A: list(20_000, 2) }),
}));

const convert = {
  name: 'convert-again',
  async prepare(directory) {
    const source = path.join(directory, 'A.csv');
    const target = path.join(directory, 'd');
    fs.writeFileSync(source, 'timestamp,close\n1704067200000,1\n1704067260000,2\n');
    (await convertToMemoryMapped(source, target, { durability })).close();
    fs.writeFileSync(source, 'timestamp,close\n1704067200000,1\n1704067260000,3\n1704067320000,4\n');
    return { source, target };
  },
  act: async ({ source, target }) => (await convertToMemoryMapped(source, target, { durability })).close(),
  look: ({ target }) => compare(() => closesOf(target), { A: [1, 2] }, { A: [1, 3, 4] }),
};

const generations = {
  name: 'generations',
  async prepare(directory) {
    const place = new Generations(path.join(directory, 'g'));
    const build = (text) => (at) => {
      const writer = new FileWriter(path.join(at, 'x'), { durability });
      writer.write(Buffer.from(text));
      writer.commit();
    };
    (await place.replace({ build: build('old'), durability })).release();
    return { place, build };
  },
  act: async ({ place, build }) => (await place.replace({ build: build('new'), durability })).release(),
  async look({ place }) {
    const lease = place.acquire();
    try {
      return await compare(async () => fs.readFileSync(path.join(lease.path, 'x'), 'utf8'), 'old', 'new');
    } finally {
      lease.release();
    }
  },
};

const arrayValues = async (file) => {
  if (!fs.existsSync(file)) return 'nothing';
  const array = await loadMemoryMappedArray(file, { backend: 'read' });
  try {
    return [...array.slice()];
  } finally {
    array.close();
  }
};

const arrays = [
  {
    name: 'array-create',
    prepare: async (directory) => ({ file: path.join(directory, 'a.npy') }),
    act: async ({ file }) => (await createMemoryMappedArray([1, 2, 3], file)).close(),
    look: ({ file }) => compare(() => arrayValues(file), 'nothing', [1, 2, 3]),
  },
  {
    name: 'array-append',
    async prepare(directory) {
      const file = path.join(directory, 'a.npy');
      const array = await createMemoryMappedArray([1, 2, 3], file);
      return { file, array };
    },
    async act({ array }) {
      await array.append([4, 5]);
      array.flush();
    },
    // The array itself has the rows once `append` has resolved, whether or not `flush` could put them on the disk.
    look: async ({ file }, { error }) => {
      const state = await compare(() => arrayValues(file), [1, 2, 3], [1, 2, 3, 4, 5]);
      return error === undefined ? state : 'either';
    },
    end: async ({ array }) => array.close(),
  },
];

await campaign([...imports, ...changes, ...many, ...rewrites, convert, generations, ...arrays]);
