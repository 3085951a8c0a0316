/** Data by its hash: where it is taken from, and that nothing but the right bytes is ever handed out. */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDataset, writeDataset } from 'atc-memory';
import { type DataManifest, dataByHash, describeData } from 'atc-memory/remote';
import { type FileServer, type ServerOptions, sendFile, serveFiles } from './file-server.js';
import { minutes } from './made-up-history.js';

const root = mkdtempSync(path.join(tmpdir(), 'remote-hash-'));
const source = path.join(root, 'history');
const servers: FileServer[] = [];
let manifest: DataManifest;
let cacheDir: string;
let count = 0;

beforeAll(async () => {
  const pieces = [0, 1, 2].map((k) => ({ symbol: `S${k}`, columns: minutes(20_000, k) }));
  (await writeDataset(source, pieces, { durability: 'process' })).close();
  manifest = await describeData(source);
});
beforeEach(() => {
  cacheDir = path.join(root, `cache-${count++}`);
});
afterEach(async () => {
  while (servers.length > 0) await servers.pop()!.close();
});
afterAll(() => rmSync(root, { recursive: true }));

async function serve(options: ServerOptions = {}, directory = source) {
  const server = await serveFiles(directory, options);
  servers.push(server);
  return server;
}

const total = () => manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
const partsIn = (directory: string) =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((n) => n.includes('part'))
    : [];

/** Another dataset, to fill a cache with. */
async function another(name: string, seed: number) {
  const directory = path.join(root, name);
  (await writeDataset(directory, { symbol: 'X', columns: minutes(20_000, seed) }, { durability: 'process' })).close();
  return { directory, manifest: await describeData(directory) };
}

test('a manifest names the files of the current version, and is the same for the same bytes', async () => {
  expect(manifest.files.map((file) => file.path)).toContain('catalogue.json');
  expect(manifest.files.length).toBeGreaterThan(3);
  const copy = path.join(root, 'copy');
  cpSync(source, copy, { recursive: true });
  expect(await describeData(copy)).toEqual(manifest);
  const csv = path.join(root, 'x.csv');
  writeFileSync(csv, 'timestamp,close\n1,2\n');
  expect((await describeData(csv)).files).toEqual([expect.objectContaining({ path: 'x.csv', bytes: 20 })]);
});

/** Bytes that this process has read so far, from caches of the system too; undefined where that is not counted. */
const bytesRead = () => {
  if (!existsSync('/proc/self/io')) return undefined;
  return Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
};

test('a mount is compared once, and again when a file of it has changed', async () => {
  const mount = path.join(root, 'large-mount');
  mkdirSync(mount);
  const bytes = new Uint8Array(1 << 24).fill(7);
  writeFileSync(path.join(mount, 'large.csv'), bytes);
  const large = await describeData(path.join(mount, 'large.csv'));
  // Of a file that was written within two seconds, times do not show the next write.
  await new Promise((resolve) => setTimeout(resolve, 2100));
  const before = bytesRead();
  await dataByHash(large, { from: [mount], cacheDir });
  const first = bytesRead();
  await dataByHash(large, { from: [mount], cacheDir });
  const second = bytesRead();
  if (before === undefined || first === undefined || second === undefined) {
    console.warn('left out: how much of a mount is read, which this system does not count');
  } else {
    expect(first - before).toBeGreaterThan(bytes.length);
    expect(second - first).toBeLessThan(bytes.length / 8);
  }
  bytes[1 << 23] = 8;
  writeFileSync(path.join(mount, 'large.csv'), bytes);
  await expect(dataByHash(large, { from: [mount], cacheDir })).rejects.toMatchObject({ code: 'CORRUPT' });
});

test('a mount with the right content is used where it is; one with another content is not', async () => {
  const { source: from, directory } = await dataByHash(manifest, { from: [source], cacheDir });
  expect([from, directory]).toEqual(['mount', source]);
  const wrong = path.join(root, 'wrong-mount');
  cpSync(source, wrong, { recursive: true });
  const name = manifest.files.find(({ path: file }) => file.endsWith('.atc'))!.path;
  const bytes = readFileSync(path.join(wrong, name));
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path.join(wrong, name), bytes);
  await expect(dataByHash(manifest, { from: [wrong], cacheDir })).rejects.toMatchObject({
    code: 'CORRUPT',
    message: expect.stringContaining(name),
  });
  // The next source has it.
  const { url } = await serve();
  const found = await dataByHash(manifest, { from: [wrong, url], cacheDir });
  expect(found.source).toBe('download');
  found.release();
});

test('a download is verified, opened, and taken from the cache the next time', async () => {
  const server = await serve();
  const first = await dataByHash(manifest, { from: [path.join(root, 'absent'), server.url], cacheDir });
  expect(first.source).toBe('download');
  expect(server.bytes).toBe(total());
  expect(await describeData(first.directory)).toEqual(manifest);
  const dataset = await openDataset(first.directory);
  expect(dataset.table('S1').length).toBe(20_000);
  dataset.close();
  first.release();
  server.reset();
  const second = await dataByHash(manifest, { from: [server.url], cacheDir });
  expect([second.source, second.directory, server.requests.length]).toEqual(['cache', first.directory, 0]);
  second.release();
});

