/** What each file was read as stands on stderr, above a result and above a refusal. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const at = (name: string) => path.join(folder.path, name);
const atc = (...args: string[]) => runAtc(args, { cwd: folder.path });
const HEADER = 'timestamp,open,high,low,close,volume';
const minute = (k: number) => 1_700_000_000_000 + k * 60_000;
const csv = (rows: number) =>
  [HEADER, ...Array.from({ length: rows }, (_, k) => `${minute(k)},1,3,1,${1 + (k % 3)},9`)].join('\n');

test('import names the format of every file of a folder, and counts those beyond forty', async () => {
  mkdirSync(at('many'));
  for (let k = 100; k < 142; k++) writeFileSync(at(`many/S${k}.csv`), `${csv(2)}\n`);
  writeFileSync(at('many/notes.md'), '# not data\n');
  const { code, stdout, stderr } = await atc('import', 'many', '--out', 'ds');
  expect(code).toBe(0);
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(41);
  expect(lines).toContain('many/S100.csv: read as CSV, ms, UTC, 2 rows');
  expect(lines[40]).toMatch(/^… and \d more files?$/);
  expect(stdout).toMatch(/^ds: mapped, 42 symbols, 84 rows, .*\n$/);
});

test('a backtest that is refused names what its file was read as first', async () => {
  writeFileSync(at('x.json'), JSON.stringify([{ timestamp: minute(0), close: 2 }]));
  const { code, stdout, stderr } = await atc('backtest', 'x.json');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toBe(
    'x.json: read as JSON, ms, UTC, 1 row\natc: strategy atc needs at least 34 rows of a symbol; the longest has 1\n',
  );
});

test('files whose reading fails are named by the error alone', async () => {
  writeFileSync(at('a.csv'), csv(60));
  writeFileSync(at('torn.csv'), `${csv(60)}\n1,2\n`);
  const { code, stderr } = await atc('backtest', 'a.csv', 'torn.csv');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^atc: torn.csv: line 62\b.*\n$/);
});

test('files with rows that were there already come first, with their number', async () => {
  mkdirSync(at('more'), { recursive: true });
  writeFileSync(at('a.csv'), csv(60));
  writeFileSync(at('more/a.csv'), csv(60));
  const { code, stderr } = await atc('backtest', 'a.csv', 'more/a.csv');
  expect(code).toBe(0);
  expect(stderr).toMatch(/^.*: read as CSV, ms, UTC, 0 rows \(60 rows there twice: taken once\)\n.*, 60 rows\n$/);
});

test.each([
  ['backtest', 'a.csv'],
  ['backtest', 'a.csv', '--mmap', '--compress'],
  ['backtest', 'a.csv', '--compare'],
  ['scan', 'a.csv'],
  ['check', 'a.csv'],
  ['check', 'a.csv', '--fix', '--out', 'fixed'],
  ['append', 'grown', 'a.csv'],
  ['sweep', 'a.csv', '--param', 'emaLength=10..12:2'],
])('%s %s %s lists its file once, on stderr', async (...args) => {
  writeFileSync(at('a.csv'), csv(60));
  if (args[0] === 'append') await atc('import', 'a.csv', '--out', 'grown');
  const given = args.filter((one) => one !== undefined);
  const line = 'a.csv: read as CSV, ms, UTC, 60 rows\n';
  const { code, stdout, stderr } = await atc(...given);
  expect([code, stderr]).toEqual([0, line]);
  expect(stdout).not.toContain('read as');
});

test.each([['backtest'], ['scan'], ['check'], ['import']])('%s --json lists nothing on stderr', async (command) => {
  writeFileSync(at('a.csv'), csv(60));
  const more = command === 'import' ? ['--out', 'json-ds'] : [];
  const { code, stdout, stderr } = await atc(command, 'a.csv', '--json', ...more);
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toBeInstanceOf(Object);
});

test('a dataset is read without a line', async () => {
  writeFileSync(at('a.csv'), csv(60));
  await atc('import', 'a.csv', '--out', 'quiet');
  expect((await atc('backtest', 'quiet')).stderr).toBe('');
});
