import { groupPartitions, planPartitions, workerCount } from '../../src/backtest/plan.js';

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

describe('groups of symbols', () => {
  const groupsOf = (lengths: readonly number[], workers: number) =>
    groupPartitions(
      planPartitions(
        { name: 's' },
        lengths.map((rows, k) => table(String(k), rows)),
      ),
      workers,
    );

  test('hold every symbol once, the longest first, and few where the symbols are many', () => {
    const lengths = Array.from({ length: 5000 }, (_, k) => 1000 + ((k * 7919) % 3000));
    const groups = groupsOf(lengths, 2);
    const order = groups.flat();
    expect(order.toSorted((a, b) => a - b)).toEqual(lengths.map((_, k) => k));
    const rows = order.map((index) => lengths[index]);
    expect(rows).toEqual(rows.toSorted((a, b) => b - a));
    expect(groups.length).toBeLessThan(5000 / 15);
  });

  test('are bounded in rows and symbols; a symbol longer than that stands alone', () => {
    const lengths = [...Array.from({ length: 20_000 }, (_, k) => (k % 10 === 0 ? 0 : 40)), 1_000_000, 70_000, 65_000];
    const groups = groupsOf(
      lengths.map((rows) => rows + 1),
      2,
    );
    expect(groups.slice(0, 3)).toEqual([[20_000], [20_001], [20_002]]);
    for (const group of groups.slice(3)) {
      expect(group.length).toBeLessThanOrEqual(64);
      expect(group.reduce((sum, index) => sum + lengths[index], 0)).toBeLessThanOrEqual(65_536);
    }
  });

  test('leave work for every worker', () => {
    expect(groupsOf([10, 10, 10, 10], 2)).toEqual([[0], [1], [2], [3]]);
    expect(groupsOf(Array(320).fill(100), 4)).toHaveLength(64);
    expect(groupsOf(Array(65).fill(1), 2).length).toBeGreaterThanOrEqual(32);
  });
});
