/** Several files of one symbol that overlap: read as the one series that they are parts of. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { readDataset } from '../../src/dataset/dataset.js';
import type { FileReport, ImportOptions } from '../../src/formats/options.js';

const HEAD = 'timestamp,open,high,low,close,volume\n';
const START = 1_678_579_200_000;

/** Minute and volume of each row. */
type Rows = readonly (readonly [minute: number, volume: number])[];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-overlaps-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (minute: number, volume: number) => `${START + 60_000 * minute},1,2,1,2,${volume}\n`;
const csv = (rows: Rows) => HEAD + rows.map(([minute, volume]) => line(minute, volume)).join('');
const span = (from: number, to: number, volume = (minute: number) => minute): Rows =>
  Array.from({ length: to - from }, (_, k) => [from + k, volume(from + k)]);

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
}

async function read(options: ImportOptions = {}): Promise<{ rows: Record<string, number[][]>; reports: FileReport[] }> {
  const reports: FileReport[] = [];
  const dataset = await readDataset(folder, { ...options, onFile: (report) => reports.push(report) });
  const rows = Object.fromEntries(
    dataset.symbols.map((symbol) => {
      const table = dataset.table(symbol);
      const [times, volumes] = [table.column('timestamp'), table.column('volume')];
      return [
        symbol,
        Array.from({ length: table.length }, (_, k) => [(Number(times[k]) - START) / 60_000, Number(volumes[k])]),
      ];
    }),
  );
  return { rows, reports };
}

test('months that overlap by a day are one series, and the rows that were there are counted', async () => {
  write({ 'q-1.csv': csv(span(0, 3000)), 'q-2.csv': csv(span(1560, 6000)), 'q-3.csv': csv(span(5999, 7000)) });
  const { rows, reports } = await read({ symbol: 'Q' });
  expect(rows).toEqual({ Q: span(0, 7000) });
  expect(reports.map((one) => [path.basename(one.path), one.rows, one.notes])).toEqual([
    ['q-1.csv', 3000, []],
    ['q-2.csv', 3000, ['1440 rows there twice: taken once']],
    ['q-3.csv', 1000, ['1 row there twice: taken once']],
  ]);
});

test('a file within another one, and rows that fill its gaps, are merged in order', async () => {
  write({
    'a.csv': csv([...span(0, 10), ...span(20, 30)]),
    'b.csv': csv(span(5, 25)),
    'c.csv': csv([[12, 12]]),
  });
  expect((await read({ symbol: 'Q' })).rows).toEqual({ Q: span(0, 30) });
});

test('any cut of a series into files of several formats and both directions gives the series back', async () => {
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < 8; round += 1) {
    const series = span(0, 9000 + random(9000));
    const covered = new Set<number>();
    for (let file = 0; file < 2 + random(22); file += 1) {
      const from = random(series.length - 2);
      const part = series.slice(from, from + 2 + random(round % 2 === 0 ? series.length : 300));
      const own = part.filter(() => random(50) > 0);
      if (own.length === 0) continue;
      for (const [minute] of own) covered.add(minute);
      const turned = random(3) === 0 ? [...own].reverse() : own;
      const kind = random(3);
      if (kind === 0) write({ [`${file}.csv`]: csv(turned) });
      else if (kind === 1) write({ [`${file}.csv.gz`]: gzipSync(csv(turned)) });
      else {
        const objects = turned.map(([minute, volume]) => ({
          ...{ timestamp: START + 60_000 * minute, open: 1, high: 2, low: 1, close: 2 },
          volume,
        }));
        write({ [`${file}.json`]: JSON.stringify(objects) });
      }
    }
    const { rows } = await read({ symbol: 'Q' });
    expect(rows.Q).toEqual(series.filter(([minute]) => covered.has(minute)));
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(path.join(tmpdir(), 'atc-overlaps-'));
  }
});

