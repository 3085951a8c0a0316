/** The directory of entries beneath every cache: times, links, swapped headers, entries that a killed process held. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EntryDirectory, onMemoryEvent } from 'atc-memory';
import { entryPath } from '../../src/entries/entry-file.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { useWorkspace } from '../io/workspace.js';

const workspace = useWorkspace();
/** Of a process of this machine that has ended. */
const DEAD = ownerToken().replace(/^\d+/, '999999999');
let count = 0;
const fresh = () => new EntryDirectory({ directory: workspace.at(`entries ${count++}`) });

describe('time to live', () => {
  test.each([Number.NaN, '5', null, {}, 5n])('expires %p is ARGUMENT, and nothing is written', async (expires) => {
    const entries = fresh();
    await expect(entries.set('k', 1, { expires: expires as number })).rejects.toMatchObject({ code: 'ARGUMENT' });
    expect(existsSync(entries.directory)).toBe(false);
  });

  test.each([
    [Infinity, 1],
    [Number.MAX_VALUE, 1],
    [0, undefined],
    [-1, undefined],
    [-Infinity, undefined],
  ])('expires %p: get, entries and prune agree', async (expires, value) => {
    const entries = fresh();
    await entries.set('k', 1, { expires });
    const listed: unknown[] = [];
    for await (const entry of entries.entries()) listed.push(entry.value);
    expect(listed).toEqual(value === undefined ? [] : [value]);
    const other = new EntryDirectory({ directory: entries.directory });
    expect((await other.prune()).expired).toBe(value === undefined ? 1 : 0);
    expect((await entries.get('k'))?.value).toBe(value);
  });

  test('an entry of version 1 with NaN as its time never expires', async () => {
    const entries = fresh();
    const source = path.resolve('test/entries/corpus/v1-expires-nan.atc-entry');
    const file = path.join(entries.directory, entryPath('k'));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, readFileSync(source));
    expect(await entries.get('k')).toMatchObject({ key: 'k', value: { a: 1 }, expires: Infinity });
    expect(await entries.prune()).toMatchObject({ expired: 0 });
  });
});

