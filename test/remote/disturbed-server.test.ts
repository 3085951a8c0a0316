/** Servers that know no ranges, cut connections, change or damage files, redirect or fall silent. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import { openDataset } from 'atc-memory';
import { sendFile } from './file-server.js';
import { bitsOf, local, root, rowsOf, rowsOn, serve } from './served-datasets.js';

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

test('a read resumes from the byte that a cut connection reached', async () => {
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

test('a failing request is repeated as often as allowed, then reported with its URL without secrets', async () => {
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
