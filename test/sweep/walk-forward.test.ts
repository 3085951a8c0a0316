/** Walk-forward windows against backtests of the same rows, and strategies that look ahead. */
import { memoryTable, type Strategy, TradingAccount } from '../../src/index.js';
import { checkLookahead, walkForward } from '../../src/sweep/index.js';
import { columnsOf, crossing, crossingSweep } from './histories.js';

const columns = columnsOf(900, 3);
const space = {
  fast: { type: 'int', from: 2, to: 5 },
  slow: { type: 'int', from: 8, to: 20, step: 6 },
} as const;

function signalOf(parameters: object): Float64Array {
  const run = crossing(parameters as Record<string, number>).start(memoryTable('A', columns));
  return run.push({ start: 0, length: 900, columns }).signal as Float64Array;
}

function traded(parameters: object, from: number, to: number) {
  const account = new TradingAccount({ fee: 0.001 });
  account.push(
    columns.timestamp.slice(from, to) as Float64Array,
    columns.close.slice(from, to) as Float64Array,
    signalOf(parameters).slice(from, to),
  );
  return account.statistics();
}

test.each([true, false])(
  'anchored %s: the best of each window is chosen before it, with exact warm-up',
  async (anchored) => {
    const options = { source: { symbol: 'A', columns }, strategy: crossingSweep, space, objective: 'totalReturn' };
    const { windows, symbols } = await walkForward({ ...options, fee: 0.001, windows: 3, training: 0.4, anchored });
    expect(windows.map(({ training, test }) => [training.from, training.to, test.from, test.to])).toEqual([
      [0, 360, 360, 540],
      [anchored ? 0 : 180, 540, 540, 720],
      [anchored ? 0 : 360, 720, 720, 900],
    ]);
    const trials = [2, 3, 4, 5].flatMap((fast) => [8, 14, 20].map((slow) => ({ fast, slow })));
    const joined = new Float64Array(900);
    for (const { training, test, parameters, inSample, outOfSample } of windows) {
      const before = trials.map((one) => traded(one, training.from, training.to).totalReturn);
      expect(parameters).toEqual(trials[before.indexOf(Math.max(...before))]);
      expect(inSample.totalReturn).toBe(Math.max(...before));
      const { buyAndHold: _, ...after } = traded(parameters, test.from, test.to);
      expect(outOfSample).toMatchObject(after);
      joined.set(signalOf(parameters).slice(test.from, test.to), test.from);
    }
    const account = new TradingAccount({ fee: 0.001 });
    account.push(
      columns.timestamp.slice(360) as Float64Array,
      columns.close.slice(360) as Float64Array,
      joined.slice(360),
    );
    const [{ trading, equity, times }] = symbols;
    expect(trading).toEqual(account.statistics());
    expect(equity.at(-1)).toBeCloseTo(trading.totalReturn + 1, 12);
    expect([times.length, times[0]]).toEqual([540, columns.timestamp[360]]);
  },
);

describe('a strategy that looks ahead', () => {
  const table = memoryTable('A', columns);
  /** The sign of the move from `lag` bars before to `ahead` bars after. */
  const peeking = (ahead: number): Strategy<unknown> => ({
    name: 'peeking',
    columns: ['close'],
    start: () => ({
      push: ({ columns: { close }, length }) => ({
        signal: Float64Array.from(
          { length },
          (_, row) => Number(close[Math.min(length - 1, row + ahead)]) - Number(close[row]),
        ),
      }),
      finish: () => null,
    }),
  });

  test('is found with the first bar whose signal changes', () => {
    const found = checkLookahead(peeking(2), table, { cuts: 30, seed: 1 });
    expect(found).toMatchObject({ column: 'signal', row: found!.cut - 2, timestamp: columns.timestamp[found!.row] });
    expect(found!.whole).not.toBe(found!.truncated);
  });

  test('is not found where there is none', () => {
    expect(checkLookahead(peeking(0), table)).toBeUndefined();
    expect(checkLookahead(crossing({ fast: 3, slow: 9 }), table)).toBeUndefined();
  });
});
