/** What the target of an export is, and the names of files and columns that are written there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeDataset } from '../../../src/dataset/dataset.js';
import { exportDataset } from '../../../src/dataset/export/export-dataset.js';
import { query, space, start } from './export-fixture.js';

const times = (rows: number) => Float64Array.from({ length: rows }, (_, k) => start + k * 60_000);
const prices = (rows: number) => Float64Array.from({ length: rows }, (_, k) => 100 + k / 4);
const small = (rows = 3) => ({ timestamp: times(rows), close: prices(rows) });

test('the ending of the target says format and layout; an ending that says neither is refused', async () => {
  const dataset = await writeDataset(space.at('endings'), [
    { symbol: 'A', columns: small() },
    { symbol: 'B', columns: small() },
  ]);
  for (const [name, options, files, format] of [
    ['x.csv', {}, ['x.csv'], 'csv'],
    ['X.PARQUET', {}, ['X.PARQUET'], 'parquet'],
    ['x.pq', {}, ['x.pq'], 'parquet'],
    ['x.jsonl', {}, ['x.jsonl'], 'ndjson'],
    ['x.ipc', {}, ['x.ipc'], 'arrow'],
    ['a.feather', { format: 'arrow' }, ['a.feather'], 'arrow'],
    ['folder', {}, ['A.csv', 'B.csv'], 'csv'],
    ['lake-1.5', { format: 'parquet' }, ['A.parquet', 'B.parquet'], 'parquet'],
    ['2024.01.31', {}, ['A.csv', 'B.csv'], 'csv'],
    ['any.thing', { layout: 'symbols' }, ['A.csv', 'B.csv'], 'csv'],
    ['one.txt', { layout: 'file' }, ['one.txt'], 'csv'],
    ['pq.lake', { layout: 'hive', format: 'parquet' }, ['symbol=A', 'symbol=B'], 'parquet'],
  ] as const) {
    const target = space.at('endings-out', name);
    const report = await exportDataset(dataset, target, options);
    const there = report.files[0].path === target ? [name] : readdirSync(target).sort();
    expect({ name, format: report.format, there }).toEqual({ name, format, there: files });
  }
  for (const [name, options] of [
    ['x.txt', {}],
    ['x.json', {}],
    ['x.csv.gz', {}],
    ['y.csv', { format: 'parquet' }],
    ['y.xlsx', { format: 'csv' }],
    ['y.csv', { layout: 'folders' }],
  ] as const) {
    const target = space.at('endings-refused', name);
    await expect(exportDataset(dataset, target, options as never)).rejects.toMatchObject({ code: 'ARGUMENT' });
    expect(existsSync(target)).toBe(false);
  }
  await expect(exportDataset(dataset, space.at('none.csv'), { symbols: [] })).rejects.toMatchObject({
    code: 'ARGUMENT',
  });
  const twice = await exportDataset(dataset, space.at('twice.csv'), { symbols: ['B', 'B'] });
  expect(twice.rows).toBe(3);
  dataset.close();
});

test('a target that exists is refused before a row is read; one inside the dataset always', async () => {
  const directory = space.at('own');
  const dataset = await writeDataset(directory, { symbol: 'A', columns: small() });
  writeFileSync(space.at('mine.csv'), 'mine');
  mkdirSync(space.at('empty'));
  for (const name of ['mine.csv', 'empty']) {
    let rows = 0;
    const onRows = () => {
      rows += 1;
    };
    await expect(exportDataset(directory, space.at(name), { onRows })).rejects.toMatchObject({
      code: 'IO',
      message: expect.stringContaining('it exists already'),
    });
    expect(rows).toBe(0);
  }
  expect(readFileSync(space.at('mine.csv'), 'utf8')).toBe('mine');
  for (const name of ['x.csv', 'new/x.csv', '../own/x']) {
    await expect(exportDataset(directory, path.join(directory, name))).rejects.toMatchObject({ code: 'ARGUMENT' });
  }
  expect((await exportDataset(directory, `${directory}-x.csv`)).rows).toBe(3);
  dataset.close();
});

test('of two exports to one target one is complete, the other an error', async () => {
  const dataset = await writeDataset(space.at('race'), { symbol: 'A', columns: small(50_000) });
  for (const name of ['race.csv', 'race-folder']) {
    const both = await Promise.allSettled([1, 2].map(() => exportDataset(space.at('race'), space.at(name))));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const failed = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(failed.reason).toMatchObject({ code: 'IO' });
    const file = name === 'race.csv' ? space.at(name) : space.at(name, 'A.csv');
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(50_002);
  }
  expect(readdirSync(space.directory).filter((name) => name.includes('atc-tmp'))).toEqual([]);
  dataset.close();
});

test('errors inside a folder name the file that was to be, not the temporary one', async () => {
  const dataset = await writeDataset(space.at('inf'), {
    symbol: 'A/B',
    columns: { timestamp: times(2), close: Float64Array.of(1, Number.NEGATIVE_INFINITY) },
  });
  await expect(exportDataset(dataset, space.at('inf-out'))).rejects.toMatchObject({
    code: 'ARGUMENT',
    path: space.at('inf-out/A_B.csv'),
    message: expect.stringContaining(`${space.at('inf-out/A_B.csv')}: row 1 of A/B, column "close" is -Infinity`),
  });
  expect(existsSync(space.at('inf-out'))).toBe(false);
  dataset.close();
});

test('files of symbols have names that every file system takes, none twice', async () => {
  const symbols = [
    'CON',
    'nul',
    'aux.txt',
    '..',
    '日'.repeat(90),
    `${'日'.repeat(90)}2`,
    '😀'.repeat(3),
    'a/b',
    'A\\B',
  ];
  const dataset = await writeDataset(
    space.at('names'),
    symbols.map((symbol) => ({ symbol, columns: small() })),
  );
  const { files } = await exportDataset(dataset, space.at('names-out'));
  expect(files.map(({ path: file }) => path.basename(file))).toEqual([
    'CON_.csv',
    'nul_.csv',
    'aux.txt_.csv',
    '_.csv',
    `${'日'.repeat(50)}.csv`,
    `${'日'.repeat(50)}_2.csv`,
    '___.csv',
    'a_b.csv',
    'A_B_2.csv',
  ]);
  const hive = { layout: 'hive', format: 'parquet' } as const;
  await expect(exportDataset(dataset, space.at('names-hive'), hive)).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringContaining(`${'symbol='.length + 90 * 9} bytes`),
  });
  const some = symbols.filter((symbol) => symbol.length < 90);
  await exportDataset(dataset, space.at('names-hive'), { ...hive, symbols: some });
  const found = await query(
    `SELECT DISTINCT symbol FROM read_parquet('${space.at('names-hive')}/*/*.parquet', hive_partitioning = true)`,
  );
  expect([...found.symbol].sort()).toEqual([...some].sort());
  dataset.close();
});