test('of several that want the same data one downloads it', async () => {
  const server = await serve();
  const all = await Promise.all(
    Array.from({ length: 4 }, () => dataByHash(manifest, { from: [server.url], cacheDir })),
  );
  expect(server.bytes).toBe(total());
  expect(all.map((one) => one.source).sort()).toEqual(['cache', 'cache', 'cache', 'download']);
  for (const one of all) one.release();
});

test('a download that is cut resumes from the byte it reached, also in a later process', async () => {
  let isCut = true;
  const server = await serve({
    misbehave(request, response, body) {
      if (!isCut) return false;
      sendFile(request, response, body, true, 20_000);
      return true;
    },
  });
  const options = { from: [server.url], cacheDir, retries: 0 };
  await expect(dataByHash(manifest, options)).rejects.toMatchObject({ code: 'IO' });
  const arrived = server.bytes;
  expect(arrived).toBeGreaterThan(0);
  expect(partsIn(cacheDir).length).toBeGreaterThan(0);
  isCut = false;
  server.reset();
  const found = await dataByHash(manifest, options);
  const long = manifest.files.filter(({ bytes }) => bytes > 20_000).length;
  const resumed = server.requests.filter(({ range }) => range?.startsWith('bytes=20000-')).length;
  expect(resumed).toBeGreaterThanOrEqual(long - 1);
  expect(resumed).toBeGreaterThan(0);
  // What was on its way when another was cut may come again.
  expect(server.bytes).toBeLessThan(total() - arrived + 25_000);
  expect(await describeData(found.directory)).toEqual(manifest);
  expect(partsIn(cacheDir)).toEqual([]);
  found.release();
});

test.each([
  ['a flipped byte', (bytes: Buffer) => Buffer.from(bytes.map((byte, k) => (k === 99 ? byte ^ 1 : byte)))],
  ['a byte too many', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
  ['a byte too few', (bytes: Buffer) => bytes.subarray(1)],
])('%s is refused with the name of the file, which is deleted', async (_, change) => {
  const broken = path.join(root, `broken-${count}`);
  cpSync(source, broken, { recursive: true });
  const name = manifest.files.find(({ path: file }) => file.endsWith('.atc'))!.path;
  writeFileSync(path.join(broken, name), change(readFileSync(path.join(broken, name))));
  const { url } = await serve({}, broken);
  const error = await dataByHash(manifest, { from: [url], cacheDir }).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'CORRUPT', path: `${url}/${name}` });
  expect(error.message).toContain(name);
  const left = readdirSync(cacheDir, { recursive: true, encoding: 'utf8' });
  expect(left.filter((file) => file.endsWith(name))).toEqual([]);
  // The right file heals it.
  const healthy = await serve();
  (await dataByHash(manifest, { from: [url, healthy.url], cacheDir })).release();
});

test('servers without ranges and without lengths serve downloads as well', async () => {
  const { url } = await serve({
    misbehave(_, response, body) {
      response.writeHead(200);
      response.write(body.subarray(0, 10));
      response.end(body.subarray(10));
      return true;
    },
  });
  const found = await dataByHash(manifest, { from: [url], cacheDir });
  expect(await describeData(found.directory)).toEqual(manifest);
  found.release();
});

test('a body without an end is refused at the length of the file', async () => {
  const { url } = await serve({
    misbehave(_, response) {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(new Uint8Array(65_536)));
      };
      response.on('drain', more);
      more();
      return true;
    },
  });
  await expect(dataByHash(manifest, { from: [url], cacheDir })).rejects.toMatchObject({ code: 'CORRUPT' });
});

test('the cache stays below its bound: least recently used data is deleted, data in use never', async () => {
  const b = await another('b', 11);
  const c = await another('c', 12);
  const [a, servedB, servedC] = [await serve(), await serve({}, b.directory), await serve({}, c.directory)];
  const bytesOf = (one: DataManifest) => one.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const maxBytes = total() + bytesOf(b.manifest) + 5000;
  const get = (one: DataManifest, { url }: FileServer) => dataByHash(one, { from: [url], cacheDir, maxBytes });
  const held = await get(manifest, a);
  const second = await get(b.manifest, servedB);
  second.release();
  // Used longer ago than `b`, and held.
  for (const name of readdirSync(path.join(cacheDir, 'data'))) {
    if (name === manifest.hash) utimesSync(path.join(cacheDir, 'data', name, 'used'), 1, 1);
  }
  (await get(c.manifest, servedC)).release();
  expect((await get(manifest, a)).source).toBe('cache');
  expect(existsSync(second.directory)).toBe(false);
  expect(existsSync(held.directory)).toBe(true);
  await expect(dataByHash(manifest, { from: [a.url], cacheDir, maxBytes: 10 })).rejects.toMatchObject({
    code: 'ARGUMENT',
  });
});

