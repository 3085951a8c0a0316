/**
 * The published reader in a real browser: Debian's Chromium, headless, over playwright-core. Left out with a notice
 * where there is no Chromium or no build; required when CI is set.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { compressDataFrame } from '../../src/codec/table-frame.js';
import { bytesOf } from '../../src/dtype.js';
import { candles } from '../codec/frame-samples.js';

const READER = path.resolve('dist/esm/browser.js');
const VECTORS = path.resolve('vectors');
const EXECUTABLE = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const MINUTES_OF_A_YEAR = 525_600;
const MOST_GZIP_BYTES = 60_000;

const missing = [
  EXECUTABLE === undefined ? 'Chromium (Debian: chromium)' : '',
  existsSync(READER) ? '' : 'dist (npm run build)',
].filter((what) => what !== '');
const isLeftOut = missing.length > 0 && process.env.CI !== 'true';
if (isLeftOut) console.warn(`left out: the reader in a real browser needs ${missing.join(' and ')}`);
const inBrowser = isLeftOut ? test.skip : test;

const year = candles(MINUTES_OF_A_YEAR);
const files = new Map<string, () => Uint8Array | string>([
  ['/', () => '<!doctype html><meta charset="utf-8"><title>reader</title>'],
  ['/browser.js', () => readFileSync(READER)],
]);
let server: Server;
let context: BrowserContext;
let page: Page;
let profile = '';

beforeAll(async () => {
  if (isLeftOut) return;
  expect(missing).toEqual([]);
  const compressed = compressDataFrame(year);
  files.set('/year.atc', () => compressed);
  for (const name of readdirSync(VECTORS)) files.set(`/vectors/${name}`, () => readFileSync(path.join(VECTORS, name)));
  for (const [name, values] of Object.entries(year)) files.set(`/raw/${name}`, () => bytesOf(values));
  server = createServer((request, response) => {
    const content = files.get(request.url ?? '');
    const type = request.url?.endsWith('.js')
      ? 'text/javascript'
      : request.url === '/'
        ? 'text/html'
        : 'application/octet-stream';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type });
    response.end(content?.());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  profile = mkdtempSync(path.join(tmpdir(), 'atc-chromium-'));
  context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    args: ARGUMENTS,
  });
  page = await context.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

afterAll(async () => {
  await context?.close();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  if (profile !== '') rmSync(profile, { recursive: true, force: true });
});

inBrowser('the reader is one file without imports, below 60 kB compressed', () => {
  const code = readFileSync(READER, 'utf8');
  expect(code).not.toMatch(/\bimport\s*[({'"]|\brequire\s*\(|node:/);
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(MOST_GZIP_BYTES);
});

inBrowser('a year of minutes, streamed, has the same bits', async () => {
  const answer = (await page.evaluate(`(async () => {
    const { openFrame } = await import('/browser.js');
    const open = performance.now();
    const frame = await openFrame((await fetch('/year.atc')).body);
    const first = performance.now();
    let columns = frame.decode();
    const second = performance.now();
    columns = frame.decode();
    const end = performance.now();
    const differing = [];
    for (const [name, values] of Object.entries(columns)) {
      const raw = new Uint8Array(await (await fetch('/raw/' + name)).arrayBuffer());
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      if (raw.length !== bytes.length || raw.some((byte, i) => byte !== bytes[i])) differing.push(name);
    }
    const ms = [first - open, second - first, end - second];
    return { rows: frame.rows, columns: Object.keys(columns), differing, ms };
  })()`)) as { rows: number; columns: string[]; differing: string[]; ms: number[] };
  const [fetched, cold, warm] = answer.ms.map((ms) => ms.toFixed(0));
  console.info(
    `a year of minutes in Chromium: fetched and opened in ${fetched} ms, decoded in ${cold} ms, again in ${warm} ms`,
  );
  expect(answer).toMatchObject({ rows: MINUTES_OF_A_YEAR, columns: Object.keys(year), differing: [] });
});

inBrowser('every vector is read to its bits or refused with its code', async () => {
  const names = readdirSync(VECTORS).flatMap((name) => (name.endsWith('.atc') ? [name.slice(0, -4)] : []));
  const wrong = await page.evaluate(`(async () => {
    const { openFrame, isAtcError } = await import('/browser.js');
    const bytesOf = (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const hex = (values) => Array.from(bytesOf(values), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const wrong = [];
    for (const name of ${JSON.stringify(names)}) {
      const expected = await (await fetch('/vectors/' + name + '.json')).json();
      try {
        const columns = (await openFrame(await fetch('/vectors/' + name + '.atc'))).decode();
        if (expected.refuse) wrong.push(name + ' was read');
        else for (const column of expected.columns)
      if (hex(columns[column.name]) !== column.elements) wrong.push(name + ' ' + column.name);
      } catch (error) {
        if (!(isAtcError(error) && error.code === expected.refuse)) wrong.push(name + ': ' + error);
      }
    }
    return wrong;
  })()`);
  expect(names.length).toBeGreaterThan(30);
  expect(wrong).toEqual([]);
});

inBrowser('a file that is not there is IO, in the words of the package', async () => {
  const message = await page.evaluate(`(async () => {
    const { openFrame, AtcError } = await import('/browser.js');
    try { await openFrame(await fetch('/nope')); } catch (error) {
      return error instanceof AtcError && error.code + ': ' + error.message; }
  })()`);
  expect(message).toBe('IO: the server answered 404; there is no frame to read');
});
