/**
 * How servers are reached: options that cannot be, servers that ask for a pause, and failures in words without secrets.
 */
import { createServer } from 'node:net';
import { openDataset } from 'atc-memory';
import { backtest } from 'atc-memory/atc';
import { causeOf } from '../../src/remote/network-failure.js';
import { serve } from './served-datasets.js';

const failureOf = (url: string, options: object = {}) =>
  openDataset(url as `http://${string}`, options).then(
    () => new Error('not refused'),
    (error) => error,
  );

test.each([
  ['a header with a line break', { headers: { authorization: 'Bearer secret\nx' } }, 'authorization'],
  ['a header beyond Latin-1', { headers: { authorization: 'secret €' } }, 'authorization'],
  ['a header with a wrong name', { headers: { 'a b': 'secret' } }, 'a b'],
  ['a header that is no text', { headers: { a: 5 } }, 'no text under "a"'],
  ['headers that are a list', { headers: [['a', 'secret']] }, 'must be an object'],
  ['headers that are a text', { headers: 'x' }, 'must be an object'],
  ['a time limit that no timer holds', { timeoutMs: 2 ** 31 }, '2147483647'],
  ['a time limit without end', { timeoutMs: Number.POSITIVE_INFINITY }, 'timeoutMs is Infinity'],
  ['retries that are none', { retries: Number.NaN }, 'retries is NaN'],
  ['a signal that is none', { signal: { aborted: false } }, 'signal must be an AbortSignal'],
  ['an endpoint with credentials', { s3: { endpoint: 'http://me:hidden@host' } }, 'accessKeyId'],
  ['an endpoint of another protocol', { s3: { endpoint: 'ftp://secret' } }, 'ftp:'],
  ['a region that is none', { s3: { region: 'eu central 1' } }, 'eu-central-1'],
  ['a key that is no text', { s3: { accessKeyId: 5 } }, 'accessKeyId must be a text'],
])('%s is ARGUMENT, and no secret is repeated', async (_, options, text) => {
  const url = 's3' in options ? 's3://bucket/history' : 'http://127.0.0.1:9/';
  const error = await failureOf(url, options);
  expect(error).toMatchObject({ name: 'AtcError', code: 'ARGUMENT' });
  expect(error.message).toContain(text);
  expect(error.message).not.toMatch(/secret\b|hidden/);
});

test.each(['http://us%er:secret@127.0.0.1:9', 'http://user:%E0secret@127.0.0.1:9'])(
  'a stray percent sign in credentials is ARGUMENT',
  async (url) => {
    const error = await failureOf(url);
    expect(error).toMatchObject({ name: 'AtcError', code: 'ARGUMENT' });
    expect(error.message).not.toContain('secret');
  },
);

test.each([
  ['http://me:se@secret@127.0.0.1:9/history?key=secret', 'http://127.0.0.1:9/history is not'],
  ['http://me:p/secret@127.0.0.1:9/history', 'cannot be read'],
])('where a local source is needed, a URL is named without its secrets', async (url, text) => {
  const error = await backtest(url).then(
    () => new Error('not refused'),
    (reason) => reason,
  );
  expect(error).toMatchObject({ code: 'UNSUPPORTED' });
  expect(error.message).toContain(text);
  expect(error.message).not.toContain('secret');
});

async function answering(status: number, headers: Record<string, string>, times: number) {
  let left = times;
  return serve('packed', {
    misbehave(_, response) {
      left -= 1;
      if (left < 0) return false;
      response.writeHead(status, headers).end();
      return true;
    },
  });
}

test('a pause that a server asks for is made, in seconds or up to a date', async () => {
  for (const pauseOf of [() => '1', () => new Date(Date.now() + 3000).toUTCString()]) {
    const { url } = await answering(429, { 'retry-after': pauseOf() }, 1);
    const started = performance.now();
    (await openDataset(url)).close();
    // Without it the first repetition comes after 100 ms at most.
    expect(performance.now() - started).toBeGreaterThan(500);
  }
});

test('a server that asks for a long pause is not asked again', async () => {
  const date = new Date(Date.now() + 7_200_000).toUTCString();
  for (const pause of ['3600', date]) {
    const server = await answering(503, { 'retry-after': pause }, 9);
    const error = await failureOf(server.url);
    expect(error).toMatchObject({ code: 'IO', message: expect.stringMatching(/503 and asks for a pause of \d{4} s/) });
    expect(server.requests).toHaveLength(1);
  }
});

test('a pause that is no time counts as none', async () => {
  for (const pause of ['soon', '-5', '']) {
    const { url } = await answering(500, { 'retry-after': pause }, 1);
    (await openDataset(url)).close();
  }
});

test('a bucket in another region is answered with its name', async () => {
  const { url } = await answering(301, { 'x-amz-bucket-region': 'eu-west-9' }, 9);
  const error = await failureOf('s3://bucket/history', { s3: { endpoint: url } });
  expect(error).toMatchObject({ code: 'IO', message: expect.stringContaining('eu-west-9') });
});

test('a server that sends its own page for every path is named as such', async () => {
  const server = await serve('packed', {
    misbehave(_, response) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome</title>');
      return true;
    },
  });
  const error = await failureOf(server.url);
  expect(error).toMatchObject({ code: 'CORRUPT', message: expect.stringContaining('sends a page (HTML or XML)') });
});

test('what does not speak HTTP, and what nobody serves, are IO in words', async () => {
  const other = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    socket.end('SSH-2.0-OpenSSH_9.0\r\n');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const wrong = await failureOf(`http://127.0.0.1:${port}/`, { retries: 0 });
  expect(wrong).toMatchObject({ code: 'IO', message: expect.stringContaining('does not speak HTTP') });
  await new Promise((resolve) => other.close(resolve));
  const nobody = await failureOf(`http://127.0.0.1:${port}/`, { retries: 0 });
  expect(nobody).toMatchObject({ code: 'IO', message: expect.stringContaining('nothing listens') });
  const blocked = await failureOf('http://127.0.0.1:1/');
  expect(blocked).toMatchObject({ code: 'IO', message: expect.stringContaining('this port') });
});

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate', true],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate', true],
  ['CERT_HAS_EXPIRED', 'certificate', true],
  ['ENOTFOUND', 'name of the host', false],
  ['Z_DATA_ERROR', 'compressed', false],
  ['E_OF_TOMORROW', 'E_OF_TOMORROW', false],
])('%s is put into words, and repeated only where that may help', (code, text, isFinal) => {
  const cause = Object.assign(new TypeError('fetch of http://me:secret@host failed'), {
    cause: { code, message: code },
  });
  expect(causeOf(cause)).toEqual({ text: expect.stringContaining(text), isFinal });
  expect(causeOf(new TypeError('http://me:secret@host')).text).not.toContain('secret');
});
