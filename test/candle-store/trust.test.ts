/**
 * What a candle store takes for its own: files that were moved, links in place of directories, rows that no disk has.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { onMemoryEvent, openCandleStore, type StoredCandle } from 'atc-memory';
import { journalName } from '../../src/candle-store/series-listing.js';
import { MINUTE, madeCandles, START } from '../backtest-kit/candles.js';
import { useWorkspace } from '../io/workspace.js';

const { at } = useWorkspace();
const stored = (rows: object[]) => rows as StoredCandle[];
let count = 0;
const A = { exchange: 'x', symbol: 'A', interval: '1m' };
const B = { ...A, symbol: 'B' };

/** Two series with prices of their own; `seal`: in segments. */
function twoSeries({ seal, layout }: { seal: boolean; layout?: 'packed' | 'mapped' }) {
  const root = at(`store ${count++}`);
  const store = openCandleStore(root, { layout });
  for (const [name, close] of [
    [A, 1],
    [B, 2],
  ] as const) {
    const series = store.series(name);
    series.write(stored(madeCandles(9)).map((candle) => ({ ...candle, close })));
    if (seal) series.seal();
  }
  store.close();
  const directory = (name: typeof A) => path.join(root, 'x', name.symbol, '1m');
  return { root, directory };
}

function errorsOf(run: () => void): unknown[] {
  const errors: unknown[] = [];
  const stop = onMemoryEvent('corrupt', ({ error }) => errors.push(error));
  run();
  stop();
  return errors;
}

describe.each(['packed', 'mapped'] as const)('%s segments', (layout) => {
  test('of another series are damage when they are read', () => {
    const { root, directory } = twoSeries({ seal: true, layout });
    const file = 'candles-00000001-00000001.atcs';
    cpSync(path.join(directory(B), file), path.join(directory(A), file));
    const errors = errorsOf(() => {
      expect(openCandleStore(root).series(A).read(START, MINUTE, 1)).toBeUndefined();
    });
    expect(errors).toEqual([expect.objectContaining({ code: 'CORRUPT', message: expect.stringContaining('x/B/1m') })]);
    expect(readdirSync(directory(A))).toEqual(['damaged.atcs']);
    expect(openCandleStore(root).series(B).read(START, MINUTE, 1)?.[0].close).toBe(2);
  });

  test('under the name of other journals are damage when they are read', () => {
    const { root, directory } = twoSeries({ seal: true, layout });
    const [file, other] = ['candles-00000001-00000001.atcs', 'candles-00000002-00000002.atcs'];
    renameSync(path.join(directory(A), file), path.join(directory(A), other));
    const errors = errorsOf(() => {
      expect(openCandleStore(root).series(A).read(START, MINUTE, 1)).toBeUndefined();
    });
    expect(errors).toEqual([expect.objectContaining({ code: 'CORRUPT' })]);
  });
});

test('a journal of another series, or under another number, holds no row of this one', () => {
  const { root, directory } = twoSeries({ seal: false });
  cpSync(path.join(directory(B), journalName(1)), path.join(directory(A), journalName(1)));
  expect(errorsOf(() => expect(openCandleStore(root).series(A).length).toBe(0))).not.toEqual([]);
  expect(openCandleStore(root).series(B).length).toBe(9);
  renameSync(path.join(directory(B), journalName(1)), path.join(directory(B), journalName(2)));
  expect(errorsOf(() => expect(openCandleStore(root).series(B).length).toBe(0))).not.toEqual([]);
});

test('a store that is moved as a whole is read as before', () => {
  const { root } = twoSeries({ seal: true });
  const elsewhere = at(`moved ${count++}`);
  renameSync(root, elsewhere);
  expect(openCandleStore(elsewhere).series(A).length).toBe(9);
});

describe('symbolic links', () => {
  test.each([
    ['interval', 'x/A/1m'],
    ['symbol', 'x/A'],
    ['exchange', 'x'],
  ])('instead of the directory of the %s: nothing behind it is read, written or deleted', (_, relative) => {
    const { root } = twoSeries({ seal: false });
    const foreign = at(`foreign ${count++}`);
    renameSync(path.join(root, relative), foreign);
    symlinkSync(foreign, path.join(root, relative));
    const before = readdirSync(foreign, { recursive: true });
    const series = openCandleStore(root, { sealRows: 1 }).series(A);
    for (const use of [
      () => series.read(START, MINUTE, 1),
      () => series.write(stored(madeCandles(12))),
      () => series.seal(),
      () => series.length,
    ]) {
      expect(use).toThrow(
        expect.objectContaining({ code: 'CORRUPT', message: expect.stringContaining('symbolic link') }),
      );
    }
    expect(readdirSync(foreign, { recursive: true })).toEqual(before);
  });

  test('instead of a journal or segment are left out', () => {
    const { root, directory } = twoSeries({ seal: false });
    const foreign = at(`foreign ${count++}`);
    const file = path.join(directory(A), journalName(1));
    renameSync(file, foreign);
    symlinkSync(foreign, file);
    const before = readFileSync(foreign);
    expect(openCandleStore(root).series(A).length).toBe(0);
    expect(readFileSync(foreign)).toEqual(before);
  });
});

test('a candle with a value that JSON has no form for is UNSUPPORTED, and nothing is written', () => {
  const root = at(`store ${count++}`);
  const series = openCandleStore(root).series(A);
  expect(() => series.write([{ timestamp: 1, note: 'x', amount: 1n }])).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED' }),
  );
  expect(series.length).toBe(0);
});

test('a name that leads out of the directory is not exported', async () => {
  const { exportJsonCandles } = await import('../../src/candle-store/json-migration.js');
  const store = openCandleStore(at(`store ${count++}`));
  store.series({ exchange: '..', symbol: '..', interval: 'escaped' }).write([{ timestamp: 1, close: 1 }]);
  const target = at(`export ${count++}`, 'below', 'here');
  mkdirSync(target, { recursive: true });
  await expect(exportJsonCandles(store, target)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  expect(existsSync(path.join(target, '../../escaped'))).toBe(false);
});

test('damage in a version 1 journal is skipped as before', () => {
  const root = at(`store ${count++}`);
  cpSync('test/backtest-kit/corpus/packed', root, { recursive: true });
  const name = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' };
  const whole = openCandleStore(root).series(name).length;
  const file = path.join(root, 'binance/BTCUSDT/1m', journalName(3));
  const bytes = readFileSync(file);
  bytes[30] ^= 1;
  writeFileSync(file, bytes);
  errorsOf(() => expect(openCandleStore(root).series(name).length).toBeLessThan(whole));
});
