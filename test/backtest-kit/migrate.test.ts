import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openCandleStore, type StoredCandle } from 'atc-memory';
import { runAtc, temporaryFolder } from '../cli/run-atc.js';
import { MINUTE, madeCandles, START } from './candles.js';

const folder = temporaryFolder();
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
  expect(outcome.stderr).toBe('');
  expect(outcome.code).toBe(0);
  return JSON.parse(outcome.stdout);
};

test('a project is taken over, and written back byte for byte', async () => {
  const home = project('whole');
  const json = path.join(home, 'dump/data/candle');
  const before = textsOf(json);
  expect(await migrate(home, '--dry-run')).toMatchObject({ series: 3, candles: 120, written: 120, dryRun: true });
  expect(readdirSync(path.join(home, 'dump/data'))).toEqual(['candle']);
  expect(await migrate(home)).toMatchObject({ series: 3, candles: 120, written: 120, damaged: [] });
  expect(await migrate(home)).toMatchObject({ candles: 120, written: 0 });
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
  expect(await migrate(elsewhere, '--revert', '--store', `${json}-atc`)).toMatchObject({ written: 120, inexact: 0 });
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

test('what cannot be done is said', async () => {
  const nothing = await runAtc(['migrate', '--backtest-kit', 'nowhere'], { cwd: folder.path });
  expect(nothing).toMatchObject({ code: 1, stdout: '' });
  expect(nothing.stderr).toContain('does not exist');
  expect(await runAtc(['migrate'], { cwd: folder.path })).toMatchObject({ code: 2 });
  const text = await runAtc(['migrate', '--backtest-kit', project('told')], { cwd: folder.path });
  expect(text.stdout).toContain('120 were written');
});
