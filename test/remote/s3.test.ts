/** Buckets: the signature of every request is verified by an implementation of its own. */
import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDataset, writeDataset } from 'atc-memory';
import { dataByHash, describeData } from 'atc-memory/remote';
import { type FileServer, serveFiles } from './file-server.js';
import { minutes } from './made-up-history.js';

const ACCESS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalr/secret', region: 'eu-north-1' };
const root = mkdtempSync(path.join(tmpdir(), 'remote-s3-'));
let server: FileServer;
let refused = 0;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** AWS Signature Version 4 of a GET, from its specification. */
function hasRightSignature(request: IncomingMessage, { secretAccessKey }: typeof ACCESS): boolean {
  const match =
    /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=(\w{64})$/.exec(
      request.headers.authorization ?? '',
    );
  if (match === null) return false;
  const [, , day, region, names, signature] = match;
  const url = new URL(request.url!, 'http://x');
  const query = [...url.searchParams].map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`).sort();
  const canonical = [
    'GET',
    url.pathname,
    query.join('&'),
    ...names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    names,
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const date = String(request.headers['x-amz-date']);
  const text = ['AWS4-HMAC-SHA256', date, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), 's3'), 'aws4_request');
  return hmac(key, text).toString('hex') === signature && names.split(';').includes('host');
}

beforeAll(async () => {
  const pieces = ['BTC/USDT', 'ETH EUR'].map((symbol, k) => ({ symbol, columns: minutes(20_000, k) }));
  (await writeDataset(path.join(root, 'bucket', 'my history'), pieces, { durability: 'process' })).close();
  server = await serveFiles(root, {
    misbehave(request, response) {
      if (hasRightSignature(request, ACCESS)) return false;
      refused += 1;
      response.writeHead(403).end();
      return true;
    },
  });
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true });
});

test('a dataset in a bucket is read with signed requests', async () => {
  const remote = await openDataset('s3://bucket/my history', { s3: { ...ACCESS, endpoint: server.url } });
  expect(remote.url).toBe('s3://bucket/my%20history');
  const local = await openDataset(path.join(root, 'bucket', 'my history'));
  const close = await remote.table('ETH EUR').column('close');
  expect([...(close as Float64Array)]).toEqual([...(local.table('ETH EUR').column('close') as Float64Array)]);
  expect(refused).toBe(0);
  expect(server.requests.every(({ headers }) => headers.authorization !== undefined)).toBe(true);
  remote.close();
  local.close();
});

test('data by its hash comes from a bucket too, with a session token', async () => {
  const manifest = await describeData(path.join(root, 'bucket', 'my history'));
  server.reset();
  const found = await dataByHash(manifest, {
    from: ['s3://bucket/my history'],
    cacheDir: path.join(root, 'cache'),
    s3: { ...ACCESS, endpoint: server.url, sessionToken: 'token' },
  });
  expect(await describeData(found.directory)).toEqual(manifest);
  for (const { headers } of server.requests) expect(headers['x-amz-security-token']).toBe('token');
  found.release();
});

test('wrong credentials are IO without the secret', async () => {
  const s3 = { ...ACCESS, secretAccessKey: 'wrong-secret', endpoint: server.url };
  const error = await openDataset('s3://bucket/my history', { s3 }).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'IO' });
  expect(error.message).toContain('s3://bucket/my%20history/catalogue.json');
  expect(error.message).not.toContain('wrong-secret');
});

test('credentials, region and endpoint come from the environment of the AWS tools', async () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: ACCESS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ACCESS.secretAccessKey,
    AWS_REGION: ACCESS.region,
    AWS_ENDPOINT_URL_S3: server.url,
  });
  try {
    const remote = await openDataset('s3://bucket/my history');
    expect(remote.symbols).toEqual(['BTC/USDT', 'ETH EUR']);
    remote.close();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
});

test('without credentials requests are not signed; an endpoint that is no URL is ARGUMENT', async () => {
  server.reset();
  await expect(openDataset('s3://bucket/my history', { s3: { endpoint: server.url } })).rejects.toMatchObject({
    code: 'IO',
  });
  expect(server.requests[0].headers.authorization).toBeUndefined();
  await expect(openDataset('s3://bucket/x', { s3: { endpoint: 'nope' } })).rejects.toMatchObject({ code: 'ARGUMENT' });
});

test('a prefix with a plus and a blank is signed as it is sent', async () => {
  const odd = path.join(root, 'bucket', "a+b c'(1)!");
  (await writeDataset(odd, { symbol: 'A', columns: minutes(100, 1) }, { durability: 'process' })).close();
  const before = refused;
  const s3 = { ...ACCESS, endpoint: server.url };
  for (const prefix of ["a+b c'(1)!", 'a%2Bb%20c%27%281%29%21']) {
    const remote = await openDataset(`s3://bucket/${prefix}`, { s3 });
    expect(remote.symbols).toEqual(['A']);
    remote.close();
  }
  expect(refused).toBe(before);
});