test('files whose symbol stands in a column are merged by symbol, whatever they are called', async () => {
  const both = ([minute, volume]: Rows[number]) => `A,${line(minute, volume)}B,${line(minute, volume + 0.5)}`;
  const titled = (rows: Rows) => `symbol,${HEAD}${rows.map(both).join('')}`;
  write({ 'one.csv': titled(span(0, 50)), 'two.csv': titled(span(40, 90)) });
  const half = span(0, 90).map(([minute, volume]) => [minute, volume + 0.5]);
  expect((await read()).rows).toEqual({ A: span(0, 90), B: half });
});

describe('files that are ordered by symbol and then by time', () => {
  const titled = (series: Readonly<Record<string, Rows>>, order: readonly string[]) => {
    const rowsOf = (symbol: string) => (series[symbol] ?? []).map((row) => `${symbol},${line(...row)}`);
    return `symbol,${HEAD}${order.flatMap(rowsOf).join('')}`;
  };

  test('that overlap are one series for each symbol, and the rows that were there are counted', async () => {
    write({
      'a.csv': titled({ A: span(0, 50), B: span(10, 60) }, ['A', 'B']),
      'b.csv': titled({ A: span(40, 90), B: span(50, 70), C: span(0, 30) }, ['A', 'B', 'C']),
    });
    const { rows, reports } = await read();
    expect(rows).toEqual({ A: span(0, 90), B: span(10, 70), C: span(0, 30) });
    expect(reports.map((one) => [path.basename(one.path), one.rows, one.notes])).toEqual([
      ['a.csv', 100, []],
      ['b.csv', 80, ['20 rows there twice: taken once']],
    ]);
  });

  test('are read in any order of symbols, beside files of one symbol and files ordered by time', async () => {
    const mixed = span(55, 75).map(([minute]) => `A,${line(minute, minute)}B,${line(minute, minute)}`);
    write({
      'a.csv': titled({ A: span(0, 50), B: span(10, 60) }, ['B', 'A']),
      'b.csv': titled({ A: span(40, 60), B: span(0, 20) }, ['A', 'B']),
      'c.csv': `symbol,${HEAD}${mixed.join('')}`,
      'B.csv': csv(span(70, 99)),
    });
    expect((await read()).rows).toEqual({ A: span(0, 75), B: span(0, 99) });
  });

  test.each([
    ['the same first symbol', ['A', 'B', 'C'], ['A', 'B', 'C']],
    ['other first symbols', ['A', 'B'], ['B', 'C']],
    ['a symbol in the middle of the other', ['A', 'B', 'C'], ['B']],
    ['opposite orders', ['C', 'B', 'A'], ['A', 'B', 'C']],
  ])('and are longer than the rows that are looked at before: %s', async (_, one, two) => {
    const series = (from: number, to: number) => ({ A: span(from, to), B: span(from, to), C: span(from, to) });
    write({ 'x.csv': titled(series(0, 6000), one), 'y.csv': titled(series(5000, 9000), two) });
    const ends = (symbol: string) => span(one.includes(symbol) ? 0 : 5000, two.includes(symbol) ? 9000 : 6000);
    const expected = Object.fromEntries([...new Set([...one, ...two])].map((symbol) => [symbol, ends(symbol)]));
    expect((await read()).rows).toEqual(expected);
  });

  test('any cut of several series into such files gives the series back', async () => {
    let state = 11;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 6; round += 1) {
      const symbols = ['A', 'B', 'C', 'D'].slice(0, 2 + random(3));
      const covered: Record<string, Set<number>> = Object.fromEntries(symbols.map((symbol) => [symbol, new Set()]));
      for (let file = 0; file < 2 + random(11); file += 1) {
        const from = random(3000);
        const own = Object.fromEntries(
          symbols.map((symbol) => [symbol, span(from, from + 2 + random(3000)).filter(() => random(40) > 0)]),
        );
        const order = symbols.filter(() => random(4) > 0).sort(() => random(3) - 1);
        if (order.length === 0) continue;
        for (const symbol of order) for (const [minute] of own[symbol]) covered[symbol].add(minute);
        const turned = random(4) === 0;
        const text = titled(
          turned ? Object.fromEntries(order.map((symbol) => [symbol, [...own[symbol]].reverse()])) : own,
          order,
        );
        if (random(3) === 0) write({ [`${file}.csv.gz`]: gzipSync(text) });
        else write({ [`${file}.csv`]: text });
      }
      const expected = Object.fromEntries(
        symbols
          .filter((symbol) => covered[symbol].size > 0)
          .map((symbol) => [symbol, [...covered[symbol]].sort((a, b) => a - b).map((minute) => [minute, minute])]),
      );
      expect((await read()).rows).toEqual(expected);
      rmSync(folder, { recursive: true });
      folder = mkdtempSync(path.join(tmpdir(), 'atc-overlaps-'));
    }
  });

  test.each(['first', 'last'] as const)('--duplicates %s decides for each symbol', async (duplicates) => {
    const one = titled({ A: span(0, 20, () => 1), B: span(0, 20, () => 2) }, ['A', 'B']);
    const two = titled({ A: span(10, 30, () => 3), B: span(10, 30, () => 4) }, ['A', 'B']);
    write({ 'a.csv': one, 'b.csv': two });
    await expect(read()).rejects.toThrow(/b\.csv: line 2, .*A: the time .* different values in .*a\.csv: line 12/);
    const border = duplicates === 'first' ? 20 : 10;
    const { rows, reports } = await read({ duplicates });
    expect(rows).toEqual({
      A: span(0, 30, (minute) => (minute < border ? 1 : 3)),
      B: span(0, 30, (minute) => (minute < border ? 2 : 4)),
    });
    expect(reports.flatMap(({ notes }) => notes)).toEqual([
      `20 rows of the same time left out (--duplicates ${duplicates})`,
    ]);
  });
});

