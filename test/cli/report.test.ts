/** `--report` of every command that has it: pages and files, and what is refused before any work. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const atc = (...args: readonly string[]) => runAtc(args, { cwd: folder.path });
const at = (name: string) => path.join(folder.path, name);

beforeAll(() => {
  const lines = Array.from({ length: 600 }, (_, row) => {
    const close = 100 + 9 * Math.sin(row / 17) + 5 * Math.cos(row / 5.3) + (row % 7) / 4;
    return `${1.6e12 + row * 3_600_000},${close}`;
  });
  writeFileSync(at('history.csv'), `timestamp,close\n${lines.join('\n')}\n`);
});

/** What the page holds for its script. */
function dataOf(file: string) {
  const text = readFileSync(at(file), 'utf8');
  return JSON.parse(/<script type="application\/json" id="data">(.*)<\/script>/.exec(text)![1]);
}

const SEARCH = ['history.csv', '--param', 'emaLength=10..30:5', '--param', 'kamaLength=10..22:6'];

test('a backtest as a page prints what it prints without', async () => {
  const run = await atc('backtest', 'history.csv', '--json', '--report', 'backtest.html');
  expect([run.code, run.stderr]).toEqual([0, '']);
  const [plain, paged] = [await atc('backtest', 'history.csv', '--json'), run].map(({ stdout }) => JSON.parse(stdout));
  expect(paged.result.symbols).toEqual(plain.result.symbols);
  const { kind, symbols } = dataOf('backtest.html');
  expect([kind, symbols.map((one: { symbol: string }) => one.symbol)]).toEqual(['backtest', ['history']]);
  expect(symbols[0].statistics.all.totalReturn).toBeCloseTo(paged.result.symbols[0].trading.totalReturn, 12);
});

test('a sweep as a page, while it is run and from its directory', async () => {
  const run = await atc('sweep', ...SEARCH, '--out', 'study', '--report', 'sweep.html');
  expect([run.code, run.stderr]).toEqual([0, 'history.csv: read as CSV, ms, UTC, 600 rows\n']);
  const { kind, trials, parameters, report } = dataOf('sweep.html');
  expect([kind, trials, parameters.map((one: { name: string }) => one.name)]).toEqual([
    'study',
    15,
    ['emaLength', 'kamaLength'],
  ]);
  expect(report.luck.overfitting.probability).toBeGreaterThanOrEqual(0);
  const shown = await atc('sweep', '--show', 'study', '--report', 'shown.HTM');
  expect(shown.code).toBe(0);
  expect(readFileSync(at('shown.HTM'), 'utf8')).toBe(readFileSync(at('sweep.html'), 'utf8'));
});

test('a walk-forward analysis as a page and as JSON', async () => {
  const run = await atc('walk-forward', ...SEARCH, '--windows', '3', '--report', 'walk.html');
  expect([run.code, run.stderr]).toEqual([0, 'history.csv: read as CSV, ms, UTC, 600 rows\n']);
  const { kind, windows, symbols, objective } = dataOf('walk.html');
  expect([kind, windows.length, symbols[0].series.length, objective]).toEqual(['walk-forward', 3, 300, 'sharpe']);
  const json = await atc('walk-forward', ...SEARCH, '--windows', '3', '--json', '--report', 'walk.json');
  expect(readFileSync(at('walk.json'), 'utf8')).toBe(json.stdout);
  expect(JSON.parse(json.stdout).windows).toEqual(windows);
});

test('a benchmark as a page with sizes that are drawn, and as JSON', async () => {
  const run = await atc('bench', 'history.csv', '--quick', '--only', 'memory', '--report', 'bench.html');
  expect(run.code).toBe(0);
  const { kind, sections } = dataOf('bench.html');
  const [{ tables }] = sections;
  const drawn = tables[0].drawn.map((k: number) => tables[0].columns[k].name);
  expect([kind, drawn]).toEqual(['bench', ['peak', 'time']]);
  for (const row of tables[0].rows) expect(row[tables[0].drawn[0]].value).toBeGreaterThan(0);
});

test.each([
  [['sweep', ...SEARCH], 'out.txt', '.json, .csv, .parquet or .html'],
  [['walk-forward', ...SEARCH], 'out.csv', '.json or .html'],
  [['bench', 'history.csv'], 'out', '.json or .html'],
])('%j refuses a report of another kind before any work', async (args, file, endings) => {
  const { code, stdout, stderr } = await atc(...args, '--report', file);
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: `atc: --report ${file}: the name must end in ${endings}\n`,
  });
  expect(existsSync(at(file))).toBe(false);
});

test.each([
  ['below a file', 'history.csv/walk.html', 'history.csv'],
  ['a directory', 'folder.html', 'it is a directory; name a file'],
  ['where nothing can be written', '/proc/none/walk.html', '/proc/none'],
])('a report %s is a failure before any work, and names the file', async (_, file, words) => {
  mkdirSync(at('folder.html'), { recursive: true });
  const { code, stdout, stderr } = await atc('walk-forward', ...SEARCH, '--report', file);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^atc: --report .*\n$/);
  expect(stderr).toContain(words);
});

test('a page of a comparison, and trades without a page, are refused before any work', async () => {
  const compared = await atc('backtest', 'history.csv', '--compare', '--report', 'compared.html');
  expect([compared.code, compared.stdout]).toEqual([2, '']);
  expect(compared.stderr).toContain('make the page in a run of its own');
  const listed = await atc('backtest', 'history.csv', '--trades', 'all', '--report', 'out.json');
  expect([listed.code, listed.stderr]).toEqual([
    2,
    'atc: --trades lists trades in a page: give --report FILE.html as well\n',
  ]);
});

test('--trades says how many trades of the page are listed, and replaces a file that is there', async () => {
  writeFileSync(at('listed.html'), 'what was there');
  const sides = async (...more: string[]) => {
    expect((await atc('backtest', 'history.csv', '--report', 'listed.html', ...more)).code).toBe(0);
    const [{ trades, tradesLeftOut, statistics }] = dataOf('listed.html').symbols;
    return [trades.length, tradesLeftOut, statistics.all.trades];
  };
  const [all, none, count] = await sides('--trades', 'all');
  expect([all, none]).toEqual([count, 0]);
  expect(count).toBeGreaterThan(10);
  expect(await sides('--trades', '3')).toEqual([3, count - 3, count]);
  expect(await sides('--trades', '0')).toEqual([0, count, count]);
});
