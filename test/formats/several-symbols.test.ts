/** Parquet and Arrow files with a column of symbols, in any order of rows, alone and overlapping. */
import { writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import pl from 'nodejs-polars';
import { readDataset, updateDataset, writeDataset } from '../../src/dataset/dataset.js';
import { openHistory } from '../../src/dataset/history/history.js';
import { openDataset } from '../../src/dataset/open.js';
import type { Dataset } from '../../src/table.js';
import { useWorkspace } from '../io/workspace.js';

const space = useWorkspace();
const START = 1_710_000_000_000;
const SYMBOLS = ['AAA', 'BBB', 'CCC', 'DDD'];

/** Volume of a minute: another one for each symbol. */
const volumeOf = (symbol: string, minute: number) => minute + 0.25 * (1 + SYMBOLS.indexOf(symbol));

/** Rows of minutes [from, to) as SQL. */
function rows(from: number, to: number, symbols: readonly string[] = SYMBOLS): string {
  const list = symbols.map((symbol) => `('${symbol}', ${SYMBOLS.indexOf(symbol)})`).join(', ');
  return `SELECT make_timestamp_ms(${START} + i * 60000) AS time, s AS symbol, 10 + k AS open, 12 + k AS high,
    9 + k AS low, 11 + k AS close, i + 0.25 * (1 + k) AS volume, i, k FROM range(${from}, ${to}) r(i), (VALUES ${list}) v(s, k)`;
}

const ORDERS = {
  'by time': 'i, k',
  'by symbol': 'k, i',
  'in runs of 700 rows of each symbol': 'i // 700, k, i',
  'newest first': 'i DESC, k',
} as const;

type Kind = 'parquet' | 'feather' | 'arrow';

/** Many row groups and record batches: every symbol is in several of them. */
async function write(name: string, kind: Kind, select: string, order: string): Promise<string> {
  const parquet = space.at(`${name}.parquet`);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const query = `SELECT * EXCLUDE (i, k) FROM (${select}) ORDER BY ${order}`;
  await connection.run(`COPY (${query}) TO '${parquet}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  if (kind === 'parquet') return parquet;
  const file = space.at(`${name}.${kind}`);
  const frame = pl.readParquet(parquet);
  if (kind === 'feather') frame.writeIPC(file, { compression: 'lz4' });
  else writeFileSync(file, frame.writeIPCStream());
  return file;
}

function volumes(dataset: Dataset): Record<string, number[]> {
  return Object.fromEntries(
    [...dataset.symbols].sort().map((symbol) => {
      const table = dataset.table(symbol);
      const times = [...table.column('timestamp')].map(Number);
      expect(times.every((ms, k) => k === 0 || ms > times[k - 1])).toBe(true);
      const all = [...table.column('volume')].map(Number);
      expect(all).toEqual(times.map((ms) => volumeOf(symbol, (ms - START) / 60_000)));
      return [symbol, [times.length, (times[0] - START) / 60_000, (times[times.length - 1] - START) / 60_000]];
    }),
  );
}

const all = (from: number, to: number, symbols: readonly string[] = SYMBOLS) =>
  Object.fromEntries(symbols.map((symbol) => [symbol, [to - from, from, to - 1]]));

describe.each<Kind>(['parquet', 'feather', 'arrow'])('%s', (kind) => {
  test.each(Object.entries(ORDERS))('one file %s is one series of each symbol', async (_, order) => {
    const file = await write('one', kind, rows(0, 3000), order);
    expect(volumes(await readDataset(file))).toEqual(all(0, 3000));
  });

  const pairs = Object.keys(ORDERS).flatMap((one) => Object.keys(ORDERS).map((two) => [one, two] as const));
  test.each(kind === 'parquet' ? pairs : pairs.filter(([one, two]) => one < two))(
    'files that overlap, %s and %s, are merged and equal rows taken once',
    async (one, two) => {
      const orders = ORDERS as Record<string, string>;
      const files = [
        await write('a', kind, rows(0, 2000, ['AAA', 'BBB', 'CCC']), orders[one]),
        await write('b', kind, rows(1500, 3000, ['BBB', 'CCC', 'DDD']), orders[two]),
      ];
      const notes: string[] = [];
      const dataset = await readDataset(files, { onFile: (file) => notes.push(...file.notes) });
      expect(volumes(dataset)).toEqual({
        AAA: [2000, 0, 1999],
        BBB: [3000, 0, 2999],
        CCC: [3000, 0, 2999],
        DDD: [1500, 1500, 2999],
      });
      expect(notes).toContain('1000 rows there twice: taken once');
    },
  );

  test('the row that goes back in time is named', async () => {
    const late = `SELECT * FROM (${rows(0, 3000)}) ORDER BY CASE WHEN i = 17 AND k = 2 THEN 2500.5 ELSE i END, k`;
    const file = await write(
      'late',
      kind,
      `SELECT * EXCLUDE (i, k), row_number() OVER () AS i, 0 AS k FROM (${late})`,
      'i',
    );
    await expect(readDataset(file)).rejects.toThrow(
      /late\.\w+: row 10004, column "time": CCC: .*2024-03-09T16:17:00.000Z.*2024-03-11T09:40:00.000Z/,
    );
  });
});

test('a symbol that begins earlier than the first one of its file is merged, too', async () => {
  const early = `${rows(900, 1200, ['AAA'])} UNION ALL ${rows(0, 1200, ['BBB'])} UNION ALL ${rows(900, 1200, ['CCC'])}`;
  const files = [
    await write('x', 'parquet', rows(0, 500), ORDERS['by symbol']),
    await write('y', 'feather', early, ORDERS['by symbol']),
  ];
  expect(volumes(await readDataset(files))).toEqual({
    AAA: [800, 0, 1199],
    BBB: [1200, 0, 1199],
    CCC: [800, 0, 1199],
    DDD: [500, 0, 499],
  });
});

test('overlapping files of other formats with the same symbols are merged with them', async () => {
  const csv = Array.from({ length: 2000 }, (_, k) =>
    SYMBOLS.map(
      (symbol, at) =>
        `${START + 60_000 * (k + 1000)},${symbol},${10 + at},${12 + at},${9 + at},${11 + at},${volumeOf(symbol, k + 1000)}`,
    ),
  );
  const files = [
    await write('x', 'parquet', rows(0, 1500), ORDERS['by symbol']),
    space.file('y.csv', `time,symbol,open,high,low,close,volume\n${csv.flat().join('\n')}\n`),
    await write('z', 'arrow', rows(2900, 3500), ORDERS['by time']),
  ];
  expect(volumes(await readDataset(files))).toEqual(all(0, 3500));
});

test('every function that takes a source reads such files', async () => {
  const files = [
    await write('a', 'parquet', rows(0, 2000), ORDERS['by symbol']),
    await write('b', 'feather', rows(1500, 3000), ORDERS['by time']),
  ];
  const out = space.at('out');
  await writeDataset(out, files[0]);
  await updateDataset(out, files);
  const written = await openDataset(out);
  expect(volumes(written)).toEqual(all(0, 3000));
  written.close();
  const history = await openHistory(files, { cacheDir: space.at('cache') });
  expect(volumes(history.dataset)).toEqual(all(0, 3000));
  history.close();
});

test('folders of a partitioned data set name the symbol and the interval of their files', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const folder = space.at('partitioned');
  const select = `SELECT * EXCLUDE (symbol), replace(symbol, 'BBB', 'B/BB') AS symbol, i // 100 AS part, '1h' AS interval
    FROM (${rows(0, 300, ['AAA', 'BBB'])})`;
  await connection.run(`COPY (${select}) TO '${folder}' (FORMAT parquet, PARTITION_BY (interval, symbol, part))`);
  const dataset = await readDataset(folder);
  expect([...dataset.symbols].sort()).toEqual(['AAA', 'B/BB']);
  expect([...dataset.table('B/BB').column('volume')]).toEqual(
    Array.from({ length: 300 }, (_, i) => volumeOf('BBB', i)),
  );
  // The folder of one symbol alone names it, too.
  const one = await readDataset(`${folder}/interval=1h/symbol=AAA`);
  expect([one.symbols, one.table('AAA').length]).toEqual([['AAA'], 300]);
});

test('several tickers side by side in files that overlap are merged by ticker', async () => {
  const file = (name: string, tickers: readonly string[], from: number, to: number) => {
    const titles = tickers.flatMap((ticker) => [`('Close', '${ticker}')`, `('Volume', '${ticker}')`]);
    const columns = titles.map((title, at) =>
      pl.Series(
        title,
        Array.from({ length: to - from }, (_, k) => (at % 2 === 0 ? 11 : volumeOf(tickers[at >> 1], from + k))),
        pl.Float64,
      ),
    );
    const time = pl.Series(
      'Date',
      Array.from({ length: to - from }, (_, k) => new Date(START + 60_000 * (from + k))),
      pl.Datetime('ms'),
    );
    const target = space.at(name);
    writeFileSync(target, pl.DataFrame([...columns, time]).writeParquet());
    return target;
  };
  const files = [file('x.parquet', ['AAA', 'BBB'], 0, 500), file('y.parquet', ['BBB', 'AAA'], 400, 900)];
  expect(volumes(await readDataset(files))).toEqual(all(0, 900, ['AAA', 'BBB']));
});
