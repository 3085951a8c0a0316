import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const SP500 = path.resolve('examples/data/sp500-2000.csv');
const atc = (...args: string[]) => runAtc(args, { cwd: folder.path });

describe('import, info, verify', () => {
  test.each([
    ['mapped', []],
    ['packed', ['--packed', '--level', '9']],
  ])('%s: made, described, checked, and damage is found', async (layout, flags) => {
    const made = await atc('import', SP500, '--out', layout, ...flags);
    expect(made.stderr).toMatch(/^.*sp500-2000\.csv: read as CSV, dates, 5,105 rows\n$/);
    expect(made.stdout).toMatch(new RegExp(`^${layout}: ${layout}, 1 symbol, 5,105 rows, .* in \\d+ files\\n$`));
    const info = await atc('info', layout);
    expect(info.stdout).toMatch(/sp500-2000 +timestamp open high low close adjclose volume/);
    expect(info.stdout).toMatch(/sp500-2000 +5,105 +2000-01-03 +2020-04-17$/m);
    const facts = JSON.parse((await atc('info', layout, '--json')).stdout);
    expect(facts).toMatchObject({ kind: 'dataset', layout, rows: 5105 });
    const verified = await atc('verify', layout);
    expect(verified.stdout).toMatch(/: ok, 1 symbol, 5,105 rows, /);
    const name = layout === 'mapped' ? '00000-sp500-2000/00000/close.npy' : '00000-sp500-2000/00000.atc';
    const file = path.join(folder.path, layout, name);
    const inside = await atc('info', file);
    expect(inside.stdout).toMatch(
      layout === 'mapped' ? /\.npy array, float64 \[5105\]/ : /frame of a table, 5,105 rows in 1 block/,
    );
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] ^= 4;
    writeFileSync(file, bytes);
    const damaged = await atc('verify', layout);
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toContain(name);
  });

  test('verify reads single packed files', async () => {
    expect((await atc('import', SP500, '--out', 'one', '--packed')).code).toBe(0);
    const outcome = await atc('verify', 'one/00000-sp500-2000/00000.atc');
    expect(outcome.stdout).toMatch(/: ok, 5,105 rows in 1 block, chunks: /);
  });
});

describe('config and doctor', () => {
  test('config prints every value with where it came from', async () => {
    writeFileSync(
      path.join(folder.path, 'atc.config.json'),
      '{ "compressionLevel": 7, "services": { "Own": { "inputs": ["run"] } } }',
    );
    const { stdout, code } = await runAtc(['config'], { cwd: folder.path, env: { ATC_USE_COMPRESSION: 'true' } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/configuration file: .*atc\.config\.json/);
    expect(stdout).toMatch(/^useCompression +true$/m);
    expect(stdout).toMatch(/^useCompression +environment ATC_USE_COMPRESSION$/m);
    expect(stdout).toMatch(/^configuration file: .*atc\.config\.json$/m);
    expect(stdout).toMatch(/^compressionLevel +7$/m);
    expect(stdout).toMatch(/^compressionLevel +file$/m);
    expect(stdout).toMatch(/mappingBackend +"auto"$/m);
    expect(stdout).toMatch(/mappingBackend +default$/m);
    expect(stdout).toMatch(/^services\.Own\.inputs +\["run"\]$/m);
    expect(stdout).toMatch(/^services\.Own\.inputs +file$/m);
  });

  test('doctor lists the available modules and the backend in use', async () => {
    const { stdout, code } = await atc('doctor');
    expect(code).toBe(0);
    for (const what of [
      'Node',
      'mapping with mmap-io',
      'mapping with koffi',
      'mapping with read',
      'mapping in use',
      'LZ4',
      'configuration',
      'cache directory',
    ]) {
      expect(stdout).toMatch(new RegExp(`^(ok|note) +${what}: `, 'm'));
    }
  });

  test('help fits a screen of 80 by 32', async () => {
    const { stdout, code } = await atc('--help');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(32);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });
});
