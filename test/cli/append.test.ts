/**
 * `atc append`: the same file twice changes nothing, what differs is refused or taken by option, all of it or nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openDataset, updateDataset } from '../../src/index.js';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const START = Date.UTC(2024, 0, 1);
const at = (name: string) => path.join(folder.path, name);
const atc = (...args: string[]) => runAtc(args, { cwd: folder.path });

/** Minutes [from, to) of a symbol, closes of `close`. */
function write(file: string, from: number, to: number, close: (k: number) => number = (k) => 100 + (k % 7) / 4): void {
  const rows = Array.from({ length: to - from }, (_, i) => `${START + (from + i) * 60_000},${close(from + i)},BTC`);
  writeFileSync(at(file), `timestamp,close,symbol\n${rows.join('\n')}\n`);
}

async function closes(): Promise<number[]> {
  const dataset = await openDataset(at('ds'));
  const values = [...dataset.table('BTC').column('close')].map(Number);
  dataset.close();
  return values;
}
const catalogue = () => readFileSync(at('ds/catalogue.json'), 'utf8');

test.each(['mapped', 'packed'])('%s: later rows are added once, however often the file is given', async (layout) => {
  write('one.csv', 0, 500);
  write('two.csv', 480, 700);
  const flags = layout === 'packed' ? ['--packed'] : [];
  expect((await atc('import', 'one.csv', '--out', layout, ...flags)).code).toBe(0);
  const first = await atc('append', layout, 'two.csv');
  expect(first).toEqual({
    code: 0,
    stderr: 'two.csv: read as CSV, ms, UTC, 220 rows\n',
    stdout: `${layout}: 200 rows added, 20 there already; 700 rows in all\n`,
  });
  const bytes = readFileSync(at(`${layout}/catalogue.json`));
  for (const [file, rowsRead] of [
    ['two.csv', 220],
    ['one.csv', 500],
  ] as const) {
    const again = await atc('append', layout, file, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ rows: 700, rowsRead, rowsAdded: 0, newSymbols: [], symbols: 1 });
  }
  expect(readFileSync(at(`${layout}/catalogue.json`)).equals(bytes)).toBe(true);
});

test('other values of a known time: refused as a whole, upserted or skipped by option', async () => {
  write('base.csv', 0, 300);
  await atc('import', 'base.csv', '--out', 'ds', '--packed');
  write('changed.csv', 290, 320, (k) => (k === 295 ? 999 : 100 + (k % 7) / 4));
  const [before, present] = [catalogue(), await closes()];
  const refused = await atc('append', 'ds', 'changed.csv');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /^atc: BTC: the candle of 2024-01-01T04:55:00.000Z is there already with other values; nothing was changed/,
  );
  expect(catalogue()).toBe(before);

  const skipped = await atc('append', 'ds', 'changed.csv', '--existing', 'skip');
  expect(skipped.stdout).toBe('ds: 20 rows added, 10 there already; 320 rows in all\n');
  expect((await closes()).slice(0, 300)).toEqual(present);

  const upserted = await atc('append', 'ds', 'changed.csv', '--existing', 'upsert');
  expect(upserted.stdout).toBe('ds: 0 rows added, 30 there already, replaced where they differed; 320 rows in all\n');
  expect((await closes())[295]).toBe(999);
  expect((await atc('append', 'ds', 'changed.csv')).code).toBe(0);
});

test('rows of a gap and a new symbol are taken; a dataset that is not there and wrong options are errors', async () => {
  write('gap.csv', 0, 100);
  await atc('import', 'gap.csv', '--out', 'gaps');
  write('late.csv', 200, 300);
  write('between.csv', 90, 210);
  writeFileSync(at('eth.csv'), `timestamp,close,symbol\n${START},5,ETH\n`);
  expect((await atc('append', 'gaps', 'late.csv', 'eth.csv')).stdout).toBe(
    'gaps: 101 rows added, 0 there already, new: ETH; 201 rows in all\n',
  );
  expect((await atc('append', 'gaps', 'between.csv')).stdout).toBe(
    'gaps: 100 rows added, 20 there already; 301 rows in all\n',
  );
  expect((await atc('append', 'nowhere', 'gap.csv')).code).toBe(1);
  expect((await atc('append', 'gaps', 'gap.csv', '--existing', 'perhaps')).code).toBe(2);
  await expect(updateDataset(at('gaps'), at('gap.csv'), { existing: 'maybe' as 'skip' })).rejects.toMatchObject({
    code: 'ARGUMENT',
  });
});

test('a file named after symbol and day is a symbol of its own, and the output names the option that was meant', async () => {
  const rows = (day: number) =>
    `timestamp,close\n${[0, 1].map((k) => `${START + (day * 1440 + k) * 60_000},1`).join('\n')}\n`;
  writeFileSync(at('ETH-2024-01-01.csv'), rows(0));
  writeFileSync(at('ETH-2024-01-02.csv'), rows(1));
  await atc('import', 'ETH-2024-01-01.csv', '--out', 'days', '--symbol', 'ETH');
  const other = await atc('append', 'days', 'ETH-2024-01-02.csv');
  expect(other.code).toBe(0);
  expect(other.stdout).toContain('new: ETH-2024-01-02; 4 rows in all\n');
  expect(other.stdout).toContain('rows of ETH are added with --symbol ETH\n');
  const same = await atc('append', 'days', 'ETH-2024-01-02.csv', '--symbol', 'ETH');
  expect(same.stdout).toBe('days: 2 rows added, 0 there already; 6 rows in all\n');
});