test('a column called symbol, in any case, is refused where a column of symbols is added', async () => {
  for (const name of ['symbol', 'Symbol']) {
    const columns = { timestamp: times(2), [name]: prices(2) };
    const dataset = await writeDataset(space.at(`own-${name}`), [
      { symbol: 'A', columns },
      { symbol: 'B', columns },
    ]);
    for (const format of ['csv', 'ndjson', 'parquet', 'arrow', 'npy'] as const) {
      const into = (layout: 'file' | 'hive' | 'symbols', symbols?: string[]) =>
        exportDataset(dataset, space.at(`own-${name}-${format}-${layout}`), { format, layout, symbols });
      await expect(into('file')).rejects.toMatchObject({ code: 'ARGUMENT', column: name });
      await expect(into('hive')).rejects.toMatchObject({ code: 'ARGUMENT', column: name });
      expect((await into('symbols')).rows).toBe(4);
      expect((await into('file', ['A'])).rows).toBe(2);
    }
    dataset.close();
  }
});

const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);
if (python === undefined) console.warn('left out: numpy reads odd names of columns (Debian: python3-numpy)');

(python === undefined ? test.skip : test)('npy: numpy reads odd names of columns', async () => {
  const odd = ['a"b', "c'd", 'e,f', 'g\nh', 'i\\j', 'ü😀', 'constructor', "\\'", '\u2028', '\t'];
  const columns = Object.fromEntries([['timestamp', times(2)], ...odd.map((name) => [name, prices(2)])]);
  const dataset = await writeDataset(space.at('odd'), { symbol: 'A', columns });
  await exportDataset(dataset, space.at('odd.npy'));
  const program = 'import json, numpy, sys; print(json.dumps(numpy.load(sys.argv[1]).dtype.names))';
  const names = execFileSync(python!, ['-c', program, space.at('odd.npy')], { encoding: 'utf8' });
  expect(JSON.parse(names)).toEqual(['timestamp', ...odd]);
  dataset.close();
});

test('partial: the last candle of a longer interval is left out while its time is not over', async () => {
  const dataset = await writeDataset(space.at('partial'), { symbol: 'A', columns: small(90) });
  const lines = async (options: object) => {
    const target = space.at(`partial-${Math.random()}.csv`);
    await exportDataset(dataset, target, options);
    return readFileSync(target, 'utf8').trim().split('\n').slice(1);
  };
  const hours = { interval: '1h' };
  const whole = [`${start},114.75`, `${start + 3_600_000},122.25`];
  expect(await lines(hours)).toEqual(whole);
  expect(await lines({ ...hours, partial: 'include' })).toEqual(whole);
  expect(await lines({ ...hours, partial: 'omit' })).toEqual(whole.slice(0, 1));
  expect(await lines({ ...hours, partial: 'omit', toMs: start + 59 * 60_000 })).toEqual([]);
  expect(await lines({ ...hours, partial: 'omit', toMs: start + 60 * 60_000 })).toEqual(whole.slice(0, 1));
  for (const wrong of [{ partial: 'omit' }, { ...hours, partial: 'mark' }]) {
    await expect(lines(wrong)).rejects.toMatchObject({ code: 'ARGUMENT' });
  }
  dataset.close();
});
