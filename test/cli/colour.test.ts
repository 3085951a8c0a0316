/** Colours, sparklines, the best and the worst: what a terminal is shown, and what stays as it is elsewhere. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { hasColours } from '../../src/cli/colour.js';
import { sparkline } from '../../src/cli/sparkline.js';
import { MAIN, runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const ESCAPE = '\u001b';
const HOSTILE = `${ESCAPE}[31mred${ESCAPE}]0;title\u0007`;
const atc = (args: readonly string[], env: Record<string, string> = {}) => runAtc(args, { cwd: folder.path, env });

function history(symbols: readonly string[]): string {
  const lines = symbols.flatMap((symbol, k) =>
    Array.from({ length: 300 }, (_, row) => {
      const close = 100 + (k + 3) * Math.sin(row / (9 + k)) + (row % 7) / 4;
      return `${symbol},${1.6e12 + row * 3_600_000},${close}`;
    }),
  );
  return `symbol,timestamp,close\n${lines.join('\n')}\n`;
}

beforeAll(() => {
  writeFileSync(path.join(folder.path, 'one.csv'), history(['ONE']));
  writeFileSync(path.join(folder.path, 'many.csv'), history(['A', 'B', 'C', 'D', 'E', 'F', 'G', HOSTILE]));
});

test.each([
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['NO_COLOR on a terminal', true, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', true, { NO_COLOR: '' }, true],
  ['FORCE_COLOR into a pipe', false, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR before NO_COLOR', false, { FORCE_COLOR: '', NO_COLOR: '1' }, true],
  ['FORCE_COLOR=0 on a terminal', true, { FORCE_COLOR: '0' }, false],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
])('%s', (_, isTTY, env, coloured) => {
  expect(hasColours({ isTTY }, env)).toBe(coloured);
});

test.each([
  [[], ''],
  [[null, Number.NaN], ''],
  [[5], '▁'],
  [[1, 1, 1], '▁▁▁'],
  [[1, 2, 3, 4, 5, 6, 7, 8], '▁▂▃▄▅▆▇█'],
  [[0, null, 7, -7], '▅█▁'],
  [Array.from({ length: 800 }, (_, k) => k), '▁▂▃▄▅▆▇█'],
])('a line of %p', (values, text) => {
  expect(sparkline(values, 8)).toBe(text);
});

test('a result in a pipe has neither colours nor lines; FORCE_COLOR adds them and changes no figure', async () => {
  const plain = await atc(['backtest', 'one.csv'], { NO_COLOR: '' });
  expect(plain.stdout).not.toContain(ESCAPE);
  expect(plain.stdout).not.toContain('equity ');
  const coloured = await atc(['backtest', 'one.csv'], { FORCE_COLOR: '1' });
  expect(coloured.stdout).toMatch(/^equity {4}[▁-█]{64}$/m);
  expect(coloured.stdout).toMatch(/^drawdown {2}\p{Cc}\[31m[▁-█]{64}\p{Cc}\[39m$/mu);
  const figures = (text: string) =>
    text
      .replace(/\p{Cc}\[\d+m/gu, '')
      .split('\n')
      .slice(4, 11);
  expect(figures(coloured.stdout)).toEqual(figures(plain.stdout));
});

test('--json is the same bytes with and without colours', async () => {
  const figures = ({ stdout }: { stdout: string }) => {
    const { seconds, peakBytes, result, ...rest } = JSON.parse(stdout);
    return { ...rest, symbols: result.symbols };
  };
  const [plain, forced] = [
    await atc(['backtest', 'many.csv', '--json']),
    await atc(['backtest', 'many.csv', '--json'], { FORCE_COLOR: '1' }),
  ];
  expect(forced.stdout).not.toContain(ESCAPE);
  expect(figures(forced)).toEqual(figures(plain));
});

test.each([{}, { FORCE_COLOR: '1' }])(
  'of many symbols the best and the worst are named, control characters escaped, %j',
  async (env) => {
    const { stdout, code } = await atc(['backtest', 'many.csv'], env as Record<string, string>);
    expect(code).toBe(0);
    const plain = stdout.replace(/\p{Cc}\[(1|2|22|31|32|39)m/gu, '');
    expect(plain).not.toMatch(/[^\P{Cc}\n]/u);
    expect(plain).toContain('\\u001b[31mred\\u001b]0;title\\u0007');
    const share = (text: string) => [...text.matchAll(/(-?[\d.]+) %/g)].map(([, value]) => Number(value));
    const [, best] = /^best {3}(.*)$/m.exec(plain)!;
    const [, worst] = /^worst {2}(.*)$/m.exec(plain)!;
    expect(share(best)).toEqual(share(best).toSorted((a, b) => b - a));
    expect(share(worst)).toEqual(share(worst).toSorted((a, b) => a - b));
    expect(share(best)[2]).toBeGreaterThan(share(worst)[2]);
  },
);

test('the table of several symbols has a line of each, from one thread or several, within 80 columns', async () => {
  const lines = (text: string) => {
    const plain = text.replace(/\p{Cc}\[\d+m/gu, '');
    for (const line of plain.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
    return [...plain.matchAll(/^(\S+) .* ([▁-█]{12}) {2}([▁-█]{12})$/gmu)].map(([, ...cells]) => cells);
  };
  const file = await atc(['backtest', 'many.csv'], { FORCE_COLOR: '1' });
  const drawn = lines(file.stdout);
  expect(drawn.map(([symbol]) => symbol).slice(0, 7)).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G']);
  expect(drawn).toHaveLength(8);
  expect(new Set(drawn.map(([, equity]) => equity)).size).toBeGreaterThan(4);
  expect((await atc(['import', 'many.csv', '--out', 'packed', '--packed'])).code).toBe(0);
  const threads = await atc(['backtest', 'packed', '--workers', '2'], { FORCE_COLOR: '1' });
  expect(threads.code).toBe(0);
  expect(lines(threads.stdout)).toEqual(drawn);
  const { stdout } = await atc(['backtest', 'many.csv'], { NO_COLOR: '' });
  expect(stdout).not.toMatch(/[▁-█]/);
});

test('a walk-forward analysis draws the joined equity of every symbol where there are colours', async () => {
  const args = ['walk-forward', 'many.csv', '--param', 'emaLength=10..20:10', '--windows', '2'];
  const coloured = await atc(args, { FORCE_COLOR: '1' });
  expect(coloured.stdout.match(/ [▁-█]{16}$/gmu)).toHaveLength(8);
  const plain = await atc(args);
  expect(plain.stdout).not.toMatch(/[▁-█]/);
});

const hasScript = spawnSync('script', ['--version'], { stdio: 'ignore' }).status === 0;
if (!hasScript) console.warn('the command script (util-linux) is not here: colours on a terminal are not tested');
(hasScript ? test : test.skip)('a terminal is shown colours, unless NO_COLOR is set', () => {
  const run = (env: Record<string, string>) =>
    spawnSync(
      'script',
      ['-qec', `${process.execPath} ${MAIN} sweep one.csv --param emaLength=10..30:10`, '/dev/null'],
      {
        cwd: folder.path,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm', ...env },
      },
    ).stdout;
  expect(run({})).toMatch(/\p{Cc}\[3[12]m\s*-?\d/u);
  expect(run({ NO_COLOR: '1' })).not.toMatch(/\p{Cc}\[\d+m/u);
});
