/** `atc check` and `atc export` as a user runs them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { useWorkspace } from '../io/workspace.js';
import { runAtc as run } from './run-atc.js';

const space = useWorkspace();
const runAtc = (...args: string[]) => run(args, { cwd: space.directory });
const T0 = Date.UTC(2024, 0, 1);
const csv = (rows: readonly string[]) => `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`;
const rows = (count: number) => Array.from({ length: count }, (_, k) => `${T0 + k * 60_000},1.5,2,1,1.5,${k + 1}`);

test('atc check: exit code 0 and a summary for sound data, 1 and the location for wrong data', async () => {
  const sound = space.file('sound.csv', csv(rows(40)));
  const fine = await runAtc('check', sound);
  expect(fine).toMatchObject({ code: 0, stdout: expect.stringContaining('40 rows of 1 symbol: nothing wrong') });
  expect(Math.max(...fine.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  const wrong = space.file('wrong.csv', csv([...rows(40), `${T0 + 50 * 60_000},1.5,1,2,1.5,1`]));
  const found = await runAtc('check', wrong);
  expect(found.code).toBe(1);
  expect(found.stdout).toContain('WRONG  wrong: 1 rows with high below low');
  expect(found.stdout).toContain('2024-01-01T00:50:00.000Z high 1 below low 2');
  expect(found.stdout).toContain('10 candles missing');
  const json = JSON.parse((await runAtc('check', wrong, '--json', '--ignore', 'missing-candles')).stdout);
  expect(json.symbols[0].findings.map(({ kind }: { kind: string }) => kind)).toEqual(['high-below-low']);
  expect(await runAtc('check', wrong, '--ignore', 'gaps')).toMatchObject({ code: 2 });
  expect(await runAtc('check', space.at('nowhere.csv'))).toMatchObject({ code: 1 });
});

test('atc check --fix mends order and repetitions and lists them', async () => {
  const lines = rows(20);
  [lines[3], lines[4]] = [lines[4], lines[3]];
  const file = space.file('order.csv', csv(lines));
  expect(await runAtc('check', file, '--fix')).toMatchObject({ code: 2, stderr: expect.stringContaining('--out') });
  const fixed = await runAtc('check', file, '--fix', '--out', space.at('mended'));
  expect(fixed.stdout).toContain('fixed  order: rows put in the order of time (1 went back)');
  expect(await runAtc('check', space.at('mended'))).toMatchObject({ code: 0 });
});

test('atc export writes files and lists them; wrong names are exit code 2, and nothing is left', async () => {
  const file = space.file('BTC.csv', csv(rows(10)));
  await runAtc('import', file, '--out', space.at('dataset'));
  const out = await runAtc('export', space.at('dataset'), '--out', space.at('out.csv'));
  expect(out).toMatchObject({ code: 0, stdout: expect.stringMatching(/out\.csv: csv, 10 rows, .* in 1 file\n/) });
  expect(readFileSync(space.at('out.csv'), 'utf8')).toBe(readFileSync(file, 'utf8'));
  const hive = await runAtc(
    'export',
    space.at('dataset'),
    '--out',
    space.at('hive'),
    '--format',
    'parquet',
    '--layout',
    'hive',
    '--json',
  );
  expect(JSON.parse(hive.stdout)).toMatchObject({
    format: 'parquet',
    rows: 10,
    files: [{ path: space.at('hive/symbol=BTC/data.parquet') }],
  });
  const some = await runAtc(
    'export',
    space.at('dataset'),
    '--out',
    space.at('some.ndjson'),
    '--columns',
    'close',
    '--from',
    '2024-01-01T00:02:00Z',
    '--to',
    '2024-01-01T00:04:00Z',
  );
  expect(some.code).toBe(0);
  expect(readFileSync(space.at('some.ndjson'), 'utf8')).toBe(
    `{"timestamp":${T0 + 120_000},"close":1.5}\n{"timestamp":${T0 + 180_000},"close":1.5}\n`,
  );
  for (const wrong of [
    ['--format', 'xls'],
    ['--symbols', 'ETH'],
    ['--columns', 'clse'],
    ['--from', 'yesterday'],
    ['--interval', '7x'],
  ]) {
    expect(await runAtc('export', space.at('dataset'), '--out', space.at('refused.csv'), ...wrong)).toMatchObject({
      code: 2,
    });
  }
  expect(existsSync(space.at('refused.csv'))).toBe(false);
  writeFileSync(space.at('mine.csv'), 'mine');
  expect(await runAtc('export', space.at('dataset'), '--out', space.at('mine.csv'))).toMatchObject({ code: 1 });
  expect(readFileSync(space.at('mine.csv'), 'utf8')).toBe('mine');
});