test('a value that cannot be stored is UNSUPPORTED and a fallback event', async () => {
  class Order {
    readonly price = 1;
  }
  const entries = fresh();
  const events: unknown[] = [];
  const stop = onMemoryEvent('fallback', (event) => events.push(event));
  await expect(entries.set('order', { order: new Order() })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  stop();
  expect(events).toEqual([expect.objectContaining({ key: 'order', reason: expect.stringContaining('value.order') })]);
});

test('a value beyond maxValueBytes is refused when set, and a miss when read; its file stays', async () => {
  const large = fresh();
  const value = Array.from({ length: 2000 }, (_, i) => ({ i: `${i}`.repeat(3) }));
  await large.set('k', value);
  const small = new EntryDirectory({ directory: large.directory, maxValueBytes: 10_000 });
  const errors: unknown[] = [];
  const stop = onMemoryEvent('corrupt', ({ error }) => errors.push(error));
  expect(await small.get('k')).toBeUndefined();
  stop();
  expect(errors).toEqual([expect.objectContaining({ code: 'ARGUMENT' })]);
  await expect(small.set('other', value)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  expect((await large.get('k'))?.value).toEqual(value);
  expect(() => new EntryDirectory({ directory: 'x', maxValueBytes: 0 })).toThrow(/maxValueBytes must be/);
});

test('the header of one entry before the value of another is damage, not a value', async () => {
  const entries = fresh();
  await entries.set('a', 'value of a');
  await entries.set('b', 'value of b');
  const [a, b] = ['a', 'b'].map((key) => path.join(entries.directory, entryPath(key)));
  const [first, second] = [readFileSync(a), readFileSync(b)];
  // Both headers are of one length: 28 bytes and the key with its quotes.
  writeFileSync(a, Buffer.concat([first.subarray(0, 31), second.subarray(31)]));
  expect(await entries.get('a')).toBeUndefined();
  expect(entries.damaged).toBe(1);
  expect((await entries.get('b'))?.value).toBe('value of b');
});

test('entries of version 1 are read, and replaced by version 2', async () => {
  const entries = fresh();
  const file = path.join(entries.directory, entryPath('corpus'));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, readFileSync('test/entries/corpus/v1.atc-entry'));
  expect(await entries.get('corpus')).toEqual({
    key: 'corpus',
    value: { candles: [{ close: 1.5 }], at: new Date(7) },
    expires: Infinity,
    isBare: false,
    origin: 0,
  });
  await entries.set('corpus', 2);
  expect(readFileSync(file)[4]).toBe(2);
  expect((await entries.get('corpus'))?.value).toBe(2);
});

test('entries of version 2 keep their bytes', async () => {
  const entries = fresh();
  const file = path.join(entries.directory, entryPath('corpus'));
  mkdirSync(path.dirname(file), { recursive: true });
  const bytes = readFileSync('test/entries/corpus/v2.atc-entry');
  writeFileSync(file, bytes);
  const found = await entries.get('corpus');
  expect(found).toMatchObject({ value: { candles: [{ close: 1.5 }], at: new Date(7) }, expires: 4e12, isBare: true });
  await entries.set('corpus', found?.value, { expires: 4e12, isBare: true });
  expect(readFileSync(file)).toEqual(bytes);
});

describe('an entry that a killed process held', () => {
  async function held(owner: string) {
    const entries = fresh();
    await entries.set('k', { v: 2 });
    const file = path.join(entries.directory, entryPath('k'));
    const folder = path.join(path.dirname(file), '.held');
    mkdirSync(folder);
    const name = path.join(folder, `${path.basename(file)}.${owner}.00000000`);
    renameSync(file, name);
    return { entries, file, name };
  }

  test('is served and put back', async () => {
    const { entries, file, name } = await held(DEAD);
    expect((await entries.get('k'))?.value).toEqual({ v: 2 });
    expect([existsSync(file), existsSync(name)]).toEqual([true, false]);
  });

  test('is found by entries() and prune()', async () => {
    const { entries, file } = await held(DEAD);
    const keys: string[] = [];
    for await (const { key } of entries.entries()) keys.push(key);
    expect(keys).toEqual(['k']);
    expect(existsSync(file)).toBe(true);
  });

  test('does not replace an entry that was set since', async () => {
    const { entries, name } = await held(DEAD);
    await entries.set('k', { v: 3 });
    await entries.prune();
    expect(existsSync(name)).toBe(false);
    expect((await entries.get('k'))?.value).toEqual({ v: 3 });
  });

  test('is deleted with its key', async () => {
    const { entries, name } = await held(DEAD);
    expect(await entries.delete('k')).toBe(true);
    expect(existsSync(name)).toBe(false);
    expect(await entries.get('k')).toBeUndefined();
  });

  test('is served where its process still lives, and left to it', async () => {
    const { entries, name } = await held(ownerToken());
    expect((await entries.get('k'))?.value).toEqual({ v: 2 });
    expect(existsSync(name)).toBe(true);
  });
});

describe('symbolic links instead of our files', () => {
  const foreign = workspace.at('foreign');
  beforeAll(() => {
    mkdirSync(foreign);
    writeFileSync(path.join(foreign, 'thesis.txt'), 'x');
  });

  test('a shard that is a link is neither read, listed, written nor emptied', async () => {
    const entries = fresh();
    await entries.set('k', 1);
    const shard = path.dirname(path.join(entries.directory, entryPath('k')));
    const elsewhere = path.join(foreign, path.basename(shard));
    renameSync(shard, elsewhere);
    symlinkSync(elsewhere, shard);
    expect(await entries.get('k')).toBeUndefined();
    for await (const { key } of entries.entries()) throw new Error(`listed ${key}`);
    await expect(entries.set('k', 2)).rejects.toMatchObject({ code: 'CORRUPT', message: /symbolic link/ });
    expect(await entries.delete('k')).toBe(false);
    await entries.clear();
    await entries.prune();
    expect(readdirSync(elsewhere)).toHaveLength(1);
  });

  test('an entry that is a link is a miss, and set replaces the link', async () => {
    const entries = fresh();
    await entries.set('k', 1);
    const file = path.join(entries.directory, entryPath('k'));
    const target = path.join(foreign, 'entry');
    renameSync(file, target);
    symlinkSync(target, file);
    const before = readFileSync(target);
    expect(await entries.get('k')).toBeUndefined();
    await entries.set('k', 2);
    expect((await entries.get('k'))?.value).toBe(2);
    expect(readFileSync(target)).toEqual(before);
  });
});
