/** Datasets on a server: what is read is what a disk has, and no more is requested than is asked for. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { type CandleTable, type DirectoryDataset, openDataset, type TypedArray, writeDataset } from 'atc-memory';
import { type FileServer, type ServerOptions, sendFile, serveFiles } from './file-server.js';
import { minutes } from './made-up-history.js';

const DAY_MS = 86_400_000;
const root = mkdtempSync(path.join(tmpdir(), 'remote-'));
const servers: FileServer[] = [];
let local: DirectoryDataset;

beforeAll(async () => {
  local = await writeDataset(path.join(root, 'packed'), pieces(3, 40_000), { durability: 'process' });
  (
    await writeDataset(path.join(root, 'mapped'), pieces(2, 40_000), { layout: 'mapped', durability: 'process' })
  ).close();
});
afterEach(async () => {
  while (servers.length > 0) await servers.pop()!.close();
});
afterAll(() => {
  local.close();
  rmSync(root, { recursive: true });
});

function* pieces(symbols: number, rows: number) {
  for (let k = 0; k < symbols; k += 1) yield { symbol: `S${k}`, columns: minutes(rows, k) };
}

async function serve(directory = 'packed', options: ServerOptions = {}) {
  const server = await serveFiles(path.join(root, directory), options);
  servers.push(server);
  return server;
}

type Rows = Record<string, { length: number; bits: string }>;

/** Number and bits of the elements of every column. */
async function rowsOf(blocks: AsyncIterable<{ length: number; columns: Record<string, TypedArray> }>): Promise<Rows> {
  const parts: Record<string, TypedArray[]> = {};
  for await (const block of blocks) {
    for (const [name, values] of Object.entries(block.columns)) {
      expect(values).toHaveLength(block.length);
      (parts[name] ??= []).push(values);
    }
  }
  return Object.fromEntries(Object.entries(parts).map(([name, arrays]) => [name, bitsOf(...arrays)]));
}

const rowsOn = (table: CandleTable) =>
  Object.fromEntries(table.columns.map((name) => [name, bitsOf(table.column(name))]));

function bitsOf(...arrays: TypedArray[]) {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return { length: arrays.reduce((sum, { length }) => sum + length, 0), bits: hash.digest('hex') };
}

const NO_ROWS = bitsOf();

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

test('a server without ranges works: each file is read whole and once, and this is reported once', async () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const server = await serve('packed', { ranges: false });
  const remote = await openDataset(server.url);
  await Promise.all([
    remote.table('S0').column('close'),
    remote.table('S0').column('high'),
    rowsOf(remote.blocks('S0')),
    rowsOf(remote.blocks('S1')),
  ]);
  expect(bitsOf(await remote.table('S1').column('low'))).toEqual(bitsOf(local.table('S1').column('low')));
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining(server.url), { type: 'AtcWarning', code: 'ATC_NO_RANGES' }],
  ]);
  warn.mockRestore();
  expect(
    server.requests
      .map((one) => one.path)
      .filter((one) => one.endsWith('.atc'))
      .sort(),
  ).toHaveLength(2);
  remote.close();
});

test('a file above the bound is refused where a server without ranges would send all of it', async () => {
  const { url } = await serve('packed', { ranges: false });
  const remote = await openDataset(url, { maxWholeBytes: 50_000 });
  await expect(remote.table('S0').column('close')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  remote.close();
});

test('connections that are cut go on from the byte that was reached', async () => {
  const cut = new Map<string, number>();
  const server = await serve('packed', {
    misbehave(request, response, body) {
      const key = `${request.url}`;
      cut.set(key, (cut.get(key) ?? 0) + 1);
      // Two of three answers are cut.
      if (cut.get(key)! % 3 === 0 || body.length === 0) return false;
      sendFile(request, response, body, true, Math.min(70_000, Math.ceil(body.length / 4)));
      return true;
    },
  });
  const remote = await openDataset(server.url, { retries: 6 });
  expect(await rowsOf(remote.blocks('S1'))).toEqual(rowsOn(local.table('S1')));
  const resumed = server.requests.filter(({ headers }) => headers['if-range'] !== undefined);
  expect(resumed.length).toBeGreaterThan(0);
  // Nothing that had arrived was sent again: but for what was cut, each byte once.
  expect(server.bytes).toBeLessThan(remote.entry('S1').rows * 40);
  remote.close();
});

test('errors of the server are repeated as often as allowed, then reported with the URL and without its secrets', async () => {
  let failures = 0;
  const server = await serve('packed', {
    misbehave(_, response) {
      failures += 1;
      if (failures > 3) return false;
      response.writeHead(503, { 'retry-after': '0' }).end();
      return true;
    },
  });
  const remote = await openDataset(server.url, { retries: 3 });
  expect(remote.symbols).toHaveLength(3);
  remote.close();
  failures = -100;
  const secret = server.url.replace('http://', 'http://me:secret@') as `http://${string}`;
  const error = await openDataset(`${secret}/?token=hidden`, { retries: 1 }).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'IO', path: `${server.url}/catalogue.brief` });
  expect(error.message).toContain(`${server.url}/catalogue.brief`);
  expect(error.message).not.toMatch(/secret|hidden|me:/);
});

