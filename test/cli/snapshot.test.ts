/** `atc snapshot`, `--as-of`, `--keep`, `atc compact`: the versions of a dataset from the command line. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const at = (name: string) => path.join(folder.path, name);
const atc = (...args: string[]) => runAtc(args, { cwd: folder.path });

function write(file: string, from: number, to: number, shift = 0): void {
  const rows = Array.from({ length: to - from }, (_, k) => {
    const close = 100 + shift + ((from + k) % 9) / 4;
    return `${Date.UTC(2024, 0, 1) + (from + k) * 60_000},${close},BTC`;
  });
  writeFileSync(at(file), `timestamp,close,symbol\n${rows.join('\n')}\n`);
}

test('a snapshot is named, listed with its bytes, run over, exported and deleted', async () => {
  write('one.csv', 0, 2000);
  write('two.csv', 1500, 3000, 1);
  await atc('import', 'one.csv', '--out', 'ds');
  const before = JSON.parse((await atc('backtest', 'ds', '--json')).stdout).result;
  const named = await atc('snapshot', 'ds', 'v1', '--json');
  expect(JSON.parse(named.stdout)).toMatchObject({ name: 'v1', generation: 1, rows: 2000, sharedBytes: 32_256 + 32 });
  expect((await atc('append', 'ds', 'two.csv', '--existing', 'upsert', '--keep', '2')).code).toBe(0);
  const { result } = JSON.parse((await atc('backtest', 'ds', '--as-of', 'v1', '--json')).stdout);
  expect(result.storage.version).toEqual({ ...before.storage.version, snapshot: 'v1' });
  expect(result.symbols).toEqual(before.symbols);
  expect((await atc('backtest', 'ds', '--as-of', '1')).stdout).toContain(
    `history: generation 1, content ${before.storage.version.snapshotId}`,
  );
  await atc('export', 'ds', '--as-of', 'v1', '--out', 'again.csv');
  expect(readFileSync(at('again.csv'), 'utf8').trim().split('\n')).toHaveLength(2001);

  const listed = await atc('snapshot', 'ds');
  expect(listed.stdout).toMatch(/^snapshot +generation +published +rows +own +shared\n-/);
  expect(listed.stdout).toMatch(/\n- +1 .*2,000 .*\nv1 +1 .*2,000 /);
  expect((await atc('info', 'ds')).stdout).toContain(listed.stdout);
  expect((await atc('verify', 'ds')).stdout).toMatch(/3,000 rows, 2 retained versions, .* checked/);
  expect((await atc('compact', 'ds', '--keep', '1', '--json')).code).toBe(0);
  const versions = JSON.parse((await atc('snapshot', 'ds', '--json')).stdout);
  expect(versions).toMatchObject({ current: 3, versions: [{ name: 'v1', sharedBytes: 0 }] });
  const deleted = JSON.parse((await atc('snapshot', 'ds', '--delete', 'v1', '--json')).stdout);
  expect(deleted).toEqual({ directory: 'ds', deleted: 'v1', bytes: versions.versions[0].bytes });
  expect(existsSync(at('ds/00000-BTC'))).toBe(false);
  expect((await atc('snapshot', 'ds')).stdout).toMatch(/^ds: no snapshots/);
});

test('what names no version, or cannot, is exit code 2 and changes nothing', async () => {
  write('w.csv', 0, 500);
  await atc('import', 'w.csv', '--out', 'w', '--packed');
  await atc('snapshot', 'w', 'q1');
  const bytes = readFileSync(at('w/catalogue.json'), 'utf8');
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [['snapshot', 'w', '../up'], /cannot name a snapshot/],
    [['snapshot', 'w', 'Q1'], /has a snapshot "q1"/],
    [['snapshot', 'w', 'aux'], /Windows/],
    [['snapshot', 'w', '--delete', 'q2'], /no snapshot "q2"; did you mean "q1"/],
    [['snapshot', 'w', 'x', '--delete', 'q1'], /--delete/],
    [['snapshot', 'w', '--as-of', '1'], /give a name/],
    [['backtest', 'w', '--as-of', 'qq'], /no snapshot "qq"/],
    [['backtest', 'w', '--as-of', '2024-01-01'], /a time has hours: 2024-01-01T00:00Z/],
    [['backtest', 'w', '--as-of', '1999-01-01T00:00Z'], /retains no version/],
    [['backtest', 'w', '--as-of', '7'], /no generation 7/],
    [['backtest', 'w.csv', '--as-of', 'q1'], /not one dataset directory/],
    [['append', 'w', 'w.csv', '--keep', '0'], /whole number from 1/],
    [['clean', '--keep', '2'], /name its directory/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await atc(...args);
    expect([args, code]).toEqual([args, 2]);
    expect(stderr).toMatch(message);
  }
  expect(readFileSync(at('w/catalogue.json'), 'utf8')).toBe(bytes);
  expect((await atc('snapshot', 'nothing-here')).code).toBe(1);
  expect((await atc('clean', 'nothing-here', '--keep', '2')).code).toBe(1);
  expect(existsSync(at('nothing-here'))).toBe(false);
});
