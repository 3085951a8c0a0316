import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CompressedFileStore, createKeyv } from 'atc-memory/cache-manager';
import { candles } from '../services/stores/sample-values.js';
import { HOSTILE_KEYS } from './cache-values.js';
import { moveClock } from './clock.js';
import { filesBelow, workspace } from './file-store-fixture.js';

describe('keys', () => {
  const directory = workspace.at('keys');

  test('any text is a key, and none leaves the directory', async () => {
    const before = filesBelow(workspace.directory).filter((file) => !file.startsWith('keys'));
    const store = new CompressedFileStore({ directory });
    for (const [i, key] of HOSTILE_KEYS.entries()) await store.set(key, { i });
    const again = new CompressedFileStore({ directory });
    for (const [i, key] of HOSTILE_KEYS.entries()) expect(await again.get(key)).toEqual({ i });
    const found = new Map<string, unknown>();
    for await (const [key, value] of again.iterator()) found.set(key, value);
    expect([...found.keys()].sort()).toEqual([...HOSTILE_KEYS].sort());
    expect(filesBelow(directory)).toHaveLength(HOSTILE_KEYS.length);
    for (const file of filesBelow(directory)) expect(file).toMatch(/^[0-9a-f]{2}\/[0-9a-f]{62}\.atc-entry$/);
    expect(filesBelow(workspace.directory).filter((file) => !file.startsWith('keys'))).toEqual(before);
    for (const key of HOSTILE_KEYS) expect(await again.delete(key)).toBe(true);
    expect(filesBelow(directory)).toEqual([]);
  });

  test('a file under the name of another key is a miss', async () => {
    const store = new CompressedFileStore({ directory: workspace.at('renamed') });
    await store.set('a', 1);
    await store.set('b', 2);
    const [first, second] = filesBelow(workspace.at('renamed')).map((file) => workspace.at('renamed', file));
    writeFileSync(first, readFileSync(second));
    expect([await store.get('a'), await store.get('b')].sort()).toEqual([expect.any(Number), undefined]);
  });
});

describe('time to live', () => {
  test('an expired entry is absent, its file is deleted, others stay', async () => {
    const directory = workspace.at('ttl');
    const keyv = createKeyv({ directory });
    await keyv.set('short', 'x', 1000);
    await keyv.set('long', 'y', 100_000);
    await keyv.set('never', 'z');
    moveClock(5000);
    expect(await keyv.get('short')).toBeUndefined();
    expect(await keyv.has('short')).toBe(false);
    expect(await keyv.get('long')).toBe('y');
    expect(await keyv.get('never')).toBe('z');
    expect(filesBelow(directory)).toHaveLength(2);
  });

  test('prune removes expired entries and the temporary files of a dead process', async () => {
    const directory = workspace.at('prune');
    const store = new CompressedFileStore({ directory });
    for (let i = 0; i < 10; i++) await store.set(`${i}`, i, i < 4 ? 1000 : undefined);
    const [file] = filesBelow(directory);
    const dead = `.left.999999999-1-${'0'.repeat(8)}.00000000.atc-tmp`;
    writeFileSync(path.join(directory, path.dirname(file), dead), 'half');
    moveClock(5000);
    const report = await store.prune();
    expect(report).toMatchObject({ expired: 4, evicted: 0 });
    expect(filesBelow(directory).filter((one) => one.endsWith('.atc-entry'))).toHaveLength(6);
  });
});