test.each([
  [404, 'is not a dataset'],
  [403, 'access is refused'],
  [401, 'credentials'],
  [418, 'answered 418'],
])('status %i is IO at once', async (status, text) => {
  const server = await serve('packed', {
    misbehave(_, response) {
      response.writeHead(status).end();
      return true;
    },
  });
  const error = await openDataset(server.url).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'IO' });
  expect(error.message).toContain(text);
  // The short form of the catalogue is tried first; without permission to list, what is missing is 403 too.
  expect(server.requests).toHaveLength(status === 404 || status === 403 ? 2 : 1);
});

test('the status counts, not the text: a directory may be called (404)', async () => {
  const server = await serve('packed', {
    misbehave(_, response) {
      response.writeHead(401).end();
      return true;
    },
  });
  const error = await openDataset(`${server.url}/old (404)` as `http://${string}`).catch((thrown) => thrown);
  expect(error.message).toContain('credentials');
  expect(server.requests).toHaveLength(1);
});

test('a file that changes while it is read is refused', async () => {
  rmSync(path.join(root, 'changing'), { recursive: true, force: true });
  cpSync(path.join(root, 'packed'), path.join(root, 'changing'), { recursive: true });
  const server = await serve('changing');
  const remote = await openDataset(server.url);
  await remote.table('S0').column('close', { from: 0, to: 1 });
  const file = path.join(root, 'changing', remote.entry('S0').segments[0].path);
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(1)]));
  const error = await remote
    .table('S0')
    .column('high')
    .catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'CORRUPT' });
  expect(error.message).toContain('has changed while it was read');
  remote.close();
});

test.each(['index', 'chunk'])('a flipped byte of the %s is refused with its file', async (where) => {
  const directory = path.join(root, `flipped-${where}`);
  cpSync(path.join(root, 'packed'), directory, { recursive: true });
  const [{ segments }] = local.catalogue.symbols;
  const file = path.join(directory, segments[0].path);
  const bytes = readFileSync(file);
  bytes[where === 'index' ? bytes.length - 60 : 3000] ^= 4;
  writeFileSync(file, bytes);
  const { url } = await serve(`flipped-${where}`);
  const remote = await openDataset(url);
  const error = await rowsOf(remote.blocks('S0')).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'CORRUPT', path: `${url}/${segments[0].path}` });
  expect(error.offset).toBeGreaterThan(0);
  remote.close();
});

describe('an answer that contradicts the request or itself is refused', () => {
  const forged: [string, (from: number, to: number, length: number) => Record<string, string | number>][] = [
    ['another range', (from, to, length) => ({ 'content-range': `bytes ${from + 1}-${to}/${length}` })],
    ['a longer range', (from, to, length) => ({ 'content-range': `bytes ${from}-${to + 5}/${length}` })],
    ['a range behind the end', (from, to) => ({ 'content-range': `bytes ${from}-${to - 1}/${to - 5}` })],
    ['no range', () => ({})],
    ['text for a range', () => ({ 'content-range': 'bytes a-b/c' })],
    ['another length', (from, to, length) => ({ 'content-range': `bytes ${from}-${to - 2}/${length}` })],
    [
      'a compressed range',
      (from, to, length) => ({
        'content-range': `bytes ${from}-${to - 1}/${length}`,
        'content-encoding': 'gzip',
      }),
    ],
  ];
  test.each(forged)('%s', async (_, headersOf) => {
    const { url } = await serve('packed', {
      misbehave(request, response, body) {
        const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
        if (match === null) return false;
        const [from, to] = [Number(match[1]), Number(match[2]) + 1];
        response.writeHead(206, { 'content-length': to - from, ...headersOf(from, to, body.length) });
        response.end(body.subarray(from, to));
        return true;
      },
    });
    const remote = await openDataset(url);
    await expect(remote.table('S0').column('close')).rejects.toMatchObject({ code: 'CORRUPT' });
    remote.close();
  });

  test('a body that never ends', async () => {
    let sent = 0;
    const { url } = await serve('packed', {
      misbehave(request, response, body) {
        const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
        if (match === null) return false;
        response.writeHead(206, { 'content-range': `bytes ${match[1]}-${match[2]}/${body.length}` });
        const more = () => {
          while (!response.destroyed) {
            sent += 65_536;
            if (!response.write(new Uint8Array(65_536))) break;
          }
        };
        response.on('drain', more);
        more();
        return true;
      },
    });
    const remote = await openDataset(url);
    await expect(remote.table('S0').column('close')).rejects.toMatchObject({ code: 'CORRUPT' });
    expect(sent).toBeLessThan(64 << 20);
    remote.close();
  });
});

