import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CandleStore, openCandleStore, type StoredCandle } from 'atc-memory';
import { importJsonCandles } from '../../src/candle-store/json-migration.js';
import { runAtc, temporaryFolder } from '../cli/run-atc.js';
import { MINUTE, madeCandles, START } from './candles.js';

const folder = temporaryFolder();
const at = (name: string) => path.join(folder.path, name);
const NAME = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' };
const rows = madeCandles(40);
const SERIES = ['binance/BTCUSDT/1m', 'binance/ETH/USDT/1m', 'okx/BTCUSDT/1m'];

function project(name: string): string {
  const home = path.join(folder.path, name);
  for (const series of SERIES) {
    const directory = path.join(home, 'dump/data/candle', series);
    mkdirSync(directory, { recursive: true });
    for (const row of rows) writeFileSync(path.join(directory, `${row.timestamp}.json`), JSON.stringify(row));
  }
  return home;
}

const textsOf = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .map((file) => [path.relative(directory, file), readFileSync(file, 'utf8')])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const migrate = async (home: string, ...flags: string[]) => {
  const outcome = await runAtc(['migrate', '--backtest-kit', home, '--json', ...flags], { cwd: folder.path });
  // On a busy machine it takes long enough to tell how far it is.
  expect(outcome.stderr.replace(/^migrate: .*\n/gm, '')).toBe('');
  expect(outcome.code).toBe(0);
  return JSON.parse(outcome.stdout);
};

test('a project is taken over, and written back byte for byte', async () => {
  const home = project('whole');
  const json = path.join(home, 'dump/data/candle');
  const before = textsOf(json);
  expect(await migrate(home, '--dry-run')).toMatchObject({
    series: 3,
    candles: 120,
    written: 120,
    verified: 0,
    dryRun: true,
  });
  expect(readdirSync(path.join(home, 'dump/data'))).toEqual(['candle']);
  expect(await migrate(home)).toMatchObject({ series: 3, candles: 120, written: 120, verified: 120, damaged: [] });
  expect(await migrate(home)).toMatchObject({ candles: 120, written: 0, verified: 120, differing: 0 });
  expect(textsOf(json)).toEqual(before);
  const store = openCandleStore(`${json}-atc`);
  expect(store.list()).toHaveLength(3);
  for (const symbol of ['BTCUSDT', 'ETH/USDT']) {
    const series = store.series({ exchange: 'binance', symbol, interval: '1m' });
    expect(series.read(START, MINUTE, 40)).toEqual(rows);
    expect(readdirSync(series.directory)).toHaveLength(1);
  }
  expect(await migrate(home, '--revert')).toMatchObject({ candles: 120, written: 0 });
  const elsewhere = path.join(folder.path, 'again');
  expect(await migrate(elsewhere, '--revert', '--store', `${json}-atc`)).toMatchObject({
    written: 120,
    verified: 120,
    inexact: 0,
  });
  expect(textsOf(elsewhere)).toEqual(before);
});

