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

test('a file within another one, and rows that fill its gaps, take their places', async () => {
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
  const titled = (rows: Rows) =>
    `symbol,${HEAD}${rows.map(([minute, volume]) => `A,${line(minute, volume)}B,${line(minute, volume + 0.5)}`).join('')}`;
  write({ 'one.csv': titled(span(0, 50)), 'two.csv': titled(span(40, 90)) });
  const half = span(0, 90).map(([minute, volume]) => [minute, volume + 0.5]);
  expect((await read()).rows).toEqual({ A: span(0, 90), B: half });
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
