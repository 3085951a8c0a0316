/** `atc fetch` through the real ccxt, against a loopback server. */
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { openDataset } from '../../src/index.js';
import { rowsOf } from '../fetching/fake-source.js';
import { candleAt, createKlineServer, MINUTE, START } from '../fetching/kline-server.mjs';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const { server, log } = createKlineServer({ rows: 4000, holes: [[1500, 1600]], busyEvery: 4, retryAfter: 0.05 });
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());

/** What ccxt needs to ask the server instead of the exchange. */
function exchangeOptions(): string {
  const { port } = server.address() as AddressInfo;
  const urls = { api: { public: `http://127.0.0.1:${port}/api/v3` } };
  return JSON.stringify({ urls, enableRateLimit: false, options: { fetchMarkets: { types: ['spot'] } } });
}

const iso = (minute: number) => new Date(START + minute * MINUTE).toISOString();
const fetch = (args: string[], env?: Record<string, string>) =>
  runAtc(['fetch', '--exchange-options', exchangeOptions(), ...args], { cwd: folder.path, env });
const WHOLE = ['--exchange', 'binance', '--symbol', 'BTC/USDT', '--since', '2023-01-01'];

test('fetches what a dataset lacks, and nothing twice', async () => {
  const first = await fetch([...WHOLE, '--until', iso(2000), '--out', 'ds']);
  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^BTC\/USDT: 1,900 candles fetched, 1,900 candles in all, 2023-01-01 to /),
  });
  const again = await fetch([...WHOLE, '--until', iso(2000), '--out', 'ds', '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({ directory: 'ds', exchange: 'binance', interval: '1m', requests: 0 });
  const before = log.length;
  const more = await fetch([...WHOLE, '--until', iso(3000), '--out', 'ds', '--json']);
  const [symbol] = JSON.parse(more.stdout).symbols;
  expect(symbol).toMatchObject({ rows: 2900, added: 1000, changed: 0, firstMs: START, lastMs: START + 2999 * MINUTE });
  for (const { since } of log.slice(before)) expect(since).toBeGreaterThanOrEqual(START + 2000 * MINUTE);
  const dataset = await openDataset(path.join(folder.path, 'ds'));
  const truth = Array.from({ length: 3000 }, (_, i) => candleAt(i)).filter((_, i) => i < 1500 || i >= 1600);
  expect(rowsOf(dataset.table('BTC/USDT'))).toEqual(truth);
  dataset.close();
  const checked = await runAtc(['check', 'ds'], { cwd: folder.path });
  expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing wrong') });
});

test('several symbols, packed, several requests at once', async () => {
  const symbols = ['--symbol', 'BTC/USDT', 'ETH/USDT', '--exchange', 'binance', '--since', '2023-01-01'];
  const flags = [
    '--until',
    iso(1400),
    '--page-size',
    '200',
    '--concurrency',
    '3',
    '--packed',
    '--out',
    'two',
    '--json',
  ];
  const { code, stdout } = await fetch([...symbols, ...flags]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).symbols).toMatchObject([
    { symbol: 'BTC/USDT', rows: 1400 },
    { symbol: 'ETH/USDT', rows: 1400 },
  ]);
});

test.each([
  [
    ['--exchange', 'binanse', '--symbol', 'A/B', '--since', '2023-01-01', '--out', 'x'],
    2,
    /knows no exchange "binanse".*binance/,
  ],
  [
    ['--exchange', 'binance', '--symbol', 'BTC/USTD', '--since', '2023-01-01', '--out', 'x'],
    2,
    /no symbol "BTC\/USTD".*BTC\/USDT/,
  ],
  [[...WHOLE, '--interval', '7m', '--out', 'x'], 2, /binance has no interval 7m; it has .*1m/],
  [[...WHOLE, '--interval', 'soon', '--out', 'x'], 2, /interval is "soon"/],
  [[...WHOLE, '--rate', 'fast', '--out', 'x'], 2, /A number above 0/],
  [WHOLE, 2, /required option '--out/],
  [[...WHOLE, '--out', 'x', '--exchange-options', '{'], 2, /--exchange-options is no JSON/],
  [[...WHOLE, '--out', 'x', '--exchange-options', 'none.json'], 2, /there is no file none\.json/],
] as [string[], number, RegExp][])('%j is refused', async (args, code, message) => {
  expect(await fetch(args)).toMatchObject({ code, stderr: expect.stringMatching(message) });
});

test('without ccxt the message names what to install', async () => {
  const refuse = `export async function resolve(id, context, next) {
    if (id === 'ccxt') throw Object.assign(new Error("Cannot find package 'ccxt'"), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(id, context);
  }`;
  const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const hook = `import { register } from 'node:module'; register(${JSON.stringify(url(refuse))});`;
  const { code, stderr } = await fetch([...WHOLE, '--out', 'x'], { NODE_OPTIONS: `--import ${url(hook)}` });
  expect(stderr).toBe('atc: atc fetch needs the package ccxt: npm install ccxt\n');
  expect(code).toBe(1);
});

test('Ctrl-C retains what has arrived, and the same command continues from there', async () => {
  const before = log.length;
  const args = [...WHOLE, '--until', iso(1300), '--page-size', '50', '--rate', '40', '--out', 'stopped'];
  const stopped = await runAtc(['fetch', '--exchange-options', exchangeOptions(), ...args], {
    cwd: folder.path,
    meanwhile: (child) => {
      const timer = setInterval(() => {
        if (log.length < before + 20) return;
        clearInterval(timer);
        child.kill('SIGINT');
      }, 5);
    },
  });
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain('what was fetched is stored; the same command goes on from there');
  const dataset = await openDataset(path.join(folder.path, 'stopped'));
  const { lastMs } = dataset.catalogue.symbols[0];
  dataset.close();
  expect(lastMs).toBeGreaterThan(START + 500 * MINUTE);
  const middle = log.length;
  expect((await fetch(args)).code).toBe(0);
  for (const { since } of log.slice(middle)) expect(since).toBeGreaterThan(lastMs);
});