test('the next process resumes the download of one that was killed', async () => {
  const server = await serve({
    misbehave(request, response, body) {
      if (request.headers['user-agent'] === 'second' || body.length < 10_000) return false;
      // Sends the first part, and then nothing.
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.subarray(0, 8192));
      return true;
    },
  });
  const program = `
    import { dataByHash } from 'atc-memory/remote';
    await dataByHash(${JSON.stringify(manifest)}, ${JSON.stringify({ from: [server.url], cacheDir })});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
  const saved = () => {
    const parts = existsSync(cacheDir) ? readdirSync(cacheDir, { recursive: true, encoding: 'utf8' }) : [];
    return parts.filter((name) => name.endsWith('.atc')).map((name) => readFileSync(path.join(cacheDir, name)).length);
  };
  while (saved().filter((length) => length === 8192).length < 3)
    await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('close', resolve));
  server.reset();
  const found = await dataByHash(manifest, { from: [server.url], cacheDir, headers: { 'user-agent': 'second' } });
  expect(server.requests.filter(({ range }) => range?.startsWith('bytes=8192-')).length).toBe(3);
  expect(await describeData(found.directory)).toEqual(manifest);
  found.release();
});

test.each([
  ['no sources', { from: [] }, 'IO'],
  ['a source that is no text', { from: [1] }, 'ARGUMENT'],
  ['no cache', { from: ['/x'], cacheDir: '' }, 'ARGUMENT'],
  ['an unknown option', { from: [], cache: 1 }, 'ARGUMENT'],
  ['an empty mount', { from: [tmpdir()] }, 'IO'],
])('%s', async (_, options, code) => {
  await expect(dataByHash(manifest, { cacheDir, ...options } as never)).rejects.toMatchObject({ code });
});

test.each([
  ['another hash', (one: DataManifest) => ({ ...one, hash: '0'.repeat(64) })],
  ['a path that leaves', (one: DataManifest) => ({ ...one, files: [{ ...one.files[0], path: '../x' }] })],
  ['no files', (one: DataManifest) => ({ ...one, files: [] })],
  ['nothing', () => undefined],
])('a manifest with %s is ARGUMENT', async (_, change) => {
  await expect(dataByHash(change(manifest) as never, { from: [source], cacheDir })).rejects.toMatchObject({
    code: 'ARGUMENT',
  });
});

test('links in the cache are not followed: what they lead to is neither used, changed nor removed', async () => {
  const { url } = await serve();
  const data = path.join(cacheDir, 'data');
  const foreign = path.join(root, `foreign-${count}`);
  mkdirSync(path.join(foreign, 'g0'), { recursive: true });
  mkdirSync(path.join(foreign, 'part'));
  for (const { path: name } of manifest.files) {
    mkdirSync(path.dirname(path.join(foreign, 'g0', name)), { recursive: true });
    cpSync(path.join(source, name), path.join(foreign, 'g0', name));
  }
  const before = await describeData(path.join(foreign, 'g0'));
  mkdirSync(data, { recursive: true });
  const options = { from: [url], cacheDir };
  // Instead of the entry, which another one must not remove either.
  symlinkSync(foreign, path.join(data, manifest.hash));
  await expect(dataByHash(manifest, options)).rejects.toMatchObject({ code: 'CORRUPT' });
  const other = await another(`link-${count}`, 9);
  const { url: otherUrl } = await serve({}, other.directory);
  const bytes = other.manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  (await dataByHash(other.manifest, { from: [otherUrl], cacheDir, maxBytes: bytes + 1 })).release();
  rmSync(path.join(data, manifest.hash));
  // Instead of what an earlier try left.
  mkdirSync(path.join(data, manifest.hash));
  symlinkSync(path.join(foreign, 'part'), path.join(data, manifest.hash, 'part'));
  await expect(dataByHash(manifest, options)).rejects.toMatchObject({ code: 'CORRUPT' });
  rmSync(path.join(data, manifest.hash, 'part'));
  expect(readdirSync(path.join(foreign, 'part'))).toEqual([]);
  // Instead of a file that is there: it was not verified, so all is downloaded again.
  const found = await dataByHash(manifest, options);
  expect(found.source).toBe('download');
  found.release();
  const [{ path: name }] = manifest.files;
  rmSync(path.join(found.directory, name));
  symlinkSync(path.join(foreign, 'g0', name), path.join(found.directory, name));
  const again = await dataByHash(manifest, options);
  expect(again.source).toBe('download');
  again.release();
  expect(await describeData(path.join(foreign, 'g0'))).toEqual(before);
});

test('data in the cache is used though its use cannot be noted', async () => {
  const { url } = await serve();
  const first = await dataByHash(manifest, { from: [url], cacheDir });
  first.release();
  // A directory in the way refuses the note, to root too.
  const used = path.join(path.dirname(first.directory), 'used');
  rmSync(used);
  mkdirSync(path.join(used, 'full'), { recursive: true });
  const second = await dataByHash(manifest, { from: [url], cacheDir });
  expect(second.source).toBe('cache');
  second.release();
});
