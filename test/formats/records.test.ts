/** Files of numpy and python-blosc (test/formats/fixtures/make.py), MetaTrader's history, raw memory. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isBlosc, isHst, isPickle } from '../../src/formats/magic.js';
import { readNpy, readNpz } from '../../src/formats/npy/read.js';
import { readBlosc, readRaw } from '../../src/formats/records/blosc.js';
import { readHst } from '../../src/formats/records/hst.js';
import { bitsOf, chunksOf, collect } from './columnar.js';

const fixtures = path.join(import.meta.dirname, 'fixtures');
const bytesOf = (name: string) => readFileSync(path.join(fixtures, name));
const titles = ['timestamp', 'close', 'volume'];
const npy = (name: string, options = {}) =>
  collect(readNpy(chunksOf(bytesOf(name), 33), { path: name, name: 'x', ...options }));
const blosc = (name: string, columns?: readonly string[]) =>
  collect(readBlosc(chunksOf(bytesOf(name)), { path: name, columns }));

const ROWS = 7;
const close = Array.from(
  { length: ROWS },
  (_, k) => [Math.sqrt(k) * 100, Number.NaN, -0][k === 3 ? 1 : k === 4 ? 2 : 0],
);
const volume = Array.from({ length: ROWS }, (_, k) => k / 3);
const timestamp = Array.from({ length: ROWS }, (_, k) => 1706655600000 + 60000 * k);

test.each(['table.npy', 'table-fortran.npy'])('%s: a table takes the names that are given', async (name) => {
  const columns = await npy(name, { titles });
  expect(Object.keys(columns)).toEqual(titles);
  expect(columns.timestamp.values).toEqual(timestamp);
  expect(bitsOf(columns.close.values)).toBe(bitsOf(close));
  expect(bitsOf(columns.volume.values)).toBe(bitsOf(volume));
  await expect(npy(name)).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining('--columns') });
  await expect(npy(name, { titles: ['a', 'b'] })).rejects.toMatchObject({ code: 'ARGUMENT' });
});

test('big-endian float32 is widened exactly', async () => {
  const columns = await npy('float32-big.npy', { titles });
  expect(columns.volume.values).toEqual(volume.map(Math.fround));
});

test('a structured array has names and types of its own', async () => {
  const columns = await npy('records.npy');
  expect(columns.time).toMatchObject({ kind: 'time', values: timestamp, unit: 'ns' });
  expect(columns.symbol).toMatchObject({ kind: 'text', values: ['A', 'BÄ', 'A', 'A', 'A', 'BÄ', ''] });
  expect(columns.code.values[0]).toBe('xyz');
  expect(bitsOf(columns.close.values)).toBe(bitsOf(close));
  expect(columns.n.values[0]).toBe(2 ** 53);
  expect(columns.up.values).toEqual(close.map((x) => Number(x > 100)));
  await expect(npy('records-beyond.npy')).rejects.toMatchObject({ code: 'CORRUPT', column: 'n', line: 0 });
});

test('arrays of an archive are columns by their names; numbers beside them are left out', async () => {
  const members = ['table.npy'].map((name) => ({ name, bytes: chunksOf(bytesOf(name)) }));
  const alone = async function* () {
    yield* members;
  };
  expect((await collect(readNpz(alone(), { path: 'x.npz', titles }))).close.values).toHaveLength(ROWS);
});

test('objects and pickles are refused with what to do, and never loaded', async () => {
  await expect(npy('objects.npy')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('never loaded'),
  });
  expect(isPickle(bytesOf('frame.pkl'))).toBe(true);
  await expect(blosc('packed-array.blosc')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('never loaded'),
  });
});

test.each(readdirSync(fixtures).filter((name) => /^table-.*\.blosc$/.test(name)))(
  '%s: a buffer of python-blosc holds the same bits',
  async (name) => {
    expect(isBlosc(bytesOf(name))).toBe(true);
    const columns = await blosc(name, titles);
    const many = Array.from({ length: 200 }, () => close).flat();
    expect(bitsOf(columns.close.values)).toBe(bitsOf(many));
    expect(columns.timestamp.values.at(-1)).toBe(1706655600000 + 60000 * (many.length - 1));
    await expect(blosc(name)).rejects.toMatchObject({
      code: 'ARGUMENT',
      message: expect.stringContaining('--columns'),
    });
    const cut = collect(readBlosc(chunksOf(bytesOf(name).subarray(0, -5)), { path: name, columns: titles }));
    await expect(cut).rejects.toMatchObject({ code: 'CORRUPT' });
  },
);

test('a raw map is read by named columns with types', async () => {
  const raw = (columns?: string[], dtype?: string) =>
    collect(readRaw(chunksOf(bytesOf('raw.dat')), { path: 'raw.dat', columns, dtype }));
  expect((await raw(titles)).timestamp.values).toEqual(timestamp);
  expect(bitsOf((await raw(['timestamp:float64', 'close:<f8', 'volume'])).close.values)).toBe(bitsOf(close));
  await expect(raw(['timestamp:int96'])).rejects.toMatchObject({ code: 'ARGUMENT' });
  await expect(raw(['a', 'b', 'c', 'd', 'e'])).rejects.toMatchObject({ code: 'CORRUPT' });
});

test('truncated arrays are CORRUPT', async () => {
  const bytes = bytesOf('table.npy');
  for (const length of [0, 5, 60, 128, 200, bytes.length - 1]) {
    const cut = collect(readNpy(chunksOf(bytes.subarray(0, length)), { path: 'cut.npy', name: 'x', titles }));
    await expect(cut).rejects.toMatchObject({ code: 'CORRUPT' });
  }
});

test.each([400, 401])('MetaTrader history of version %d', async (version) => {
  const rowBytes = version === 400 ? 44 : 60;
  const bytes = Buffer.alloc(148 + 3 * rowBytes);
  bytes.writeInt32LE(version, 0);
  bytes.write('(C)opyright 2003, MetaQuotes Software Corp.', 4, 'latin1');
  bytes.write('EURUSD', 68, 'latin1');
  bytes.writeInt32LE(60, 80);
  for (let row = 0; row < 3; row += 1) {
    const at = 148 + row * rowBytes;
    const s = 1706655600 + row * 3600;
    if (version === 400) {
      bytes.writeInt32LE(s, at);
      for (const [k, value] of [1.1, 1.05, 1.25, 1.2, 77].entries()) bytes.writeDoubleLE(value, at + 4 + 8 * k);
    } else {
      bytes.writeBigInt64LE(BigInt(s), at);
      for (const [k, value] of [1.1, 1.25, 1.05, 1.2].entries()) bytes.writeDoubleLE(value, at + 8 + 8 * k);
      bytes.writeBigInt64LE(77n, at + 40);
    }
  }
  expect(isHst(bytes, 'EURUSD60.hst')).toBe(true);
  const columns = await collect(readHst(chunksOf(bytes, 50), 'EURUSD60.hst'));
  expect(columns.time).toMatchObject({
    kind: 'time',
    clock: 'local',
    values: [0, 1, 2].map((k) => 1706655600000 + k * 3_600_000),
  });
  expect(columns).toMatchObject({
    open: { values: [1.1, 1.1, 1.1] },
    high: { values: [1.25, 1.25, 1.25] },
    low: { values: [1.05, 1.05, 1.05] },
    volume: { values: [77, 77, 77] },
    symbol: { values: ['EURUSD', 'EURUSD', 'EURUSD'] },
  });
  const cut = collect(readHst(chunksOf(bytes.subarray(0, -1)), 'x.hst'));
  await expect(cut).rejects.toMatchObject({ code: 'CORRUPT' });
});

/** Debian's packages belong to the system interpreter. */
const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy, blosc']).status === 0);
if (python === undefined) console.warn('left out: fixtures made again (Debian: python3-numpy python3-blosc)');

(python === undefined ? test.skip : test)('the fixtures are what the script writes', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-fixtures-'));
  try {
    execFileSync(python!, [path.join(fixtures, 'make.py'), folder]);
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(10);
    // Compressed bytes may differ between versions of the libraries; everything else is exact.
    for (const name of names.filter((one) => !/blosc|compressed/.test(one))) {
      expect({ name, same: readFileSync(path.join(folder, name)).equals(bytesOf(name)) }).toEqual({ name, same: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