test('damaged files are named and left; values that JSON cannot write are counted', async () => {
  const home = project('damaged');
  const bad = path.join(home, 'dump/data/candle', SERIES[0], `${START}.json`);
  writeFileSync(bad, '');
  expect(await migrate(home)).toMatchObject({ candles: 119, written: 119, damaged: [bad] });
  const store = openCandleStore(path.join(home, 'dump/data/candle-atc'));
  const odd = { ...rows[0], timestamp: START - MINUTE, volume: Number.NaN } as StoredCandle;
  store.series({ exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' }).write([odd]);
  expect(await migrate(home, '--revert')).toMatchObject({ written: 1, inexact: 1 });
});

test('the candle that was there first stays on both sides, and is counted', async () => {
  const home = project('earlier');
  const store = openCandleStore(path.join(home, 'dump/data/candle-atc'));
  const series = store.series({ exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' });
  series.write([{ ...rows[3], close: 1 }, rows[4]].map((row) => row as unknown as StoredCandle));
  expect(await migrate(home)).toMatchObject({ candles: 120, written: 118, verified: 119, differing: 1 });
  expect(series.read(START + 3 * MINUTE, MINUTE, 1)).toEqual([{ ...rows[3], close: 1 }]);
  expect(await migrate(home, '--revert')).toMatchObject({ candles: 120, written: 0, verified: 119, differing: 1 });
  const { stdout } = await runAtc(['migrate', '--backtest-kit', home], { cwd: folder.path });
  expect(stdout).toContain('read back and found the same: 119\n');
  expect(stdout).toContain('there already with other values, which stay: 1');
});

test('a candle that does not get there is not passed over in silence', async () => {
  const home = project('lossy');
  const store = openCandleStore(at('lossy-store'));
  const lossy = {
    series: (name: Parameters<CandleStore['series']>[0]) => {
      const series = store.series(name);
      const keep = series.keep.bind(series);
      series.keep = (entries) => keep(entries.filter((_, i) => i !== 7)) + 1;
      return series;
    },
  } as CandleStore;
  const error = await importJsonCandles(path.join(home, 'dump/data/candle'), lossy).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'IO' });
  expect(error.message).toContain(`lacks the candle written for ${rows[7].timestamp}`);
});

describe('a migration that is cut off resumes where it stopped', () => {
  const MANY = 9000;
  const many = madeCandles(MANY);
  const files = () => Object.fromEntries(many.map((row) => [`${row.timestamp}.json`, JSON.stringify(row)]));
  const [json, place] = ['dump/data/candle', 'binance/BTCUSDT/1m'];
  beforeAll(() => {
    const directory = path.join(at('large'), json, place);
    mkdirSync(directory, { recursive: true });
    for (const [name, text] of Object.entries(files())) writeFileSync(path.join(directory, name), text);
  });

  /** Ends the process as soon as something of it is to be seen. */
  const cutOff = (home: string, signal: NodeJS.Signals, sign: string, ...flags: string[]) =>
    runAtc(['migrate', '--backtest-kit', home, '--json', ...flags], {
      cwd: folder.path,
      meanwhile: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(sign)) return;
          clearInterval(timer);
          child.kill(signal);
        }, 1);
      },
    });

  test.each(['SIGKILL', 'SIGINT'] as const)('%s, over and back', async (signal) => {
    const store = path.join(at('large'), `${json}-atc`);
    rmSync(store, { recursive: true, force: true });
    const imported = await cutOff('large', signal, path.join(store, place, 'candles-00000001-00000001.atcs'));
    expect(imported.code).toBe(signal === 'SIGKILL' ? null : 130);
    if (signal === 'SIGINT') expect(imported.stderr).toContain('the same command goes on from there\n');
    const rest = await migrate(at('large'));
    expect(rest).toMatchObject({ candles: MANY, verified: MANY, differing: 0 });
    expect(rest.written).toBeLessThan(MANY);
    expect(openCandleStore(store).series(NAME).read(START, MINUTE, MANY)).toEqual(many);

    // Back into an empty project.
    rmSync(at('back'), { recursive: true, force: true });
    cpSync(store, path.join(at('back'), `${json}-atc`), { recursive: true });
    const target = path.join(at('back'), json);
    const exported = await cutOff('back', signal, path.join(target, place), '--revert');
    expect(exported.code).toBe(signal === 'SIGKILL' ? null : 130);
    expect(await migrate(at('back'), '--revert')).toMatchObject({ candles: MANY, verified: MANY, differing: 0 });
    const names = readdirSync(path.join(target, place));
    expect(
      Object.fromEntries(names.map((name) => [name, readFileSync(path.join(target, place, name), 'utf8')])),
    ).toEqual(files());
  });
});

test('info and verify know a store, and change nothing', async () => {
  const home = project('looked-at');
  await migrate(home, '--level', '9');
  const store = path.join(home, 'dump/data/candle-atc');
  const series = openCandleStore(store).series(NAME);
  series.write([{ ...rows[0], timestamp: START - MINUTE } as StoredCandle]);
  series.close();
  const atc = (...args: string[]) => runAtc(args, { cwd: folder.path });
  const info = await atc('info', store);
  expect(info).toMatchObject({ code: 0, stderr: '' });
  expect(info.stdout).toMatch(/candles of a host \(backtest-kit\), 121 in /);
  expect(info.stdout).toMatch(/^binance\s+ETH\/USDT\s+1m\s+40\s+1\s/m);
  expect(JSON.parse((await atc('info', store, '--json')).stdout)).toMatchObject({ kind: 'candles', candles: 121 });
  expect((await atc('verify', store)).stdout).toMatch(/: ok, 3 series, 121 candles, .* checked/);

  const files = readdirSync(series.directory).sort();
  for (const [i, name] of files.entries()) {
    const file = path.join(series.directory, name);
    const bytes = readFileSync(file);
    const flipped = Buffer.from(bytes);
    flipped[80 - i * 40] ^= 1;
    writeFileSync(file, flipped);
    const damaged = await atc('verify', store);
    expect(damaged).toMatchObject({ code: 1, stdout: '' });
    expect(damaged.stderr).toContain(file);
    expect(readFileSync(file)).toEqual(flipped);
    writeFileSync(file, bytes);
  }
  expect(readdirSync(series.directory).sort()).toEqual(files);
  expect(files).toHaveLength(2);
});

test('a migration that cannot be done ends with a code and a message that names the reason', async () => {
  const nothing = await runAtc(['migrate', '--backtest-kit', 'nowhere'], { cwd: folder.path });
  expect(nothing).toMatchObject({ code: 1, stdout: '' });
  expect(nothing.stderr).toContain('does not exist');
  expect(await runAtc(['migrate'], { cwd: folder.path })).toMatchObject({ code: 2 });
  const text = await runAtc(['migrate', '--backtest-kit', project('refused')], { cwd: folder.path });
  expect(text.stdout).toContain('120 written');
});
