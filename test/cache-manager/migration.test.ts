/** What others wrote is moved there and back without a difference. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import { isAtcError } from 'atc-memory';
import { CompressedFileStore, createKeyv } from 'atc-memory/cache-manager';
import { KeyvFileEntries } from '../../src/entries/legacy/keyv-file.js';
import { migrateDirectory } from '../../src/entries/migrate/migrate.js';
import { revertDirectory } from '../../src/entries/migrate/revert.js';
import { whileReadOnly } from '../io/unprivileged.js';
import { expectSame } from '../same-value.js';
import { FOREIGN, JSON_VALUES } from './foreign-caches.js';
import { filled, ours, snapshot, workspace } from './legacy-fixture.js';

describe('migration', () => {
  const foreign = FOREIGN['cache-manager-fs-hash, zip'];

  test('a migration interrupted anywhere resumes where it stopped', async () => {
    const directory = await filled(foreign);
    const keys = Object.keys(foreign.values);
    for (let stop = 1; stop < keys.length; stop += 3) {
      const controller = new AbortController();
      const onProgress = (entries: number) => {
        if (entries === 2) controller.abort();
      };
      await expect(migrateDirectory(directory, { signal: controller.signal, onProgress })).rejects.toMatchObject({
        name: 'AbortError',
      });
      for (const key of keys) expectSame(await ours(foreign, directory).get(key), foreign.values[key]);
    }
    await migrateDirectory(directory);
    for (const key of keys) expectSame(await ours(foreign, directory).get(key), foreign.values[key]);
    expect(Object.keys(snapshot(directory)).some((file) => file.includes('diskstore'))).toBe(false);
  });

  test('killed between writing and removing, it takes the entry for done and keeps a newer one', async () => {
    const directory = await filled(foreign);
    const copies = snapshot(directory);
    await migrateDirectory(directory);
    await ours(foreign, directory).set('number', 'newer');
    for (const [file, text] of Object.entries(copies)) {
      mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      writeFileSync(path.join(directory, file), text, 'latin1');
    }
    const report = await migrateDirectory(directory);
    expect(report.left).toEqual([]);
    expect(await ours(foreign, directory).get('number')).toBe('newer');
    expect(await ours(foreign, directory).get('no')).toBe(false);
  });

  test('damaged files, and values that cannot be stored exactly, stay as they are and are listed', async () => {
    const directory = await filled(foreign);
    const [damaged] = Object.keys(snapshot(directory)).filter((file) => file.endsWith('.json.gz'));
    await foreign.open(directory).set('an error', new Error('x'));
    writeFileSync(path.join(directory, damaged), 'not a zip');
    const { left } = await migrateDirectory(directory);
    expect(left).toHaveLength(2);
    expect(left).toContainEqual({ what: 'an error', reason: expect.stringContaining('is an instance of Error') });
    const file = path.join(directory, damaged);
    expect(left).toContainEqual({ what: file, reason: `${file} is damaged: it cannot be read` });
    expect(readFileSync(file, 'latin1')).toBe('not a zip');
    expect(await foreign.open(directory).get('an error')).toMatchObject({ message: 'x' });
  });

  test('entries written with compression off are compressed', async () => {
    const directory = workspace.at('uncompressed');
    const off = createKeyv({ directory, mode: false });
    for (const [key, value] of Object.entries(JSON_VALUES)) await off.set(key, value);
    const report = await migrateDirectory(directory);
    expect(report.formats).toEqual([expect.objectContaining({ format: 'atc-memory' })]);
    const [{ bytesBefore, bytesAfter }] = report.formats;
    expect(bytesAfter).toBeLessThan(bytesBefore / 2);
    for (const [key, value] of Object.entries(JSON_VALUES)) expectSame(await off.get(key), value);
  });

  test('an entry that is set while it is compressed stays as it was set', async () => {
    const [directory, elsewhere] = [workspace.at('set meanwhile'), workspace.at('elsewhere')];
    await createKeyv({ directory, mode: false }).set('key', JSON_VALUES['candles:BTC']);
    await createKeyv({ directory: elsewhere }).set('key', 'newer');
    const [shard] = readdirSync(directory);
    const [name] = readdirSync(path.join(directory, shard));
    const migration = migrateDirectory(directory);
    // Another process, at the moment when the compressed entry is being written.
    while (readdirSync(path.join(directory, shard)).length < 2) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    renameSync(path.join(elsewhere, shard, name), path.join(directory, shard, name));
    const { formats, left } = await migration;
    expect([formats, left]).toEqual([[], []]);
    expect(await createKeyv({ directory }).get('key')).toBe('newer');
    expect(readdirSync(path.join(directory, shard))).toEqual([name]);
  });

  test('one at a time, there or back', async () => {
    const directory = await filled(FOREIGN['keyv-file']);
    const others: Promise<unknown>[] = [];
    const onProgress = () => {
      if (others.length === 0) others.push(migrateDirectory(directory), revertDirectory(directory));
      for (const other of others) other.catch(() => undefined);
    };
    expect((await migrateDirectory(directory, { onProgress })).left).toEqual([]);
    for (const other of others) await expect(other).rejects.toMatchObject({ code: 'IO', path: directory });
    expect((await migrateDirectory(directory)).formats).toEqual([]);
    expect((await revertDirectory(directory)).left).toEqual([]);
    for (const key of Object.keys(JSON_VALUES)) {
      expectSame(await FOREIGN['keyv-file'].open(directory).get(key), JSON_VALUES[key]);
    }
  });

  test('a value that the former cache cannot hold stays ours when reverting, and is listed', async () => {
    const directory = await filled(FOREIGN['keyv-file']);
    await migrateDirectory(directory);
    const keyv = createKeyv({ directory });
    const ema = Float64Array.from([1, 2, 3]);
    await keyv.set('ema', ema);
    const report = await revertDirectory(directory);
    expect(report.left).toEqual([{ what: 'keyv:ema', reason: expect.stringContaining('cannot store value exactly') }]);
    expectSame(await createKeyv({ directory }).get('ema'), ema);
    expectSame(await createKeyv({ directory }).get('text'), JSON_VALUES.text);
  });

  test('a value that its JSON refuses stays ours too, and its neighbours go back', async () => {
    for (const foreign of [
      FOREIGN['keyv-file'],
      FOREIGN['keyv-file, separated'],
      FOREIGN['Keyv over cache-manager-fs-hash'],
    ]) {
      const directory = await filled(foreign);
      await migrateDirectory(directory);
      await createKeyv({ directory }).set('big', { amount: 10n });
      const { left } = await revertDirectory(directory);
      expect(left).toEqual([{ what: 'keyv:big', reason: expect.stringContaining('cannot store') }]);
      expectSame(await createKeyv({ directory }).get('big'), { amount: 10n });
      expectSame(await foreign.open(directory).get('text'), JSON_VALUES.text);
    }
  });

  test('a directory that was not migrated cannot be reverted', async () => {
    const directory = workspace.at('fresh');
    mkdirSync(directory);
    const error = await revertDirectory(directory).catch((thrown: unknown) => thrown);
    expect(isAtcError(error, 'ARGUMENT')).toBe(true);
    expect((error as Error).message).toContain('was not migrated');
    await expect(migrateDirectory(workspace.at('nowhere'))).rejects.toMatchObject({ code: 'IO' });
  });
});

test.each(['cache-manager-fs-hash', 'cache-manager-fs-hash, zip', 'keyv-file', 'keyv-file, separated'])(
  'a damaged file of %s: a miss, an error event, moved aside',
  async (name) => {
    const foreign = FOREIGN[name];
    const directory = workspace.at(`damaged ${name}`);
    mkdirSync(directory);
    await foreign.open(directory).set('bad', { a: [1, 2, 3] });
    const [file] = Object.keys(snapshot(directory));
    const text = readFileSync(path.join(directory, file));
    writeFileSync(path.join(directory, file), text.subarray(0, text.length - 4));
    const keyv = ours(foreign, directory);
    const errors: unknown[] = [];
    keyv.on('error', (error: unknown) => errors.push(error));
    expect(await keyv.get('bad')).toBeUndefined();
    expect(errors).toEqual([expect.objectContaining({ code: 'CORRUPT' })]);
    expect(Object.keys(snapshot(directory))).toEqual([expect.stringContaining('.damaged')]);
    await keyv.set('bad', 1);
    expect(await keyv.get('bad')).toBe(1);
  },
);

test('a common file is written once to remove many entries', async () => {
  const directory = await filled(FOREIGN['keyv-file']);
  const store = new CompressedFileStore({ directory });
  const removeOne = jest.spyOn(KeyvFileEntries.prototype, 'remove');
  const removeAll = jest.spyOn(KeyvFileEntries.prototype, 'removeAll');
  await store.clear();
  expect([removeOne.mock.calls.length, removeAll.mock.calls.length]).toEqual([0, 1]);
  for (const spy of [removeOne, removeAll]) spy.mockRestore();
  expect(await store.get('keyv:text')).toBeUndefined();
});

test('a directory that could not be looked at once is looked at again', async () => {
  const directory = await filled(FOREIGN['keyv-file']);
  const [file] = readdirSync(directory).filter((name) => name.endsWith('.json'));
  const store = new CompressedFileStore({ directory });
  chmodSync(path.join(directory, file), 0);
  expect(await whileReadOnly(directory, () => store.get('keyv:text'))).toBeUndefined();
  chmodSync(path.join(directory, file), 0o644);
  expect(await store.get('keyv:text')).toMatchObject({ value: JSON_VALUES.text });
});