describe('rows of one time with other values', () => {
  const files = {
    'a.csv': csv(span(0, 100)),
    'b.csv': csv(span(90, 200, (minute) => minute + 0.5)),
  };

  test('are refused with both files and lines', async () => {
    write(files);
    await expect(read({ symbol: 'Q' })).rejects.toThrow(
      /b\.csv: line 2, column "timestamp": Q: the time 2023-03-12T01:30:00.000Z is there with different values in .*a\.csv: line 92; the files overlap; --duplicates first or last/,
    );
  });

  test.each([
    ['first', [...span(0, 100), ...span(100, 200, (minute) => minute + 0.5)]],
    ['last', [...span(0, 90), ...span(90, 200, (minute) => minute + 0.5)]],
  ] as const)('--duplicates %s decides by the order of the files', async (duplicates, expected) => {
    write(files);
    const { rows, reports } = await read({ symbol: 'Q', duplicates });
    expect(rows).toEqual({ Q: expected });
    expect(reports.flatMap(({ notes }) => notes)).toEqual([
      `10 rows of the same time left out (--duplicates ${duplicates})`,
    ]);
  });

  test.each(['first', 'last'] as const)(
    '--duplicates %s decides for each of several symbols in a file',
    async (duplicates) => {
      const titled = (volume: number) =>
        `symbol,${HEAD}${span(0, 20)
          .map(([minute]) => `A,${line(minute, volume)}B,${line(minute, volume + 1)}`)
          .join('')}`;
      write({ 'one.csv': titled(10), 'two.csv': titled(20) });
      const taken = duplicates === 'first' ? 10 : 20;
      const { rows } = await read({ duplicates });
      expect(rows).toEqual({ A: span(0, 20, () => taken), B: span(0, 20, () => taken + 1) });
    },
  );
});

test('a file that is not in order is refused for that, not for an overlap', async () => {
  write({ 'a.csv': csv(span(0, 9)), 'b.csv': csv([...span(5, 12), [7, 7], ...span(12, 20)]) });
  await expect(read({ symbol: 'Q' })).rejects.toThrow(/b\.csv: line 9, .*comes after .*sort the rows by time/);
});

test('files with other columns that overlap are refused with both', async () => {
  write({ 'a.csv': csv(span(0, 9)), 'b.csv': `timestamp,close\n${START + 60_000 * 8},2\n${START + 60_000 * 9},2\n` });
  await expect(read({ symbol: 'Q' })).rejects.toThrow(
    /b\.csv: line 2.*Q: the columns are timestamp, close, and those of .*a\.csv are timestamp, open/,
  );
});