test('content that a server compresses on the way is still whole', async () => {
  const { gzipSync } = await import('node:zlib');
  const server = await serve('packed', {
    misbehave(_, response, body) {
      const packed = gzipSync(body);
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
      return true;
    },
  });
  const remote = await openDataset(server.url);
  expect(await rowsOf(remote.blocks('S1'))).toEqual(rowsOn(local.table('S1')));
  for (const { headers } of server.requests) expect(headers['accept-encoding']).toBe('identity');
  remote.close();
});

test('redirects are followed; credentials stay with the host that they were given for', async () => {
  const target = await serve();
  const server = await serve('packed', {
    misbehave(request, response) {
      response.writeHead(302, { location: `${target.url}${request.url}` }).end();
      return true;
    },
  });
  const url = server.url.replace('http://', 'http://me:secret@') as `http://${string}`;
  const remote = await openDataset(url, { headers: { 'x-key': 'k' } });
  expect(await rowsOf(remote.blocks('S1'))).toEqual(rowsOn(local.table('S1')));
  expect(server.requests[0].headers.authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
  expect(server.requests[0].headers['x-key']).toBe('k');
  for (const { headers } of target.requests) {
    expect([headers.authorization, headers['x-key']]).toEqual([undefined, undefined]);
  }
  remote.close();
});

test('a redirect that goes round is IO', async () => {
  const { url } = await serve('packed', {
    misbehave(request, response) {
      response.writeHead(302, { location: request.url }).end();
      return true;
    },
  });
  await expect(openDataset(url)).rejects.toMatchObject({ code: 'IO' });
});

test('a server that falls silent is given up after the time limit', async () => {
  const { url } = await serve('packed', { misbehave: () => true });
  const error = await openDataset(url, { timeoutMs: 50, retries: 1 }).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'IO' });
  expect(error.message).toContain('(2 times)');
});

test('a signal stops a read with its reason, and leaves those of others alone', async () => {
  let holds = true;
  const waiting: (() => void)[] = [];
  const server = await serve('packed', {
    misbehave(request, response, body) {
      if (!holds || request.headers.range === undefined) return false;
      waiting.push(() => sendFile(request, response, body));
      return true;
    },
  });
  const remote = await openDataset(server.url);
  const reason = new Error('enough');
  const controller = new AbortController();
  const stopped = remote.table('S0').column('close', { signal: controller.signal });
  const other = remote.table('S0').column('close');
  while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort(reason);
  await expect(stopped).rejects.toBe(reason);
  holds = false;
  for (const answer of waiting) answer();
  expect(bitsOf(await other)).toEqual(bitsOf(local.table('S0').column('close')));
  await expect(openDataset(server.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
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

test('unknown symbols, columns and options are ARGUMENT, with what was meant', async () => {
  const { url } = await serve();
  const remote = await openDataset(url);
  expect(() => remote.table('S')).toThrow('S0');
  expect(() => remote.blocks('S0', { column: ['close'] } as never)).toThrow('columns');
  await expect(remote.table('S0').column('clos')).rejects.toThrow('close');
  await expect(rowsOf(remote.blocks('S0', { columns: ['clos'] }))).rejects.toThrow('close');
  await expect(rowsOf(remote.blocks('S0', { from: '2024' as never }))).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(remote.table('S0').range(5, 4)).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(remote.table('S0').column('close', { from: -1 })).rejects.toMatchObject({ code: 'ARGUMENT' });
  remote.close();
});
