/** `atc sql`: tables, CSV and JSON of a statement; snapshots; what is wrong is reported. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const at = (name: string) => path.join(folder.path, name);
const atc = (...args: string[]) => runAtc(args, { cwd: folder.path });

beforeAll(async () => {
  const rows = Array.from(
    { length: 3000 },
    (_, k) => `${Date.UTC(2024, 0, 1) + k * 60_000},${100 + (k % 9) / 4},"B,C"`,
  );
  writeFileSync(at('a.csv'), `timestamp,close,symbol\n${rows.join('\n')}\n`);
  await atc('import', 'a.csv', '--out', 'ds', '--packed');
  await atc('snapshot', 'ds', 'v1');
  writeFileSync(at('b.csv'), `timestamp,close,symbol\n${Date.UTC(2024, 0, 1)},999,"B,C"\n`);
  await atc('append', 'ds', 'b.csv', '--existing', 'upsert');
});

test('a result is a table, CSV or JSON', async () => {
  const sql =
    "select symbol, count(*) as n, max(close) as top from candles where timestamp < '2024-01-02' group by symbol";
  expect((await atc('sql', 'ds', sql)).stdout).toBe('symbol     n  top\n------  ----  ---\nB,C     1440  999\n');
  expect((await atc('sql', 'ds', sql, '--csv')).stdout).toBe('symbol,n,top\n"B,C",1440,999\n');
  expect((await atc('sql', 'ds', sql, '--json', '--as-of', 'v1')).stdout).toBe(
    '[{"symbol":"B,C","n":1440,"top":102}\n]\n',
  );
  const all = await atc('sql', 'ds', 'select timestamp, close from candles', '--csv');
  expect(all.stdout.split('\n').slice(0, 3)).toEqual([
    'timestamp,close',
    '2024-01-01 00:00:00,999',
    '2024-01-01 00:01:00,100.25',
  ]);
  expect(all.stdout.trim().split('\n')).toHaveLength(3001);
  const rows = JSON.parse((await atc('sql', 'ds', 'from x', '--table', 'x', '--numbers', '--json')).stdout);
  expect([rows.length, rows[1]]).toEqual([
    3000,
    { symbol: 'B,C', timestamp: Date.UTC(2024, 0, 1, 0, 1), close: 100.25 },
  ]);
  const table = (await atc('sql', 'ds', 'from candles')).stdout;
  expect(table).toMatch(/the first 40 of 3,000 rows; --csv has all\n$/);
  expect((await atc('sql', 'ds', 'from candles where close < 0', '--json')).stdout).toBe('[]\n');
  const types = JSON.parse(
    (await atc('sql', 'ds', "select null a, 'NaN'::double b, 1.5::decimal(9,2) c, [1] d, '' e", '--json')).stdout,
  );
  expect(types).toEqual([{ a: null, b: null, c: '1.50', d: '[1]', e: '' }]);
});

test('a wrong statement is exit code 2 with the message of DuckDB', async () => {
  for (const [sql, message] of [
    ['selec 1', /^atc: SQL: .*syntax error/],
    ['select * from history', /^atc: SQL: .*history does not exist[\s\S]*\nthe table of the dataset is "candles"\n$/],
    ['select nope from candles', /^atc: SQL: .*"nope" not found/],
    ['select 1; select 2', /one statement/],
  ] as const) {
    const { code, stderr } = await atc('sql', 'ds', sql);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  }
  expect((await atc('sql', 'ds', 'select 1', '--json', '--csv')).code).toBe(2);
  expect((await atc('sql', 'none', 'select 1')).code).toBe(1);
});
