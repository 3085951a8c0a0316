import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const atc = (...args: string[]) => runAtc(args, { cwd: folder.path });

/** One symbol that rises, one that falls, one that stands still, one too short to be run. */
const SYMBOLS: Record<string, (row: number) => number> = {
  FLAT: () => 100,
  DOWN: (row) => 300 - row * 0.5 + Math.sin(row) * 4,
  UP: (row) => 100 + row * 0.5 + Math.sin(row) * 4,
};

beforeAll(async () => {
  const lines = ['timestamp,symbol,close'];
  for (let row = 0; row < 300; row += 1) {
    for (const [symbol, priceOf] of Object.entries(SYMBOLS)) {
      lines.push(`${1_599_955_200 + row * 86_400},${symbol},${priceOf(row).toFixed(2)}`);
    }
  }
  lines.push('1599955200,SHORT,1');
  writeFileSync(path.join(folder.path, 'many.csv'), `${lines.join('\n')}\n`);
  expect((await atc('import', 'many.csv', '--out', 'many', '--packed')).code).toBe(0);
});

test('ranks by the last signal, the strongest first, and lists what it left out', async () => {
  const { code, stdout, stderr } = await atc('scan', 'many');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^symbol +signal +close +at +return$/);
  expect(lines[2]).toMatch(/^UP +\d\.\d{4} +24\d\.\d+ +2021-07-09 +-?\d+\.\d\d %$/);
  expect(lines[3]).toMatch(/^DOWN +-\d\.\d{4} /);
  expect(lines[4]).toBe('left out: 1 with a weaker signal, 1 with too few rows');
});

test('the same from CSV, and as JSON', async () => {
  const ranking = JSON.parse((await atc('scan', 'many.csv', '--json')).stdout);
  expect(JSON.parse((await atc('scan', 'many', '--json')).stdout)).toEqual(ranking);
  expect(ranking.map(({ symbol, trend }: { symbol: string; trend: number }) => [symbol, trend])).toEqual([
    ['UP', 1],
    ['DOWN', -1],
  ]);
});

test('--min-signal moves the limit; 0 ranks all', async () => {
  const symbols = async (limit: string) =>
    JSON.parse((await atc('scan', 'many', '--json', '--min-signal', limit)).stdout).map(
      ({ symbol }: { symbol: string }) => symbol,
    );
  expect(await symbols('0')).toEqual(['UP', 'FLAT', 'DOWN']);
  const strengths = JSON.parse((await atc('scan', 'many', '--json')).stdout) as { symbol: string; signal: number }[];
  const [weaker, stronger] = strengths.toSorted((a, b) => Math.abs(a.signal) - Math.abs(b.signal));
  if (Math.abs(weaker.signal) < Math.abs(stronger.signal)) {
    expect(await symbols(String(Math.abs(stronger.signal) - 1e-9))).toEqual([stronger.symbol]);
  }
  for (const wrong of ['1', '-0.1', 'much']) {
    const refused = await atc('scan', 'many', `--min-signal=${wrong}`);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('A share from 0 up to 1 is allowed.');
  }
});
