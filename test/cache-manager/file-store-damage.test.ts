/** Damaged entries of the file store. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onMemoryEvent } from 'atc-memory';
import { CompressedFileStore, createKeyv } from 'atc-memory/cache-manager';
import { whileReadOnly } from '../io/unprivileged.js';
import { candles } from '../services/stores/sample-values.js';
import { moveClock } from './clock.js';
import { filesBelow, workspace } from './file-store-fixture.js';

describe('damage', () => {
  const damages: Record<string, (bytes: Buffer) => Buffer> = {
    'cut in the header': (bytes) => bytes.subarray(0, 10),
    'cut in the value': (bytes) => bytes.subarray(0, bytes.length - 9),
    empty: () => Buffer.alloc(0),
    'a flipped bit in the key': (bytes) => flip(bytes, 26),
    'a flipped bit in the value': (bytes) => flip(bytes, bytes.length - 40),
    'another magic': (bytes) => flip(bytes, 0),
    'a key length without end': (bytes) => {
      bytes.writeUInt32LE(0xffff_fff0, 16);
      return bytes;
    },
  };

  function flip(bytes: Buffer, at: number): Buffer {
    bytes[at] ^= 4;
    return bytes;
  }

  test.each(Object.entries(damages))(
    '%s: a miss, an error event, the file moved aside, neighbours whole',
    async (name, damage) => {
      const directory = workspace.at(`damage ${name}`);
      const keyv = createKeyv({ directory });
      await keyv.set('bad', candles(50));
      const [file] = filesBelow(directory);
      await keyv.set('good', candles(60));
      const damaged = damage(readFileSync(path.join(directory, file)));
      writeFileSync(path.join(directory, file), damaged);
      const errors: unknown[] = [];
      keyv.on('error', (error: unknown) => errors.push(error));
      const events: unknown[] = [];
      const stop = onMemoryEvent('corrupt', (event) => events.push(event));
      expect(await keyv.get('bad')).toBeUndefined();
      stop();
      expect(errors).toEqual([expect.objectContaining({ code: 'CORRUPT' })]);
      expect(events).toEqual([
        expect.objectContaining({ key: 'keyv:bad', movedTo: expect.stringContaining('.damaged') }),
      ]);
      expect((keyv.store as CompressedFileStore).damaged).toBe(1);
      const aside = filesBelow(directory).filter((one) => one.startsWith('.damaged'));
      expect(aside.map((one) => readFileSync(path.join(directory, one)))).toEqual([damaged]);
      // Reported once; then it is an ordinary miss, and can be set again.
      expect(await keyv.get('bad')).toBeUndefined();
      expect(errors).toHaveLength(1);
      expect(await keyv.get('good')).toEqual(candles(60));
      await keyv.set('bad', 1);
      expect(await keyv.get('bad')).toBe(1);
    },
  );

  test('a damaged entry without an error listener is a miss and does not throw', async () => {
    const store = new CompressedFileStore({ directory: workspace.at('silent') });
    await store.set('bad', candles(50));
    const [file] = filesBelow(workspace.at('silent'));
    writeFileSync(workspace.at('silent', file), 'x');
    expect(await store.get('bad')).toBeUndefined();
    for await (const entry of store.iterator()) throw new Error(`found ${entry[0]}`);
  });

  test('a directory that cannot be read is a miss and an error event', async () => {
    workspace.file('occupied', 'a file where the directory should be');
    const store = new CompressedFileStore({ directory: workspace.at('occupied', 'below') });
    const errors: unknown[] = [];
    store.on('error', (error) => errors.push(error));
    expect(await store.get('key')).toBeUndefined();
    await expect(store.set('key', 1)).rejects.toMatchObject({ code: 'IO' });
  });

  test('in a read-only directory entries are read, expired ones are misses, damaged ones are reported', async () => {
    const directory = workspace.at('read-only');
    const writer = new CompressedFileStore({ directory });
    await writer.set('short', 1, 30);
    await writer.set('bad', candles(50));
    const [bad] = filesBelow(directory).filter((file) => statSync(path.join(directory, file)).size > 200);
    writeFileSync(path.join(directory, bad), 'damaged');
    await writer.set('whole', { a: 1 });
    moveClock(50);
    const store = new CompressedFileStore({ directory, maxBytes: 1e6 });
    const errors: unknown[] = [];
    store.on('error', (error) => errors.push(error));
    const events: unknown[] = [];
    const stop = onMemoryEvent('corrupt', (event) => events.push(event));
    const found = await whileReadOnly(directory, () => store.getMany(['whole', 'short', 'bad']));
    stop();
    expect(found).toEqual([{ a: 1 }, undefined, undefined]);
    expect(errors).toEqual([expect.objectContaining({ code: 'CORRUPT' })]);
    expect(events).toEqual([expect.objectContaining({ key: 'bad', movedTo: undefined })]);
    expect(store.damaged).toBe(1);
  });

  test('thousands of reads at once do not run out of descriptors', async () => {
    const directory = workspace.at('many');
    const store = new CompressedFileStore({ directory });
    const keys = Array.from({ length: 500 }, (_, i) => `${i}`);
    await store.setMany(keys.map((key) => ({ key, value: key })));
    if (!existsSync('/proc/self/fd')) return console.warn('no /proc here: open files are not counted');
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    let most = 0;
    let isDone = false;
    const reads = store.getMany(keys).finally(() => {
      isDone = true;
    });
    while (!isDone) {
      most = Math.max(most, open());
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await reads).toEqual(keys);
    expect(most - before).toBeLessThanOrEqual(64);
  });

  test('damaged files that were moved aside are bounded', async () => {
    const directory = workspace.at('bounded');
    const store = new CompressedFileStore({ directory });
    for (let i = 0; i < 130; i++) {
      await store.set(`${i}`, i);
      const file = filesBelow(directory).find((one) => !one.startsWith('.damaged')) as string;
      writeFileSync(path.join(directory, file), 'damaged');
      expect(await store.get(`${i}`)).toBeUndefined();
    }
    expect(store.damaged).toBe(130);
    expect(filesBelow(directory).length).toBe(100);
  });
});