describe('size limit', () => {
  test('the least recently used entries are removed, and the files stay below the limit', async () => {
    const directory = workspace.at('lru');
    const value = Buffer.alloc(2000, 'x').toString('latin1') + candles(3).length;
    const one = new CompressedFileStore({ directory, level: 0 });
    await one.set('probe', value);
    const [probe] = filesBelow(directory);
    const size = statSync(path.join(directory, probe)).size;
    await one.clear();
    const store = new CompressedFileStore({ directory, level: 0, maxBytes: size * 10 });
    for (let i = 0; i < 10; i++) {
      await store.set(`${i}`, value);
      // File systems tell times a few ms apart.
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    expect(filesBelow(directory)).toHaveLength(10);
    // Used just now: 0 and 1 survive the entries set after them.
    await store.get('0');
    await store.get('1');
    await store.set('new', value);
    const left = await Promise.all(['0', '1', '2', '3', '9', 'new'].map((key) => store.has(key)));
    expect(left).toEqual([true, true, false, false, true, true]);
    for (let i = 0; i < 200; i++) {
      await store.set(`more ${i}`, value);
      expect(filesBelow(directory).length).toBeLessThanOrEqual(10);
    }
  });

  test('many sets at once stay below the limit too', async () => {
    const directory = workspace.at('lru-at-once');
    const value = Buffer.alloc(2000, 'x').toString('latin1');
    const store = new CompressedFileStore({ directory, level: 0, maxBytes: 50_000 });
    await Promise.all(Array.from({ length: 300 }, (_, i) => store.set(`${i}`, value)));
    const total = filesBelow(directory).reduce((sum, file) => sum + statSync(path.join(directory, file)).size, 0);
    expect(total).toBeLessThanOrEqual(50_000);
    expect(total).toBeGreaterThan(20_000);
  });

  test('two processes that begin with an empty directory exceed the limit by a tenth at most', async () => {
    const directory = workspace.at('lru-shared');
    const value = Buffer.alloc(2000, 'x').toString('latin1');
    const options = { directory, level: 0, maxBytes: 200_000 };
    // Neither knows of the other, as two processes.
    const stores = [new CompressedFileStore(options), new CompressedFileStore(options)];
    for (let i = 0; i < 240; i++) {
      await stores[i % 2].set(`${i}`, value);
      if (i % 8 > 0) continue;
      const total = filesBelow(directory).reduce((sum, file) => sum + statSync(path.join(directory, file)).size, 0);
      expect(total).toBeLessThanOrEqual(220_000);
    }
  });

  test('a reader with a limit in another process keeps its entries in use', async () => {
    const directory = workspace.at('lru-two');
    const writer = new CompressedFileStore({ directory, level: 0, maxBytes: 40_000 });
    const reader = new CompressedFileStore({ directory, level: 0, maxBytes: 40_000 });
    await writer.set('hot', 'h'.repeat(1000));
    for (let i = 0; i < 150; i++) {
      await writer.set(`cold ${i}`, 'c'.repeat(1000));
      expect(await reader.get('hot')).toBeDefined();
    }
  });

  test('a wrong limit or level throws at once', () => {
    expect(() => new CompressedFileStore({ directory: 'x', maxBytes: 0 })).toThrow(/maxBytes must be/);
    expect(() => new CompressedFileStore({ directory: 'x', level: 11 })).toThrow(/level must be/);
    expect(() => new CompressedFileStore({ directory: '' })).toThrow(/needs a path/);
  });
});

describe('namespaces', () => {
  test('several share a directory; clear and iteration stay in their own', async () => {
    const directory = workspace.at('namespaces');
    const a = createKeyv({ directory, namespace: 'a' });
    const b = createKeyv({ directory, namespace: 'b' });
    await a.set('key', 1);
    await b.set('key', 2);
    await b.set('long'.repeat(200), 3);
    const found: unknown[] = [];
    for await (const entry of b.iterator?.(undefined) ?? []) found.push(entry);
    expect(found.sort()).toEqual([
      ['key', 2],
      ['long'.repeat(200), 3],
    ]);
    await b.clear();
    expect([await a.get('key'), await b.get('key'), await b.get('long'.repeat(200))]).toEqual([
      1,
      undefined,
      undefined,
    ]);
  });
});

test('mode false touches nothing before the first write and compresses nothing', async () => {
  const directory = workspace.at('untouched');
  const store = new CompressedFileStore({ directory, mode: false });
  expect(await store.get('x')).toBeUndefined();
  await store.delete('x');
  await store.clear();
  expect(readdirSync(workspace.directory)).not.toContain('untouched');
  await store.set('x', 'plain text '.repeat(100));
  const [file] = filesBelow(directory);
  expect(readFileSync(path.join(directory, file), 'latin1')).toContain('plain text '.repeat(100));
  expect(await new CompressedFileStore({ directory }).get('x')).toBe('plain text '.repeat(100));
});
