/** With durability 'power' not only a file is on the disk when it is acknowledged, but its name and the names of new directories above it. */
import fs from 'node:fs';
import path from 'node:path';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();
const real = fs.fsyncSync;
const synced = new Set<number>();

// Before the modules are loaded, which take their own references.
fs.fsyncSync = (descriptor) => {
  synced.add(fs.fstatSync(descriptor).ino);
  real(descriptor);
};
const { convertToMemoryMapped, openCandleStore, writeDataset } = await import('atc-memory');
const { Generations } = await import('../../src/io/generations.js');
const { writeFileAtomic, writeFileAtomicSync } = await import('../../src/io/atomic-file.js');

afterAll(() => {
  fs.fsyncSync = real;
});
beforeEach(() => synced.clear());

/** The directories from `deepest` up to the workspace, both included, that no fsync has reached. */
function unsynced(deepest: string): string[] {
  const missing: string[] = [];
  for (let at = deepest; ; at = path.dirname(at)) {
    if (!synced.has(fs.statSync(at).ino)) missing.push(path.relative(workspace.directory, at));
    if (at === workspace.directory) return missing;
  }
}

test('a file in new directories', async () => {
  writeFileAtomicSync(workspace.at('a', 'b', 'file'), 'x');
  expect(unsynced(workspace.at('a', 'b'))).toEqual([]);
  synced.clear();
  await writeFileAtomic(workspace.at('c', 'd', 'file'), 'x');
  expect(unsynced(workspace.at('c', 'd'))).toEqual([]);
  synced.clear();
  await writeFileAtomic(workspace.at('e', 'f', 'file'), 'x', { durability: 'process' });
  expect(synced.size).toBe(0);
});

test('a dataset in new directories', async () => {
  const columns = { timestamp: Float64Array.of(1, 2), close: Float64Array.of(1, 2) };
  (await writeDataset(workspace.at('g', 'h', 'dataset'), { symbol: 'S', columns })).close();
  expect(unsynced(workspace.at('g', 'h', 'dataset'))).toEqual([]);
});

test('generations, and a copy, in new directories', async () => {
  const generations = new Generations(workspace.at('i', 'j'));
  (await generations.obtain({ build: (directory) => fs.writeFileSync(`${directory}/x`, '') })).release();
  expect(unsynced(workspace.at('i', 'j', 'g1'))).toEqual([]);
  synced.clear();
  const source = workspace.file('S.csv', 'timestamp,close\n60000,1\n');
  (await convertToMemoryMapped(source, workspace.at('k', 'l', 'copy'))).close();
  expect(unsynced(workspace.at('k', 'l', 'copy'))).toEqual([]);
});

test('the journal of a new series, when it is flushed', async () => {
  const store = openCandleStore(workspace.at('store'), { durability: 'power' });
  const series = store.series({ exchange: 'e', symbol: 'S', interval: '1m' });
  series.write([{ timestamp: 60_000, open: 1, high: 1, low: 1, close: 1, volume: 1 }]);
  await series.flush();
  expect(unsynced(series.directory)).toEqual([]);
  // Once is enough.
  synced.clear();
  series.write([{ timestamp: 120_000, open: 1, high: 1, low: 1, close: 1, volume: 1 }]);
  await series.flush();
  expect(synced.size).toBe(0);
  store.close();
});
