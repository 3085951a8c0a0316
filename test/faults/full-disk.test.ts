/**
 * A disk that is really full, and one without a free inode: writers refuse with IO and change nothing, what is there
 * can be read, and once there is room again the same change goes through. Needs a mount, so root.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  convertToMemoryMapped,
  createMemoryMappedArray,
  EntryDirectory,
  isAtcError,
  loadMemoryMappedArray,
  openCandleStore,
  openDataset,
  withMemoryMapping,
  writeDataset,
} from 'atc-memory';
import { migrateDirectory } from '../../src/entries/migrate/migrate.js';

const root = mkdtempSync(path.join(tmpdir(), 'atc-full-'));
const KINDS = { 'full disk': 'size=4m', 'disk without a free inode': 'size=64m,nr_inodes=120' } as const;
const mounts = Object.entries(KINDS).map(([kind, options]) => ({
  kind,
  options,
  at: path.join(root, kind.replaceAll(' ', '-')),
}));
const reason = mountAll();
if (reason !== undefined) console.info(`full disks are not tested here: ${reason}`);

function mountAll(): string | undefined {
  if (process.platform !== 'linux') return 'tmpfs is of Linux';
  try {
    for (const { at, options } of mounts) {
      mkdirSync(at);
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at], { stdio: 'pipe' });
    }
    return undefined;
  } catch (error) {
    return `mounting is not permitted (${String((error as Error).message).split('\n')[0]})`;
  }
}

afterAll(() => {
  for (const { at } of mounts) {
    try {
      execFileSync('umount', ['-l', at], { stdio: 'pipe' });
    } catch {
      // It was not mounted.
    }
  }
  rmSync(root, { recursive: true, force: true });
});

/** Takes all bytes and all inodes that are left; returns how to give them back. */
function fill(at: string): () => void {
  const folder = path.join(at, 'ballast');
  mkdirSync(folder);
  for (const size of [1 << 16, 1 << 12, 0]) {
    try {
      // Empty files take no room, only inodes.
      for (let k = 0; k < 500; k++) writeFileSync(path.join(folder, `${size}-${k}`), new Uint8Array(size));
    } catch {
      // That is what it is for; smaller ones may still fit.
    }
  }
  return () => rmSync(folder, { recursive: true });
}

const columns = (from: number, rows: number) => ({
  timestamp: Float64Array.from({ length: rows }, (_, k) => (from + k) * 60_000),
  close: Float64Array.from({ length: rows }, (_, k) => Math.sin(from + k)),
});
const candle = (k: number) => ({ timestamp: k * 60_000, open: k, high: k, low: k, close: k, volume: k });
const name = { exchange: 'x', symbol: 'A', interval: '1m' };

interface Writer {
  prepare(at: string): Promise<void>;
  /** Larger than what is left of a page. */
  change(at: string): Promise<unknown>;
  read(at: string): Promise<unknown>;
  /** It is rebuilt when it is lost, so it never refuses. */
  readonly isCache?: true;
}

const rowsOf = async (directory: string) => {
  const dataset = await openDataset(directory);
  const closes = [...dataset.table('A').column('close')].length;
  dataset.close();
  return closes;
};

