/** Datasets on a server: what is read is what a disk has, and no more is requested than is asked for. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onMemoryEvent, openDataset, writeDataset } from 'atc-memory';
import { describeData } from 'atc-memory/remote';
import { bitsOf, local, NO_ROWS, pieces, root, rowsOf, rowsOn, serve } from './served-datasets.js';

const DAY_MS = 86_400_000;

describe.each(['packed', 'mapped'])('a %s dataset', (layout) => {
  test('has the symbols, rows and bits that it has on disk', async () => {
    const { url } = await serve(layout);
    const onDisk = await openDataset(path.join(root, layout));
    const remote = await openDataset(`${url}/`);
    expect(remote.symbols).toEqual(onDisk.symbols);
    expect([remote.layout, remote.generation]).toEqual([layout, 1]);
    expect(await remote.snapshotId()).toBe(onDisk.snapshotId);
    for (const symbol of remote.symbols) {
      const there = onDisk.table(symbol);
      const table = remote.table(symbol);
      expect([table.length, table.columns]).toEqual([there.length, there.columns]);
      for (const name of table.columns) expect(bitsOf(await table.column(name))).toEqual(bitsOf(there.column(name)));
      expect(await rowsOf(remote.blocks(symbol))).toEqual(rowsOn(there));
    }
    onDisk.close();
    remote.close();
  });

  test('gives the rows between two times, wherever they begin and end', async () => {
    const { url } = await serve(layout);
    const onDisk = await openDataset(path.join(root, layout));
    const remote = await openDataset(url);
    const first = onDisk.catalogue.symbols[1].firstMs;
    const spans = [
      [first - 5, first - 1],
      [first - 5, first + 1],
      [first + 1.5, first + 90_000],
      [first + DAY_MS * 5, first + DAY_MS * 6],
      [first + DAY_MS * 11, first + DAY_MS * 12 + 1],
      [first + DAY_MS * 27, first + DAY_MS * 99],
      [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
      [first + 7, first + 7],
    ] as const;
    for (const symbol of remote.symbols) {
      for (const [from, to] of spans) {
        const there = onDisk.table(symbol).range(from, to);
        expect((await remote.table(symbol).range(from, to)).length).toBe(there.length);
        const found = await rowsOf(remote.blocks(symbol, { columns: ['close', 'timestamp'], from, to }));
        expect(found.close ?? NO_ROWS).toEqual(bitsOf(there.column('close')));
        expect(found.timestamp ?? NO_ROWS).toEqual(bitsOf(there.column('timestamp')));
      }
    }
    onDisk.close();
    remote.close();
  });
});

test('a day of one symbol takes three requests, and its blocks alone', async () => {
  const server = await serve();
  const remote = await openDataset(server.url);
  const { firstMs } = remote.entry('S2');
  const from = firstMs + 3 * DAY_MS;
  const found = await rowsOf(remote.blocks('S2', { columns: ['close'], from, to: from + DAY_MS }));
  expect(found.close).toHaveLength(1440);
  expect(server.requests).toHaveLength(3);
  expect(server.bytes).toBeLessThan(65_536);
  expect(remote.traffic).toEqual({ requests: 3, bytes: server.bytes, cached: 0 });
  // Again: nothing is requested, and the cache says so.
  await rowsOf(remote.blocks('S2', { columns: ['close'], from, to: from + DAY_MS }));
  expect(server.requests).toHaveLength(3);
  expect(remote.traffic.cached).toBeGreaterThan(0);
  remote.close();
});

test('a day of one of many symbols takes three requests too, also after changes', async () => {
  const directory = path.join(root, 'many');
  const few = { columns: ['timestamp', 'close'] };
  const short = [...pieces(150, 300)].slice(2);
  const many = await writeDataset(directory, [...pieces(2, 40_000), ...short], { durability: 'process' });
  for (const symbol of ['S1', 'S140']) {
    const row = Object.fromEntries(many.table(symbol).columns.map((name) => [name, Float64Array.of(1)]));
    await many.append(symbol, { ...row, timestamp: Float64Array.of(many.entry(symbol)!.lastMs + 60_000) });
  }
  const server = await serve('many');
  for (const symbol of ['S0', 'S1', 'S2', 'S100', 'S140']) {
    const before = server.requests.length;
    const remote = await openDataset(server.url);
    const { lastMs } = remote.entry(symbol);
    const day = { from: lastMs - DAY_MS + 60_000, to: lastMs + 60_000 };
    const found = await rowsOf(remote.blocks(symbol, { ...few, ...day }));
    expect(server.requests.length - before).toBeLessThanOrEqual(1 + 2 * remote.entry(symbol).segments.length);
    const there = many.table(symbol).range(day.from, day.to);
    expect(found).toEqual({ timestamp: bitsOf(there.column('timestamp')), close: bitsOf(there.column('close')) });
    remote.close();
  }
  const remote = await openDataset(server.url);
  expect(remote.symbols).toEqual(many.symbols);
  expect(await remote.snapshotId()).toBe(many.snapshotId);
  remote.close();
  // Without the short form the pages themselves are read.
  rmSync(path.join(directory, 'catalogue.brief'));
  const bare = await openDataset(server.url);
  expect(bare.symbols).toEqual(many.symbols);
  expect(await rowsOf(bare.blocks('S140'))).toEqual(rowsOn(many.table('S140')));
  bare.close();
  const { files } = await describeData(directory);
  expect(files.map((file) => file.path)).toEqual(
    expect.arrayContaining(['added-1/names.json', 'added-1/00000.frames', 'added-3/page-00002.json']),
  );
  many.close();
});

test('a whole column takes the bytes that it is stored in', async () => {
  const server = await serve();
  const remote = await openDataset(server.url);
  await remote.table('S0').column('open', { from: 0, to: 1 });
  const before = server.bytes;
  await remote.table('S1').range(0, 0);
  await remote.table('S1').column('close', { from: 0, to: 1 });
  const opened = server.bytes;
  expect(opened).toBeGreaterThan(before);
  await remote.table('S1').column('close');
  const { FrameReader } = await import('../../src/codec/frame-reader.js');
  const { memorySource } = await import('../../src/codec/frame-source.js');
  const [{ path: file }] = remote.entry('S1').segments;
  const frame = new FrameReader(memorySource(readFileSync(path.join(root, 'packed', file))));
  const [close] = frame.columnIndexes(['close']);
  // Its chunks, and those that they are predicted from.
  const { lengths, refs } = frame.index;
  const bytesOf = (block: number) => {
    const at = block * frame.columns.length;
    return [close, ...refs[at + close]].reduce((sum, column) => sum + lengths[at + column], 0);
  };
  const stored = Array.from({ length: frame.blocks }, (_, block) => bytesOf(block));
  const wanted = stored.slice(1).reduce((sum, length) => sum + length, 0);
  expect(server.bytes - opened).toBeGreaterThanOrEqual(wanted);
  expect(server.bytes - opened).toBeLessThan(wanted * 1.02);
  remote.close();
});

test('two readers of the same rows make one request for them', async () => {
  const server = await serve();
  const remote = await openDataset(server.url);
  await remote.table('S0').column('close', { from: 0, to: 1 });
  server.reset();
  const columns = await Promise.all(Array.from({ length: 5 }, () => remote.table('S0').column('high')));
  for (const column of columns) expect(bitsOf(column)).toEqual(bitsOf(local.table('S0').column('high')));
  const asked = server.requests.map(({ range }) => range);
  expect(new Set(asked).size).toBe(asked.length);
  remote.close();
});

test('after close everything is CLOSED', async () => {
  const { url } = await serve();
  const remote = await openDataset(url);
  const table = remote.table('S0');
  remote.close();
  expect(() => remote.table('S0')).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  expect(() => remote.blocks('S0')).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  await expect(table.column('close')).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(remote.refresh()).rejects.toMatchObject({ code: 'CLOSED' });
});

test('chunks stay in a directory, below its bound, and are checked when they are used again', async () => {
  const server = await serve();
  const cacheDir = path.join(root, 'cache');
  const read = async (maxCacheBytes?: number) => {
    const remote = await openDataset(server.url, { cacheDir, maxCacheBytes });
    const rows = await rowsOf(remote.blocks('S1'));
    const { traffic } = remote;
    remote.close();
    expect(rows).toEqual(rowsOn(local.table('S1')));
    return traffic;
  };
  const first = await read();
  const second = await read();
  expect(second.cached).toBeGreaterThan(100_000);
  expect(second.bytes).toBeLessThan(first.bytes / 4);
  const files = readdirSync(cacheDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.atc-part'),
  );
  expect(files.length).toBeGreaterThan(6);
  // Damaged files are fetched again.
  for (const name of files) {
    const bytes = readFileSync(path.join(cacheDir, name));
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(path.join(cacheDir, name), bytes);
  }
  expect((await read()).bytes).toBe(first.bytes);
  expect((await read()).cached).toBe(second.cached);
});

test('a cache that the disk refuses fails no reader: the rows come from the server, and an event says so once', async () => {
  const server = await serve();
  const cacheDir = path.join(root, 'refused');
  // A file where the directory of the chunks would be: refused to root too.
  mkdirSync(cacheDir);
  writeFileSync(path.join(cacheDir, 'remote'), '');
  const reasons: string[] = [];
  const stop = onMemoryEvent('fallback', ({ reason }) => reasons.push(reason));
  const remote = await openDataset(server.url, { cacheDir });
  expect(await rowsOf(remote.blocks('S1'))).toEqual(rowsOn(local.table('S1')));
  expect(await rowsOf(remote.blocks('S2'))).toEqual(rowsOn(local.table('S2')));
  remote.close();
  stop();
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toContain(path.join(cacheDir, 'remote'));
});

test('versions that stay are opened by their name or number', async () => {
  const directory = path.join(root, 'versions');
  const dataset = await writeDataset(directory, pieces(1, 2000), { durability: 'process' });
  await dataset.snapshot('before');
  const { lastMs } = dataset.catalogue.symbols[0];
  const more = { timestamp: [lastMs + 60_000], open: [1], high: [1], low: [1], close: [1], volume: [1] };
  await dataset.append(
    'S0',
    Object.fromEntries(Object.entries(more).map(([name, values]) => [name, Float64Array.from(values)])),
  );
  const { url } = await serve('versions');
  const current = await openDataset(url);
  const before = await openDataset(url, { asOf: 'before' });
  expect([current.generation, current.table('S0').length]).toEqual([2, 2001]);
  expect([before.generation, before.snapshotName, before.table('S0').length]).toEqual([1, 'before', 2000]);
  expect(await rowsOf(current.blocks('S0'))).toEqual(rowsOn(dataset.table('S0')));
  expect(await before.refresh()).toBe(false);
  expect(await current.refresh()).toBe(false);
  await dataset.append(
    'S0',
    Object.fromEntries(
      Object.entries(more).map(([name, [value]]) => [
        name,
        Float64Array.of(name === 'timestamp' ? value + 60_000 : value),
      ]),
    ),
  );
  expect(await current.refresh()).toBe(true);
  expect(current.table('S0').length).toBe(2002);
  expect((await openDataset(url, { asOf: 3 })).generation).toBe(3);
  await expect(openDataset(url, { asOf: 'nope' })).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(openDataset(url, { asOf: 2 })).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(openDataset(url, { asOf: new Date() })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  dataset.close();
});

test.each([
  ['a wrong option', { maxByte: 1 }],
  ['too little memory', { memoryBytes: 5 }],
  ['no time', { timeoutMs: 0 }],
  ['text for a number', { retries: '3' }],
  ['an empty directory', { cacheDir: '' }],
  ['an unknown option of s3', { s3: { key: 'x' } }],
])('%s is ARGUMENT', async (_, options) => {
  await expect(openDataset('http://127.0.0.1:1/', options as never)).rejects.toMatchObject({ code: 'ARGUMENT' });
});

test('unknown symbols, columns and options are ARGUMENT, with the nearest name', async () => {
  const { url } = await serve();
  const remote = await openDataset(url);
  expect(() => remote.table('S')).toThrow('S0');
  expect(() => remote.blocks('S0', { column: ['close'] } as never)).toThrow('columns');
  await expect(remote.table('S0').column('clos')).rejects.toThrow('close');
  await expect(rowsOf(remote.blocks('S0', { columns: ['clos'] }))).rejects.toThrow('close');
  await expect(rowsOf(remote.blocks('S0', { from: '2024' as never }))).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(remote.table('S0').range(5, 4)).rejects.toMatchObject({ code: 'ARGUMENT' });
  const noSignal = { signal: 'stop' as never };
  expect(() => remote.table('S0').blocks(['close'], noSignal)).toThrow('AbortSignal');
  await expect(remote.table('S0').column('close', noSignal)).rejects.toThrow('AbortSignal');
  await expect(rowsOf(remote.blocks('S0', noSignal))).rejects.toThrow('AbortSignal');
  await expect(remote.table('S0').range(4, 5, 'stop' as never)).rejects.toThrow('AbortSignal');
  await expect(remote.table('S0').column('close', { from: -1 })).rejects.toMatchObject({ code: 'ARGUMENT' });
  remote.close();
});
