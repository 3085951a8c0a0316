/**
 * What reaches a terminal or a pipe: no control characters, no stack traces for a reader that has closed, tables that
 * fit.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { escapeControls } from '../../src/cli/output.js';
import { formatNumber, formatTable } from '../../src/cli/text.js';
import { MAIN, runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const HOSTILE = '\x1b]0;owned\x07\x1b[2J\u202eEVIL\u009b31m';
const rows = (symbol: string, count = 300) =>
  [
    'timestamp,close,symbol\n',
    ...Array.from({ length: count }, (_, i) => `${Date.UTC(2024, 0, 1) + i * 60_000},${100 + (i % 9)},${symbol}\n`),
  ].join('');

test('control characters, directions of text and hidden characters are escaped, line feeds stay', () => {
  expect(escapeControls('a\x1b[31m\r\x07\u009b\u202e\u200b\u2028\ufeff\u{e0041}é\n日本')).toBe(
    'a\\u001b[31m\\u000d\\u0007\\u009b\\u202e\\u200b\\u2028\\ufeff\\udb40\\udc41é\n日本',
  );
  const json = JSON.stringify({ symbol: HOSTILE });
  expect(JSON.parse(escapeControls(json))).toEqual({ symbol: HOSTILE });
});

test('symbols and cells of files reach no terminal as control characters', async () => {
  writeFileSync(path.join(folder.path, 'hostile.csv'), rows(HOSTILE));
  writeFileSync(path.join(folder.path, 'cell.csv'), 'timestamp,close\n0,x\x1b[31m\n');
  const named = `hostile-${HOSTILE.replaceAll('/', '')}.csv`;
  writeFileSync(path.join(folder.path, named), rows('A'));
  for (const args of [
    ['import', 'hostile.csv', '--out', 'hostile', '--packed'],
    ['import', named, '--out', `out-${HOSTILE}`],
    ['import', named, '--out', `json-${HOSTILE}`, '--json'],
    ['info', 'hostile'],
    ['info', 'hostile', '--json'],
    ['verify', 'hostile'],
    ['scan', 'hostile'],
    ['backtest', 'hostile'],
    ['backtest', 'hostile', '--json'],
    ['import', 'cell.csv', '--out', 'cell'],
    ['info', HOSTILE],
    [HOSTILE],
  ]) {
    const { stdout, stderr } = await runAtc(args, { cwd: folder.path });
    expect(stdout + stderr).toMatch(/\S/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(stdout + stderr).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  }
});

test('info compares a small mapped dataset with its numbers without calling it smaller', async () => {
  writeFileSync(path.join(folder.path, 'few.csv'), rows('A', 20));
  await runAtc(['import', 'few.csv', '--out', 'few'], { cwd: folder.path });
  const { stdout } = await runAtc(['info', 'few'], { cwd: folder.path });
  expect(stdout).toMatch(/\(\d+\.\d\dx the size of raw float64\)\n/);
  expect(stdout).not.toContain('smaller');
  expect(stdout.split('\n').filter(({ length }) => length > 80)).toEqual([]);
});

test('the streams of the process are written to in output.ts and for progress alone', () => {
  const files = readdirSync('src/cli', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const writers = files.filter((file) =>
    /process\.std(out|err)\.write\(/.test(readFileSync(path.join('src/cli', file), 'utf8')),
  );
  expect(writers.filter((file) => !['output.ts', 'progress.ts'].includes(file))).toEqual([]);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1'])(
  'a symbol %j is no formula in a report, figures stay',
  async (symbol) => {
    writeFileSync(path.join(folder.path, 'formula.csv'), rows(`"${symbol}"`));
    const flags = ['backtest', 'formula.csv', '--report', 'formula-report.csv'];
    expect((await runAtc(flags, { cwd: folder.path })).code).toBe(0);
    const [, line] = readFileSync(path.join(folder.path, 'formula-report.csv'), 'utf8').split('\n');
    expect(line).toMatch(/^"?'/);
    expect(line).toMatch(/,300,1704067200000,1704085140000,102,-1,-1,-0\.9/);
  },
);

/** Runs `atc` with a stream whose reader has closed before anything is written. */
function withoutReader(
  which: 'stdout' | 'stderr',
  args: readonly string[],
): Promise<{ code: number | null; rest: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder.path, stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    child[which].destroy();
    child[which === 'stdout' ? 'stderr' : 'stdout'].on('data', (text) => {
      rest += text;
    });
    child.on('close', (code) => resolve({ code, rest }));
  });
}

