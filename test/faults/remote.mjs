/**
 * What comes over the network onto the disk, under injected faults: blocks of a remote dataset, data by its hash, and
 * candles of an exchange; and rows that an import puts aside. Run by faults.test.ts, or by hand with ATC_FAULT_DIST and
 * the shim.
 */
import fs from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { campaign } from './driver.mjs';

const dist = process.env.ATC_FAULT_DIST;
const { openDataset, writeDataset } = await import(path.join(dist, 'src/index.js'));
const { dataByHash, describeData } = await import(path.join(dist, 'remote.js'));
const { keepHistory } = await import(path.join(dist, 'history.js'));
const { Spill } = await import(path.join(dist, 'src/formats/order/spill.js'));

const MINUTE_MS = 60_000;
const closes = (rows, first = 0) => Float64Array.from({ length: rows }, (_, k) => 100 + (((first + k) * 37) % 50) / 8);
const columns = (rows) => ({
  timestamp: Float64Array.from({ length: rows }, (_, k) => k * MINUTE_MS),
  close: closes(rows),
});
const requireSame = (found, wanted, what) => {
  if (JSON.stringify([...found]) !== JSON.stringify([...wanted])) throw new Error(`${what}: ${[...found].slice(0, 5)}`);
};

/** Files of a server, by their path; it reads them before faults are on. */
let served = new Map();
const server = createServer((request, response) => {
  const body = served.get(decodeURIComponent(request.url.slice(1)));
  if (body === undefined) return response.writeHead(404).end();
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (first === undefined) return response.writeHead(200, { etag: '"1"', 'content-length': body.length }).end(body);
  const part = body.subarray(Number(first), last === '' ? undefined : Number(last) + 1);
  const range = `bytes ${first}-${Number(first) + part.length - 1}/${body.length}`;
  return response.writeHead(206, { etag: '"1"', 'content-length': part.length, 'content-range': range }).end(part);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
server.unref();
const url = `http://127.0.0.1:${server.address().port}`;

let manifest;
async function serve(directory) {
  if (served.size > 0) return;
  const source = path.join(directory, 'source');
  (await writeDataset(source, { symbol: 'A', columns: columns(500) }, { durability: 'process' })).close();
  manifest = await describeData(source);
  served = new Map(
    fs
      .readdirSync(source, { recursive: true })
      .filter((name) => fs.statSync(path.join(source, name)).isFile())
      .map((name) => [name, fs.readFileSync(path.join(source, name))]),
  );
  fs.rmSync(source, { recursive: true });
}

const readRemote = async (cacheDir) => {
  const dataset = await openDataset(url, { cacheDir, retries: 0 });
  try {
    requireSame(await dataset.table('A').column('close'), closes(500), 'other rows');
  } finally {
    dataset.close();
  }
};

/** A cache of blocks never fails the one who reads: the network has what the disk refuses. */
const blocks = ['cold', 'warm'].map((state) => ({
  name: `remote-blocks-${state}`,
  async prepare(directory) {
    await serve(directory);
    const cacheDir = path.join(directory, 'cache');
    if (state === 'warm') await readRemote(cacheDir);
    return { cacheDir };
  },
  act: ({ cacheDir }) => readRemote(cacheDir),
  async look({ cacheDir }, { error }) {
    await readRemote(cacheDir);
    if (error !== undefined) throw new Error(`a cache failed its reader: ${error.stack}`);
    return 'after';
  },
}));

const fetchData = async (cacheDir) => {
  const data = await dataByHash(manifest, { from: [url], cacheDir, retries: 0 });
  try {
    for (const { path: name } of manifest.files)
      if (!fs.readFileSync(path.join(data.directory, name)).equals(served.get(name)))
        throw new Error(`another ${name}`);
  } finally {
    data.release();
  }
};

const byHash = ['cold', 'warm'].map((state) => ({
  name: `data-by-hash-${state}`,
  async prepare(directory) {
    await serve(directory);
    const cacheDir = path.join(directory, 'cache');
    if (state === 'warm') await fetchData(cacheDir);
    return { cacheDir };
  },
  act: ({ cacheDir }) => dataByHash(manifest, { from: [url], cacheDir, retries: 0 }).then((data) => data.release()),
  async look({ cacheDir }, { error }) {
    await fetchData(cacheDir);
    return error === undefined ? 'after' : 'either';
  },
}));

const candle = (k) => [k * MINUTE_MS, 1, 2, 0.5, closes(1, k)[0], 3];
const fetchPage = async ({ since, limit }) => {
  const first = Math.ceil(Number(since) / MINUTE_MS);
  return Array.from({ length: Math.max(0, Math.min(limit, 60 - first)) }, (_, k) => candle(first + k));
};
const keep = async (directory, minutes) => {
  const range = { since: 0, until: minutes * MINUTE_MS, interval: '1m', symbol: 'A', pageSize: 20 };
  const history = await keepHistory({ directory, fetchPage, source: 'x', durability: 'power', retries: 0, ...range });
  history.close();
};

/** The same call goes on, and nothing of what was there is ever lost. */
const kept = [0, 30].map((before) => ({
  name: before === 0 ? 'keep-history' : 'keep-history-on',
  async prepare(directory) {
    const target = path.join(directory, 'd');
    if (before > 0) await keep(target, before);
    return { target };
  },
  act: ({ target }) => keep(target, 60),
  async look({ target }, { error }) {
    // A process that was killed has acknowledged nothing either.
    const isDone = error === undefined && process.env.ATC_KILL_ROLE === undefined;
    if (before > 0 || isDone) {
      const dataset = await openDataset(target);
      const found = [...dataset.table('A').column('close')];
      dataset.close();
      requireSame(found, closes(found.length), 'other rows');
      if (found.length < (isDone ? 60 : before)) throw new Error(`${found.length} rows`);
    }
    await keep(target, 60);
    const dataset = await openDataset(target);
    requireSame(dataset.table('A').column('close'), closes(60), 'other rows after the same call');
    dataset.close();
    return error === undefined ? 'after' : 'either';
  },
}));

/** Rows that are put aside while they are sorted: below the temporary directory, which is the one of the campaign. */
const spilled = {
  name: 'spill',
  async prepare(directory) {
    process.env.TMPDIR = directory;
    return { directory };
  },
  async act() {
    const values = columns(40);
    const spill = new Spill();
    try {
      spill.add(
        {
          rows: 40,
          schema: Object.keys(values).map((name) => ({ name, dtype: 'float64' })),
          timestampAt: 0,
          isMixed: false,
          columns: Object.values(values),
          symbolAt: () => 'A',
          locationOf: () => ({}),
        },
        undefined,
      );
      requireSame(spill.at(0).columns[1], closes(40), 'other rows');
    } finally {
      spill.close();
    }
  },
  async look({ directory }, { error }) {
    const left = fs.readdirSync(directory).filter((name) => !name.startsWith('.'));
    // What could not be removed at once is removed within the second that the driver waits for it.
    // A process that is killed between making the directory and removing it leaves an empty one to the system.
    if (process.env.ATC_KILL_ROLE !== undefined) return 'either';
    for (const until = Date.now() + 2500; left.some((name) => fs.existsSync(path.join(directory, name))); ) {
      if (Date.now() > until) throw new Error(`left behind: ${left}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return error === undefined ? 'after' : 'either';
  },
};

await campaign([...blocks, ...byHash, ...kept, spilled]);
process.exit(0);
