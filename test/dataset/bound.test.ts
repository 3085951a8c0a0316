/**
 * Segments are bound to their location, and the blocks of columns carry checksums: what is not what was written is an
 * error when it is read.
 */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeDataset } from '../../src/dataset/dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import { checksumOfJson } from '../../src/io/checked-json.js';

const ROWS = 40_000;
let folder: string;
let directory: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-bound-'));
  directory = path.join(folder, 'd');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const columns = (rows: number, price: number) => ({
  timestamp: Float64Array.from({ length: rows }, (_, k) => k * 60_000),
  close: new Float64Array(rows).fill(price),
});

function exchange(a: string, b: string): void {
  renameSync(a, path.join(folder, 'held'));
  renameSync(b, a);
  renameSync(path.join(folder, 'held'), b);
}

function flip(file: string, offset: number): void {
  const bytes = readFileSync(file);
  bytes[offset] ^= 0x40;
  writeFileSync(file, bytes);
}

async function failure(read: (dataset: Awaited<ReturnType<typeof openDataset>>) => unknown): Promise<unknown> {
  const dataset = await openDataset(directory);
  try {
    read(dataset);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    dataset.close();
  }
}

const scan = (symbol: string) => (dataset: Awaited<ReturnType<typeof openDataset>>) => {
  for (const _ of dataset.table(symbol).blocks(['close']));
};
const view = (symbol: string) => (dataset: Awaited<ReturnType<typeof openDataset>>) =>
  dataset.table(symbol).column('close');

describe.each(['packed', 'mapped'] as const)('%s', (layout) => {
  test('segments of two symbols that are swapped are CORRUPT for both, scanned and viewed', async () => {
    const source = [1, 2].map((price) => ({ symbol: `S${price}`, columns: columns(50, price) }));
    (await writeDataset(directory, source, { layout, durability: 'process' })).close();
    exchange(path.join(directory, '00000-S1'), path.join(directory, '00001-S2'));
    for (const read of [scan('S1'), view('S1'), scan('S2'), view('S2')]) {
      expect(await failure(read)).toMatchObject({ code: 'CORRUPT' });
    }
  });

  test('segments of two generations that are swapped are CORRUPT', async () => {
    const dataset = await writeDataset(
      directory,
      { symbol: 'S', columns: columns(50, 1) },
      { layout, durability: 'process' },
    );
    await dataset.append(
      'S',
      { timestamp: Float64Array.of(1e9), close: Float64Array.of(5) },
      { durability: 'process' },
    );
    await dataset.append(
      'S',
      { timestamp: Float64Array.of(2e9), close: Float64Array.of(6) },
      { durability: 'process' },
    );
    dataset.close();
    const added = readdirSync(directory).filter((name) => name.startsWith('added-'));
    if (added.length > 1) exchange(path.join(directory, added[0]), path.join(directory, added[1]));
    else {
      const [old] = readdirSync(path.join(directory, '00000-S'));
      rmSync(path.join(directory, '00000-S', old), { recursive: true });
    }
    expect(await failure(scan('S'))).toBeDefined();
  });

  test('a dataset of version 1 is read, and gets the new bindings with its next rows', async () => {
    (
      await writeDataset(directory, { symbol: 'S', columns: columns(50, 1) }, { layout, durability: 'process' })
    ).close();
    const file = path.join(directory, 'catalogue.json');
    const { format, version: _, crc32c: __, durability: ___, ...content } = JSON.parse(readFileSync(file, 'utf8'));
    for (const { segments } of content.symbols) for (const segment of segments) delete segment.check;
    rmSync(path.join(directory, '00000-S', '00000', 'blocks.crc'), { force: true });
    writeFileSync(file, `${JSON.stringify({ format, version: 1, crc32c: checksumOfJson(content), ...content })}\n`);
    const dataset = await openDataset(directory);
    expect(dataset.table('S').column('close')[49]).toBe(1);
    await dataset.append('S', { timestamp: Float64Array.of(1e9), close: Float64Array.of(5) });
    expect([...dataset.table('S').column('close').subarray(48)]).toEqual([1, 1, 5]);
    expect(dataset.catalogue).toMatchObject({ durability: 'power' });
    dataset.close();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 2 });
  });
});

test.each([0, 16_384 * 8, (ROWS - 1) * 8 + 7])(
  'a flipped bit at byte %i of a column is CORRUPT with file and offset when its block is touched, and not before',
  async (byte) => {
    (
      await writeDataset(
        directory,
        { symbol: 'S', columns: columns(ROWS, 1) },
        { layout: 'mapped', durability: 'process' },
      )
    ).close();
    const file = path.join(directory, '00000-S', '00000', 'close.npy');
    const header = readFileSync(file).length - ROWS * 8;
    flip(file, header + byte);
    const start = Math.floor(byte / 8 / 16_384) * 16_384;
    const expected = { code: 'CORRUPT', path: file, offset: header + start * 8, column: 'close' };
    expect(await failure(scan('S'))).toMatchObject(expected);
    expect(await failure(view('S'))).toMatchObject(expected);
    const row = Math.floor(byte / 8) * 60_000;
    const near = (dataset: Awaited<ReturnType<typeof openDataset>>) =>
      dataset
        .table('S')
        .range(row, row + 1)
        .column('close');
    expect(await failure(near)).toMatchObject(expected);
    const other = ((start + 16_384) % 49_152) * 60_000;
    const far = (dataset: Awaited<ReturnType<typeof openDataset>>) =>
      dataset
        .table('S')
        .range(other, other + 60_000)
        .column('close');
    expect(await failure(far)).toBeUndefined();
  },
);

test('a damaged or missing file of block checksums is an error that names it', async () => {
  (
    await writeDataset(directory, { symbol: 'S', columns: columns(50, 1) }, { layout: 'mapped', durability: 'process' })
  ).close();
  const file = path.join(directory, '00000-S', '00000', 'blocks.crc');
  flip(file, 22);
  expect(await failure(scan('S'))).toMatchObject({ code: 'CORRUPT', path: file });
  rmSync(file);
  expect(await failure(scan('S'))).toMatchObject({ code: 'IO', path: file });
});
