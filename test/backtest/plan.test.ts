import { planPartitions, workerCount } from '../../src/backtest/plan.js';

const table = (symbol: string, length: number) => ({ symbol, length });

test('one partition a symbol, in the order of the dataset; short symbols are listed as skipped', () => {
  const plan = planPartitions({ name: 's', minimumRows: 34 }, [table('B', 40), table('A', 33), table('C', 34)]);
  expect(plan).toEqual({
    partitions: [
      { symbol: 'B', rows: 40 },
      { symbol: 'C', rows: 34 },
    ],
    skipped: [{ symbol: 'A', rows: 33, needed: 34 }],
    rows: 74,
  });
  expect(() => planPartitions({ name: 's', minimumRows: 50 }, [table('B', 40), table('C', 49)])).toThrow(
    's needs at least 50 rows of a symbol; the longest has 49',
  );
});

describe('workers', () => {
  const planOf = (symbols: number, rows: number) =>
    planPartitions(
      { name: 's' },
      Array.from({ length: symbols }, (_, k) => table(String(k), rows)),
    );

  test('default to the cores, as far as there is work for them', () => {
    expect(workerCount(planOf(100, 1_000_000), undefined, 8)).toBe(8);
    expect(workerCount(planOf(3, 100_000_000), undefined, 8)).toBe(3);
    expect(workerCount(planOf(100, 50_000), undefined, 8)).toBe(2);
    expect(workerCount(planOf(100, 1000), undefined, 8)).toBe(1);
  });

  test('are as many as asked for, but no more than symbols', () => {
    expect(workerCount(planOf(100, 10), 16, 2)).toBe(16);
    expect(workerCount(planOf(3, 10), 16, 2)).toBe(3);
    for (const wrong of [0, -1, 1.5, Number.NaN]) {
      expect(() => workerCount(planOf(3, 10), wrong, 2)).toThrow(/workers must be a whole number from 1/);
    }
  });
});
