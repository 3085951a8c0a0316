import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { markdownOfTable, textOfTable } from '../../src/cli/bench/render.js';
import { type BenchTable, measureOf, ratioOf } from '../../src/cli/bench/table.js';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const atc = (...args: string[]) => runAtc(args, { cwd: folder.path });

describe('atc bench', () => {
  test('the storage of a file: tables as JSON, progress apart, nothing left behind', async () => {
    const { code, stdout, stderr } = await atc(
      'bench',
      path.resolve('examples/data/sp500-2000.csv'),
      '--only',
      'storage',
      '--quick',
      '--json',
    );
    expect(stderr).toMatch(/^(bench: .*\n)+$/);
    expect(code).toBe(0);
    const { sections, isQuick, machine } = JSON.parse(stdout);
    expect([isQuick, machine.node]).toEqual([true, process.versions.node]);
    const [{ tables }] = sections;
    const methods = tables.find(({ name }: BenchTable) => name === 'storage.methods');
    const meanOf = (method: string) => methods.rows.find(([name]: string[]) => name === method)[1];
    expect(meanOf('raw float64')).toBe(1);
    expect(meanOf('level 5')).toBeGreaterThan(meanOf('raw, gzip -6'));
    const kinds = tables.find(({ name }: BenchTable) => name === 'storage.kinds');
    expect(kinds.rows.map(([name]: string[]) => name)).toEqual(['sp500-2000']);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('memory in processes of their own, on 80 columns', async () => {
    const file = path.resolve('examples/data/sp500-2000.csv');
    const { code, stdout, stderr } = await atc('bench', file, '--only', 'memory', '--quick');
    expect(stderr).not.toMatch(/rror/);
    expect(code).toBe(0);
    for (const way of ['candle objects (JSON)', 'columns in the heap', 'mapped', 'packed'])
      expect(stdout).toContain(way);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('a section that is not there, a file that is not there, a host that is not installed', async () => {
    const wrong = await atc('bench', '--only', 'memroy');
    expect(wrong.stderr).toContain('memory');
    expect(wrong.code).toBe(2);
    const missing = await atc('bench', 'none.csv', '--quick', '--only', 'storage');
    expect(missing.stderr).toContain('none.csv');
    expect(missing.code).toBe(1);
    const file = path.resolve('examples/data/sp500-2000.csv');
    const host = await atc('bench', file, '--quick', '--only', 'backtest-kit');
    expect(host.stdout).toContain('backtest-kit: left out, backtest-kit is not installed');
  });
});

describe('tables', () => {
  const table: BenchTable = {
    name: 'a.b',
    title: 'Title',
    columns: [
      { name: 'way', unit: 'text' },
      { name: 'ratio', unit: 'ratio' },
      { name: 'time', unit: 'ms' },
    ],
    rows: [
      ['one', ratioOf([10, 20, 30], [2, 2, 2]), measureOf([3, 1, 2])],
      ['two', null, 1234.5],
    ],
    notes: ['said'],
  };

  test('medians with their spread', () => {
    expect(markdownOfTable(table)).toBe(
      '| way | ratio | time |\n' +
        '| --- | --: | --: |\n' +
        '| one | 10.0x (5.00-15.0) | 2.00 ms (1.00-3.00) |\n' +
        '| two | - | 1,235 ms |\n' +
        '\n' +
        '* said',
    );
    expect(textOfTable(table).split('\n')).toContain('     5.00-15.0  1.00-3.00');
  });
});

describe('atc init', () => {
  test.each(['ts', 'js', 'json'])('%s: written once, read back, everything off', async (format) => {
    const cwd = path.join(folder.path, format);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(cwd);
    writeFileSync(path.join(cwd, 'package.json'), '{}');
    mkdirSync(path.join(cwd, 'node_modules'));
    (await import('node:fs')).symlinkSync(path.resolve('.'), path.join(cwd, 'node_modules/atc-memory'));
    const first = await runAtc(['init', '--format', format], { cwd });
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toContain('Next:');
    for (const line of first.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const file = path.join(cwd, `atc.config.${format}`);
    const written = readFileSync(file, 'utf8');
    const config = JSON.parse((await runAtc(['config', '--json'], { cwd })).stdout);
    expect(config).toMatchObject({ useMemoryMapped: false, useCompression: false, compressionLevel: 5, file });
    for (const other of ['ts', 'json']) {
      const again = await runAtc(['init', '--format', other], { cwd });
      expect(again.code).toBe(2);
      expect(again.stderr).toContain(`atc.config.${format} is there already`);
    }
    expect(readFileSync(file, 'utf8')).toBe(written);
  });
});