test('a reader that has closed the pipe ends a command quietly, and never an import', async () => {
  expect(await withoutReader('stdout', ['--help'])).toEqual({ code: 0, rest: '' });
  expect(await withoutReader('stdout', ['config'])).toEqual({ code: 0, rest: '' });
  writeFileSync(path.join(folder.path, 'long.csv'), rows('LONG', 200_000));
  for (const which of ['stdout', 'stderr'] as const) {
    const { code } = await withoutReader(which, ['import', 'long.csv', '--out', `long-${which}`]);
    expect(code).toBe(0);
    expect(existsSync(path.join(folder.path, `long-${which}`, 'catalogue.json'))).toBe(true);
  }
  // An error that nobody can read is still an exit code.
  expect((await withoutReader('stderr', ['info', 'nowhere'])).code).toBe(1);
});

(existsSync('/dev/full') ? test : test.skip)('a full disk behind stdout is one line and exit code 1', () => {
  for (const args of [['config'], ['--help'], ['doctor', '--json']]) {
    const command = `"$0" "$@" > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', command, process.execPath, MAIN, ...args], { encoding: 'utf8' });
    expect(stderr).toMatch(/^atc: cannot write the output: ENOSPC: .*\n$/);
    expect(status).toBe(1);
  }
});

test('an error of a child of --compare is printed once, with its exit code', async () => {
  const compared = await runAtc(['backtest', 'nope.csv', '--compare'], { cwd: folder.path });
  const single = await runAtc(['backtest', 'nope.csv'], { cwd: folder.path });
  expect(compared.stderr).toBe(single.stderr);
  expect(compared.code).toBe(single.code);
  expect(compared.stdout).toBe('');
});

test('atc help, atc help COMMAND and a misspelt one', async () => {
  const [plain, flag] = [await runAtc(['help'], { cwd: folder.path }), await runAtc(['--help'], { cwd: folder.path })];
  expect(plain).toEqual(flag);
  expect(plain.code).toBe(0);
  const [one, other] = [
    await runAtc(['help', 'import'], { cwd: folder.path }),
    await runAtc(['import', '--help'], { cwd: folder.path }),
  ];
  expect(one).toEqual(other);
  const wrong = await runAtc(['help', 'improt'], { cwd: folder.path });
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/unknown command 'improt'.*\(Did you mean import\?\)/s);
});

test('a wide table continues below, each part with its first column, and cells stay aligned', () => {
  const header = ['name', 'first', 'second', 'third'];
  const table = formatTable(header, [['日本', '1', 'x'.repeat(20), '22']], 34);
  expect(table).toBe(
    'name  first  second\n' +
      `----  -----  ${'-'.repeat(20)}\n` +
      `日本      1  ${'x'.repeat(20)}\n` +
      '\n' +
      'name  third\n' +
      '----  -----\n' +
      '日本     22',
  );
  const long = (k: number) => `${'VERY-LONG-NAME-'.repeat(6)}${k}`;
  for (const width of [40, 80]) {
    const cut = formatTable(
      ['symbol', 'at', 'note'],
      [0, 1].map((k) => [long(k), '2020-09-13T12:26:40Z', long(k)]),
      width,
    );
    for (const line of cut.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    // Both ends of a name stay: names differ there.
    expect(cut).toMatch(/^VERY.*….*ME-0 /m);
    expect(cut).toMatch(/^VERY.*….*ME-1 /m);
    expect(cut).toContain('2020-09-13T12:26:40Z');
  }
  expect(formatTable(['a', 'b'], [['1', 'two\nlines']], 30)).toContain('two\\u000alines');
});

test('one symbol, two symbols', () => {
  expect([0, 1, 2000].map((count) => formatNumber(count, 'symbol'))).toEqual([
    '0 symbols',
    '1 symbol',
    '2,000 symbols',
  ]);
  expect(formatNumber(1, 'entry', 'entries')).toBe('1 entry');
});