const WRITERS: Record<string, Writer> = {
  'a dataset': {
    prepare: async (at) => (await writeDataset(`${at}/d`, { symbol: 'A', columns: columns(0, 100) })).close(),
    async change(at) {
      const dataset = await openDataset(`${at}/d`);
      await dataset.append('A', columns(100, 5000)).finally(() => dataset.close());
    },
    read: (at) => rowsOf(`${at}/d`),
  },
  'a copy': {
    async prepare(at) {
      writeFileSync(`${at}/A.csv`, 'timestamp,close\n1704067200000,1\n');
      (await convertToMemoryMapped(`${at}/A.csv`, `${at}/c`)).close();
      writeFileSync(`${at}/A.csv`, 'timestamp,close\n1704067200000,1\n1704067260000,2\n');
    },
    change: async (at) => (await convertToMemoryMapped(`${at}/A.csv`, `${at}/c`)).close(),
    read: (at) => rowsOf(`${at}/c`),
  },
  'an array': {
    prepare: async () => undefined,
    change: async (at) => (await createMemoryMappedArray(new Float64Array(9000), `${at}/a.npy`)).close(),
    async read(at) {
      if (!readdirSync(at).includes('a.npy')) return 0;
      const array = await loadMemoryMappedArray(`${at}/a.npy`);
      const { length } = array;
      array.close();
      return length;
    },
  },
  'an entry': {
    prepare: (at) => new EntryDirectory({ directory: `${at}/e` }).set('k', 1),
    change: (at) => new EntryDirectory({ directory: `${at}/e` }).set('k', columns(0, 5000)),
    read: async (at) => JSON.stringify((await new EntryDirectory({ directory: `${at}/e` }).get('k'))?.value).length,
  },
  'a migration': {
    async prepare(at) {
      mkdirSync(`${at}/m`);
      const cache = [['k', { value: JSON.stringify({ value: 'x'.repeat(9000) }) }]];
      writeFileSync(`${at}/m/cache.json`, JSON.stringify({ cache, lastExpire: 1 }));
    },
    change: (at) => migrateDirectory(`${at}/m`),
    read: async (at) => JSON.stringify((await new EntryDirectory({ directory: `${at}/m` }).get('k'))?.value).length,
  },
  'a candle series': {
    prepare: async (at) => void withSeries(at, (series) => series.write([candle(0)])),
    change: async (at) =>
      withSeries(at, (series) => series.write(Array.from({ length: 3000 }, (_, k) => candle(k + 1)))),
    read: async (at) => withSeries(at, (series) => [...series.candles()].length),
  },
  'a cached result': {
    prepare: async () => undefined,
    change: async (at) => resultOf(at),
    read: async (at) => resultOf(at),
    isCache: true,
  },
};

function withSeries<T>(at: string, run: (series: ReturnType<ReturnType<typeof openCandleStore>['series']>) => T): T {
  const store = openCandleStore(`${at}/s`, { durability: 'power' });
  try {
    return run(store.series(name));
  } finally {
    store.close();
  }
}

const resultOf = (at: string) =>
  withMemoryMapping(
    { load: () => columns(0, 5000) },
    { service: 's', cacheDir: `${at}/r`, ttlMs: Number.POSITIVE_INFINITY },
  ).load().close.length;

let refused = 0;
const cases = mounts.flatMap((mount) => Object.keys(WRITERS).map((writer) => ({ ...mount, writer })));

(reason === undefined ? test : test.skip).each(cases)('$writer on a $kind', async ({ at, writer }) => {
  const { prepare, change, read, isCache } = WRITERS[writer];
  await prepare(at);
  const before = isCache ? 5000 : await read(at);
  const free = fill(at);
  let error: unknown;
  await change(at).catch((thrown: unknown) => {
    error = thrown;
  });
  // What is there opens where nothing can be written.
  const found = await read(at);
  if (isCache) expect([error, found]).toEqual([undefined, before]);
  else if (error === undefined) expect(found).not.toEqual(before);
  else {
    expect(isAtcError(error, 'IO')).toBe(true);
    expect((error as { applied?: true }).applied).toBeUndefined();
    expect(found).toEqual(before);
    refused++;
  }
  free();
  await change(at);
  if (!isCache && writer !== 'a migration') expect(await read(at)).not.toEqual(before);
  const left = readdirSync(at, { recursive: true }).filter((file) =>
    /\.atc-(tmp|lock)$|(lease|doomed)\.\d/.test(String(file)),
  );
  expect(left).toEqual([]);
  for (const file of readdirSync(at)) rmSync(path.join(at, file), { recursive: true });
});

(reason === undefined ? test : test.skip)('only what needs no new file or byte went through', () => {
  expect(refused).toBeGreaterThanOrEqual(11);
});
