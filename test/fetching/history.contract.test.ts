/** `atc-memory/history` as it is published, in both formats: fetched, continued after a failure, read by a backtest. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDataset } from 'atc-memory';
import { backtest } from 'atc-memory/atc';
import { ccxtHistory, isAtcError, keepHistory, type PageRequest } from 'atc-memory/history';

const MINUTE = 60_000;
const START = Date.UTC(2023, 0, 1);
const NAMES = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];

/** Candles whose prices no short decimal has; none in [from, to). */
function candles(count: number, from = 0, to = 0): number[][] {
  const minutes = Array.from({ length: count }, (_, i) => i).filter((i) => i < from || i >= to);
  return minutes.map((i) => [START + i * MINUTE, 20 + 1 / 3, 30 + i / 7, 10 - i / 999, 20 + i / 49, i / 3]);
}

function rowsOf(table: { column(name: string): ArrayLike<number | bigint> }): number[][] {
  const columns = NAMES.map((name) => table.column(name));
  return Array.from(columns[0], (_, row) => columns.map((column) => Number(column[row])));
}

const folder = mkdtempSync(path.join(tmpdir(), 'atc-history-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const range = { symbol: 'BTC/USDT', interval: '1m', since: START, pageSize: 100, backoffMs: 1 } as const;

test('a fetch that fails half-way goes on where it stopped, and its table is a source', async () => {
  const directory = path.join(folder, 'continued');
  const truth = candles(1000, 300, 420);
  const asked: string[] = [];
  const fetchPage = async ({ since, until, limit }: PageRequest) => {
    asked.push(`${since} ${until}`);
    return truth.filter(([ms]) => ms >= since && ms < until).slice(0, limit);
  };
  const until = START + 1000 * MINUTE;
  const failing = keepHistory({
    ...range,
    directory,
    until,
    fetchPage: (request) => {
      if (asked.length === 4) throw Object.assign(new Error('no such market'), { status: 404 });
      return fetchPage(request);
    },
  });
  const error = await failing.catch((reason: unknown) => reason);
  expect(isAtcError(error, 'IO')).toBe(true);
  const history = await keepHistory({ ...range, directory, until, fetchPage });
  expect(rowsOf(history.table())).toEqual(truth);
  expect(new Set(asked).size).toBe(asked.length);
  const { rows } = await backtest(history.table());
  expect(rows).toBe(truth.length);
  history.close();
  const dataset = await openDataset(directory);
  expect(rowsOf(dataset.table('BTC/USDT'))).toEqual(truth);
  dataset.close();
});

test('a client of ccxt is a source', async () => {
  const truth = candles(250);
  const client = {
    id: 'made-up',
    has: { fetchOHLCV: true },
    timeframes: { '1m': '1m' },
    markets: {},
    loadMarkets: async () => ({}),
    fetchOHLCV: async (_: string, __: string, since = 0, limit = 100) =>
      truth.filter(([ms]) => ms >= since).slice(0, limit),
  };
  const directory = path.join(folder, 'ccxt');
  const history = await keepHistory({
    ...range,
    ...ccxtHistory(client as never),
    directory,
    until: START + 250 * MINUTE,
  });
  expect(rowsOf(history.table())).toEqual(truth);
  history.close();
});
