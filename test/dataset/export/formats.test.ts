/** Formats of an export, read back by our own readers and by Python: the same bits. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { writeDataset } from '../../../src/dataset/dataset.js';
import { exportDataset } from '../../../src/dataset/export/export-dataset.js';
import { readNpy } from '../../../src/formats/npy/read.js';
import { bitsOf, chunksOf, collect, readArrowFile, readParquetFile } from '../../formats/columnar.js';
import { columns, make, numbers, ROWS, space, start } from './export-fixture.js';

test.each(['parquet', 'arrow', 'feather', 'npy'] as const)(
  '%s: our own reader gives back every bit',
  async (format) => {
    const dataset = await make(format, format === 'arrow' ? 'packed' : 'mapped');
    const file = space.at(`own.${format}`);
    const report = await exportDataset(dataset, file, { format, layout: 'file' });
    expect(report).toMatchObject({
      format,
      rows: ROWS + 100,
      files: [{ path: file, bytes: readFileSync(file).length }],
    });
    const read = {
      parquet: readParquetFile,
      arrow: readArrowFile,
      feather: readArrowFile,
      npy: (one: string) => collect(readNpy(chunksOf(readFileSync(one), 100_003), { path: one, name: 'x' })),
    }[format];
    const found = await read(file);
    expect(found.timestamp).toMatchObject({ kind: 'time', unit: 'ms' });
    expect(bitsOf(found.timestamp.values)).toBe(bitsOf([...columns.timestamp, ...columns.timestamp.subarray(0, 100)]));
    expect(bitsOf(found.close.values.slice(0, ROWS))).toBe(bitsOf(columns.close));
    for (const name of ['volume', 'trades', 'small', 'single', 'unsigned'] as const) {
      expect(bitsOf(found[name].values.slice(0, ROWS))).toBe(bitsOf(numbers(columns[name])));
    }
    expect(found.symbol.values[0]).toBe('BTC/USDT');
    expect(found.symbol.values[ROWS]).toBe('ÄÖ');
    dataset.close();
  },
);

const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);

if (python === undefined) console.warn('left out: numpy reads .npy (Debian: python3-numpy)');

(python === undefined ? test.skip : test)('npy: numpy reads the same bits, with times as datetime64', async () => {
  const dataset = await make('numpy');
  await exportDataset(dataset, space.at('numpy.npy'));
  const program = `
import numpy as np, sys
a = np.load(sys.argv[1], mmap_mode='r')
assert a.dtype['timestamp'] == np.dtype('<M8[ms]'), a.dtype
assert str(a['timestamp'][1]) == '2024-01-01T00:01:00.000', a['timestamp'][1]
assert a['symbol'][-1] == 'ÄÖ', a['symbol'][-1]
assert len(a) == ${ROWS + 100}
import hashlib; sys.stdout.write('${ROWS} ' + hashlib.sha256(a['close'][:${ROWS}].tobytes()).hexdigest())
`;
  const hex = execFileSync(python!, ['-c', program, space.at('numpy.npy')], { encoding: 'utf8', maxBuffer: 1 << 26 });
  expect(hex).toBe(bitsOf(columns.close));
  dataset.close();
});

test('csv and ndjson hold the shortest decimals, missing numbers as nothing, -0 with its sign', async () => {
  const source = {
    timestamp: Float64Array.of(1000, 2000, 3000, 4000),
    close: Float64Array.of(0.1, Number.NaN, -0, 9.417e-5),
    'volume, usd': Float64Array.of(1e21, 1413, 5e-324, 1e-4),
  };
  const dataset = await writeDataset(space.at('text'), { symbol: 'A', columns: source }, { layout: 'mapped' });
  await exportDataset(dataset, space.at('text.csv'));
  expect(readFileSync(space.at('text.csv'), 'utf8')).toBe(
    'timestamp,close,"volume, usd"\n1000,0.1,1e+21\n2000,,1413\n3000,-0,5e-324\n4000,9.417e-05,0.0001\n',
  );
  await exportDataset(dataset, space.at('text.ndjson'));
  const lines = readFileSync(space.at('text.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[1]).toEqual({ timestamp: 2000, close: null, 'volume, usd': 1413 });
  expect(Object.is(lines[2].close, -0)).toBe(true);
  dataset.close();
});

test('an infinite number is refused by CSV, with its location, and nothing is left', async () => {
  const dataset = await writeDataset(space.at('infinite'), {
    symbol: 'A',
    columns: { timestamp: Float64Array.of(1, 2), close: Float64Array.of(1, Number.POSITIVE_INFINITY) },
  });
  await expect(exportDataset(dataset, space.at('infinite.csv'))).rejects.toMatchObject({
    code: 'ARGUMENT',
    column: 'close',
  });
  expect(spawnSync('ls', ['-A', space.directory], { encoding: 'utf8' }).stdout).not.toMatch(/infinite\.csv/);
  dataset.close();
});

test('fractions of ms are written as µs, and read back as the same doubles', async () => {
  const timestamp = Float64Array.from({ length: 1000 }, (_, k) => start + k + (123 + (k % 7)) / 1000);
  const dataset = await writeDataset(space.at('micros'), {
    symbol: 'A',
    columns: { timestamp, close: new Float64Array(1000) },
  });
  for (const ending of ['parquet', 'arrow'] as const) {
    await exportDataset(dataset, space.at(`micros.${ending}`));
    const { timestamp: found } = await { parquet: readParquetFile, arrow: readArrowFile }[ending](
      space.at(`micros.${ending}`),
    );
    expect(found).toMatchObject({ unit: 'us', values: [...timestamp] });
  }
  dataset.close();
});

test('range, columns, symbols and interval choose the exported rows', async () => {
  const dataset = await make('choice');
  const read = async (options: object) => {
    const file = space.at(`choice-${Math.random()}.csv`);
    await exportDataset(dataset, file, options);
    return readFileSync(file, 'utf8').trim().split('\n');
  };
  const some = await read({ symbols: ['ÄÖ'], columns: ['Volume'], fromMs: start + 60_000, toMs: start + 180_000 });
  expect(some).toEqual(['timestamp,volume', `${start + 60_000},${1 / 3}`, `${start + 120_000},${2 / 3}`]);
  const hours = await read({ symbols: ['ÄÖ'], columns: ['volume'], interval: '1h' });
  expect(hours).toHaveLength(3);
  await expect(read({ symbols: ['XX'] })).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(read({ columns: ['clse'] })).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringContaining('"close"'),
  });
  await expect(read({ format: 'xls' })).rejects.toMatchObject({ code: 'ARGUMENT' });
  dataset.close();
  writeFileSync(space.at('there.csv'), 'mine');
  const again = await make('again');
  await expect(
    exportDataset(again, space.at('there.csv'), { symbols: ['ÄÖ'], columns: ['volume'] }),
  ).rejects.toMatchObject({ code: 'IO' });
  expect(readFileSync(space.at('there.csv'), 'utf8')).toBe('mine');
  again.close();
});
