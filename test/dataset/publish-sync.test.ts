/** What replacing a catalogue puts on the disk, and before what, for each durability of the dataset and the change. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Durability } from '../../src/io/durability.js';
import { recordDisk, useRecordedDirectory } from '../io/recorded-disk.js';
import { thrownBy } from '../io/workspace.js';

const disk = recordDisk();
const { at } = useRecordedDirectory(disk);
const { withFacts } = await import('../../src/dataset/catalogue.js');
const { readCatalogue } = await import('../../src/dataset/catalogue-file.js');
const { dateCatalogue, publishCatalogue } = await import('../../src/dataset/publish-catalogue.js');
const { writeDataset } = await import('../../src/dataset/dataset.js');
const { DirectoryWriter } = await import('../../src/io/atomic-directory.js');

async function written(durability: Durability) {
  const columns = { timestamp: Float64Array.of(1, 2), close: Float64Array.of(3, 4) };
  (await writeDataset(at('d'), { symbol: 'A', columns }, { layout: 'packed', durability })).close();
  disk.start(at('d'));
  return readCatalogue(at('d'));
}

/** Replaces the catalogue of a dataset by itself, one generation later. */
async function published(before: Durability, durability: Durability, failure?: string): Promise<void> {
  const present = await written(before);
  const writer = new DirectoryWriter(path.join(at('d'), 'added-2'), { durability });
  writeFileSync(path.join(writer.temporary, 'new'), 'x');
  disk.start(at('d'));
  disk.failure = (call) => (call === failure ? 'EIO' : undefined);
  try {
    const lock = { requireHeld: () => undefined, release: () => undefined };
    publishCatalogue(at('d'), present, withFacts(present, { generation: 2, durability }), { lock, writer });
  } finally {
    writer.abort();
  }
}
const synced = () => disk.calls.filter((call) => call.startsWith('sync '));
const shownAt = () => disk.calls.findIndex((call) => /^rename ~catalogue\.json catalogue\.json$/.test(call));

test('rows that were never synced are, before a catalogue with `power` names them', async () => {
  await published('process', 'power');
  const segment = disk.calls.findIndex((call) => /^sync 00000-A/.test(call));
  expect([segment >= 0, segment < shownAt()]).toEqual([true, true]);
  expect(disk.calls.slice(shownAt())).toContain('sync .');
  expect(readCatalogue(at('d'))).toMatchObject({ generation: 2, durability: 'power' });
});

test('rows that have been synced are not once more', async () => {
  await published('power', 'power');
  expect(synced().filter((call) => call.includes('00000-A'))).toEqual([]);
  expect(synced()).toEqual(expect.arrayContaining(['sync ~catalogue.json', 'sync .']));
});

test('with `process` nothing is synced, nor when a catalogue is dated', async () => {
  await published('process', 'process');
  expect([synced(), shownAt() >= 0]).toEqual([[], true]);
  disk.start(at('d'));
  dateCatalogue(at('d'), readCatalogue(at('d')), 5);
  expect([synced(), shownAt() >= 0]).toEqual([[], true]);
});

test('with `power` a date is on the disk before a version is', async () => {
  dateCatalogue(at('d'), await written('power'), 5);
  expect(synced()).toEqual(['sync ~catalogue.json', 'sync .']);
});

test('a catalogue that cannot be shown leaves the one before, and no file of the change', async () => {
  const error = await published('power', 'power', 'rename ~catalogue.json catalogue.json').catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'IO' });
  expect(error.applied).not.toBe(true);
  disk.start('');
  expect(readCatalogue(at('d')).generation).toBe(1);
  expect(thrownBy(() => readCatalogue(at('d', 'added-2')))).toMatchObject({ code: 'IO' });
});
