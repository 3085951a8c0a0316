/** The real backtest-kit, installed beside the built package as in a user's project: the example, in ESM, and a CommonJS program. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { prepareHost } from './host/prepare.mjs';

const { folder, reason } = prepareHost();
if (folder === undefined) console.warn(`backtest-kit itself is not run here: ${reason}`);
const describeHost = folder === undefined ? describe.skip : describe;
const run = promisify(execFile);

interface Outcome {
  readonly storage: string;
  readonly requests: number;
  readonly signals: number;
  readonly digest: string;
}

describeHost('backtest-kit 19.5.0', () => {
  const root = folder as string;
  let home: string;
  beforeAll(() => {
    cpSync('examples/backtest-kit', path.join(root, 'example'), { recursive: true });
    home = mkdtempSync(path.join(root, 'run-'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const backtest = async (storage: string, name: string, days: string): Promise<Outcome> => {
    const cwd = path.join(home, name);
    mkdirSync(cwd, { recursive: true });
    const { stdout } = await run(process.execPath, [path.join(root, 'example/backtest.js'), storage, days], { cwd });
    return JSON.parse(stdout);
  };
  const filesOf = (name: string) => {
    const dump = path.join(home, name, 'dump');
    return existsSync(dump)
      ? readdirSync(dump, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length
      : 0;
  };

  test('the example: 30 days, the same results cold, warm and without a cache, in few files', async () => {
    const none = await backtest('dummy', 'none', '30');
    expect(none.signals).toBeGreaterThan(50);
    const cold = await backtest('packed', 'packed', '30');
    expect(cold.requests).toBeLessThan(none.requests);
    const warm = await backtest('packed', 'packed', '30');
    expect(warm.requests).toBe(0);
    expect(new Set([none, cold, warm].map(({ digest }) => digest)).size).toBe(1);
    expect(filesOf('packed')).toBeLessThanOrEqual(10);
  }, 600_000);

  test('what JSON has kept is used at once, and the results are the same', async () => {
    const json = await backtest('json', 'json', '1');
    const files = filesOf('json');
    expect(files).toBeGreaterThan(1440);
    const ours = await backtest('packed', 'json', '1');
    expect(ours).toMatchObject({ requests: 0, digest: json.digest });
    rmSync(path.join(home, 'json/dump/data/candle'), { recursive: true });
    expect(await backtest('mapped', 'json', '1')).toMatchObject({ requests: 0, digest: json.digest });
    expect(filesOf('json')).toBeLessThanOrEqual(10);
  }, 600_000);

  const PROGRAM = `
    const rows = Array.from({ length: 3 }, (_, i) => ({ timestamp: i * 60000, open: 1, high: 1, low: 1, close: i, volume: 1 }));
    setup({ candles: 'packed', directory: process.argv[1] });
    const first = kit.PersistCandleAdapter;
    first.writeCandlesData(rows, 'BTCUSDT', '1m', 'x')
      .then(() => first.readCandlesData('BTCUSDT', '1m', 'x', 3, 0, 180000))
      .then((back) => { uninstall(); console.log(JSON.stringify(back) === JSON.stringify(rows)); process.exit(0); });`;

  test.each([
    [
      'module',
      `import * as kit from 'backtest-kit'; import { setup, uninstall } from 'atc-memory/backtest-kit'; ${PROGRAM}`,
    ],
    [
      'commonjs',
      `const kit = require('backtest-kit'); const { setup, uninstall } = require('atc-memory/backtest-kit'); ${PROGRAM}`,
    ],
  ])('setup() finds the host that the program uses: %s', async (type, program) => {
    const target = path.join(home, `kept-${type}`);
    const args = [`--input-type=${type}`, '-e', program, target];
    const { stdout } = await run(process.execPath, args, { cwd: root });
    expect(stdout.trim()).toBe('true');
    expect(readdirSync(path.join(target, 'x/BTCUSDT/1m'))).toHaveLength(1);
  });

  test('the other one has to be handed over', async () => {
    const program = `
      const { setup } = require('atc-memory/backtest-kit');
      import('backtest-kit').then((kit) => {
        const before = kit.PersistCandleAdapter.PersistCandleInstanceCtor;
        setup({ candles: 'packed' });
        const untouched = kit.PersistCandleAdapter.PersistCandleInstanceCtor === before;
        setup({ candles: 'packed' }, kit);
        console.log(untouched, kit.PersistCandleAdapter.PersistCandleInstanceCtor !== before);
        process.exit(0);
      });`;
    const { stdout } = await run(process.execPath, ['--input-type=commonjs', '-e', program], { cwd: root });
    expect(stdout.trim()).toBe('true true');
  });
});
