/**
 * Datasets that release 1.0 wrote are read bit by bit, and can be changed. The files in `corpus` are never written
 * again.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDataset } from '../../src/dataset/open.js';
import { verifyDataset } from '../../src/dataset/verify.js';

const CLOSES = [1, 42, Infinity, 0.1, 5e-324, 2 ** 53, 8, 9];

let folder: string;
let copy: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-corpus-'));
  copy = path.join(folder, 'd');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['packed', 'mapped'])('version 1, %s', (layout) => {
  beforeEach(() => cpSync(path.join('test/dataset/corpus', `version-1-${layout}`), copy, { recursive: true }));

  test('gives the rows that were written, and passes verification', async () => {
    expect(JSON.parse(readFileSync(path.join(copy, 'catalogue.json'), 'utf8'))).toMatchObject({ version: 1 });
    const dataset = await openDataset(copy);
    expect(dataset.symbols).toEqual(['A', 'B/C']);
    expect([...dataset.table('A').column('close')]).toEqual(CLOSES);
    expect([...dataset.table('B/C').column('volume')]).toEqual([-7, 9]);
    expect(dataset.gaps('A')).toMatchObject({ missing: 2, empty: 2 });
    dataset.close();
    expect(await verifyDataset(copy)).toMatchObject({ symbols: 2, rows: 10 });
  });

  test('takes new rows and compaction, and keeps its snapshot where its rows stay', async () => {
    const dataset = await openDataset(copy);
    const before = dataset.snapshotId;
    await dataset.compact();
    expect(dataset.snapshotId).toBe(before);
    await dataset.append('A', { timestamp: Float64Array.of(720_000), close: Float64Array.of(10) });
    expect([...dataset.table('A').column('close')]).toEqual([...CLOSES, 10]);
    dataset.close();
    expect(await verifyDataset(copy)).toMatchObject({ symbols: 2, rows: 11 });
    expect(JSON.parse(readFileSync(path.join(copy, 'catalogue.json'), 'utf8'))).toMatchObject({ version: 2 });
  });
});
