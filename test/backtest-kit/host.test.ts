/**
 * The real backtest-kit, installed beside the built package as in a user's project: the example, in ESM, and a CommonJS
 * program.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { runAtc } from '../cli/run-atc.js';
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

  /** Every file below a directory, by its name. */
  const textsOf = (directory: string) =>
    new Map(
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile())
        .map(({ parentPath, name }) => path.join(parentPath, name))
        .sort()
        .map((file) => [path.relative(directory, file), readFileSync(file, 'utf8')]),
    );

  test('JSON candles of the host are served at once; import and export give the host the same files', async () => {
    const json = await backtest('json', 'json', '1');
    const files = filesOf('json');
    expect(files).toBeGreaterThan(1440);
    const [cwd, source] = [path.join(home, 'json'), path.join(home, 'json/dump/data/candle')];
    const before = textsOf(source);
    // What ours fetches is, written back, what the host fetches.
    await backtest('packed', 'ours', '1');
    await runAtc(['migrate', '--backtest-kit', '.', '--revert'], { cwd: path.join(home, 'ours') });
    expect(textsOf(path.join(home, 'ours/dump/data/candle'))).toEqual(before);
    const ours = await backtest('packed', 'json', '1');
    expect(ours).toMatchObject({ requests: 0, digest: json.digest });
    rmSync(source, { recursive: true });
    expect(await backtest('mapped', 'json', '1')).toMatchObject({ requests: 0, digest: json.digest });
    expect(filesOf('json')).toBeLessThanOrEqual(10);

    const reverted = await runAtc(['migrate', '--backtest-kit', '.', '--revert', '--json'], { cwd });
    expect(JSON.parse(reverted.stdout)).toMatchObject({ written: before.size, verified: before.size, inexact: 0 });
    expect(textsOf(source)).toEqual(before);
    rmSync(`${source}-atc`, { recursive: true });
    expect(await backtest('json', 'json', '1')).toMatchObject({ requests: 0, digest: json.digest });
    const again = await runAtc(['migrate', '--backtest-kit', '.', '--json'], { cwd });
    expect(JSON.parse(again.stdout)).toMatchObject({ written: before.size, verified: before.size, damaged: [] });
    rmSync(source, { recursive: true });
    expect(await backtest('packed', 'json', '1')).toMatchObject({ requests: 0, digest: json.digest });
  }, 600_000);

  test('the program of docs/backtest-kit.md', async () => {
    const [, program] = /```js\n(.*?)```/s.exec(readFileSync('docs/backtest-kit.md', 'utf8')) as RegExpExecArray;
    const cwd = path.join(home, 'docs');
    mkdirSync(cwd);
    writeFileSync(path.join(cwd, 'first.mjs'), program);
    const outputs: string[] = [];
    for (let i = 0; i < 2; i++) {
      const { stdout, stderr } = await run(process.execPath, ['first.mjs'], { cwd });
      expect(stderr).toBe('');
      outputs.push(stdout);
    }
    const [cold, warm] = outputs.map((text) => /closed: (\d+), requests: (\d+)/.exec(text)?.slice(1).map(Number));
    expect(cold?.[1]).toBeGreaterThan(0);
    expect(warm).toEqual([cold?.[0], 0]);
  });

  test.each(['json', 'packed', 'mapped'])(
    '%s: two backtests at once in one directory',
    async (storage) => {
      const name = `both-${storage}`;
      const alone = await backtest('dummy', 'alone', '1');
      expect(alone.signals).toBeGreaterThan(0);
      const both = await Promise.all([backtest(storage, name, '1'), backtest(storage, name, '1')]);
      expect(both.map(({ digest }) => digest)).toEqual([alone.digest, alone.digest]);
      expect(await backtest(storage, name, '1')).toMatchObject({ requests: 0, digest: alone.digest });
      if (storage !== 'json') expect(filesOf(name)).toBeLessThanOrEqual(10);
    },
    600_000,
  );

  test.each(['json', 'packed', 'mapped'])('%s: what another process writes is seen after a miss', async (storage) => {
    const start = `
      import { execFileSync } from 'node:child_process';
      import { PersistCandleAdapter as adapter } from 'backtest-kit';
      import { setup } from 'atc-memory/backtest-kit';
      const rows = [0, 1, 2].map((i) => ({ timestamp: i * 60000, open: 1, high: 1, low: 1, close: i, volume: 1 }));
      const [symbol, interval, exchange] = ['BTC/USDT:USDT', '1m', 'x'];
      setup({ candles: '${storage}' });
      const write = (some) => adapter.writeCandlesData(some, symbol, interval, exchange);
      const read = () => adapter.readCandlesData(symbol, interval, exchange, 3, 0, 180000);`;
    const other = `${start} await write(rows.map((row) => ({ ...row, high: 2 }))); process.exit(0);`;
    const program = `${start}
      await write(rows.slice(0, 1));
      const missed = await read();
      execFileSync(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(other)}]);
      const seen = await read();
      await write(rows.map((row) => ({ ...row, high: 3 })));
      console.log(JSON.stringify({ missed, seen, last: await read() }));
      process.exit(0);`;
    const cwd = path.join(home, `other-${storage}`);
    mkdirSync(cwd);
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd });
    const { missed, seen, last } = JSON.parse(stdout);
    expect(missed).toBeNull();
    expect(seen.map(({ high }: { high: number }) => high)).toEqual([1, 2, 2]);
    expect(last).toEqual(seen);
  });

  const PROGRAM = `
    const rows = Array.from({ length: 3 }, (_, i) =>
      ({ timestamp: i * 60000, open: 1, high: 1, low: 1, close: i, volume: 1 }));
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
      "const kit = require('backtest-kit'); const { setup, uninstall } = require('atc-memory/backtest-kit'); " +
        `${PROGRAM}`,
    ],
  ])('setup() finds the host that the program uses: %s', async (type, program) => {
    const target = path.join(home, `types-${type}`);
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
