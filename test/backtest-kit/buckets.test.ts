/**
 * What `Cache.file` and `Interval.file` of backtest-kit keep, in our entries: as the host's own files do it, and what
 * these lose. On the real package, where it can be installed: the stand-in has candles only.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setup, uninstall } from 'atc-memory/backtest-kit';
import { useWorkspace } from '../io/workspace.js';
import { expectSame } from '../same-value.js';
import { hosts } from './hosts.js';

const { at } = useWorkspace();
const home = process.cwd();
type Adapter = Record<string, (...args: unknown[]) => unknown>;
const found = (await hosts()) as unknown as { name: string; kit: Record<string, Adapter> }[];
const KINDS = ['Measure', 'Interval'] as const;
const VARIANTS = found
  .filter(({ kit }) => kit.PersistMeasureAdapter !== undefined)
  .flatMap(({ name, kit }) =>
    KINDS.flatMap((kind) =>
      [false, true].map((caches) => ({ name: `${kind}, ${caches ? 'ours' : 'json'}, ${name}`, kit, kind, caches })),
    ),
  );
const standIn = found[0];
if (VARIANTS.length === 0) console.warn('measures and intervals are not tested here: there is no real backtest-kit');

let folder = 0;
beforeEach(() => {
  const directory = at(`run ${folder++}`);
  mkdirSync(directory, { recursive: true });
  process.chdir(directory);
});
afterEach(() => {
  uninstall();
  process.chdir(home);
});

/** The calls that the host itself makes. */
function callsOf(kit: Record<string, Adapter>, kind: (typeof KINDS)[number]) {
  const adapter = kit[`Persist${kind}Adapter`];
  return {
    read: async (bucket: string, key: string) => adapter[`read${kind}Data`](bucket, key) as Promise<unknown>,
    write: async (data: unknown, bucket: string, key: string) =>
      adapter[`write${kind}Data`]({ id: key, data, removed: false }, bucket, key, new Date(0)),
    remove: async (bucket: string, key: string) => adapter[`remove${kind}Data`](bucket, key),
    list: async (bucket: string) => {
      const keys: string[] = [];
      for await (const key of adapter[`list${kind}Data`](bucket) as AsyncGenerator<string>) keys.push(key);
      return keys.sort();
    },
    clear: () => adapter.clear(),
  };
}

(VARIANTS.length > 0 ? describe : describe.skip).each(VARIANTS)('$name', ({ kit, kind, caches }) => {
  const { read, write, remove, list, clear } = callsOf(kit, kind);
  beforeEach(() => void setup({ candles: 'packed', caches }, kit));

  test('rows by bucket and key: absent, written, replaced, removed, listed', async () => {
    expect(await read('bucket', 'key')).toBeNull();
    expect(await list('bucket')).toEqual([]);
    await remove('bucket', 'key');
    await write({ depth: 20 }, 'bucket', 'key');
    await write([1, 2.5], 'bucket', 'other');
    await write('else', 'bucket 2', 'key');
    expect(await read('bucket', 'key')).toEqual({ id: 'key', data: { depth: 20 }, removed: false });
    await write({ depth: 21 }, 'bucket', 'key');
    expect(await read('bucket', 'key')).toMatchObject({ data: { depth: 21 } });
    expect(await list('bucket')).toEqual(['key', 'other']);
    await remove('bucket', 'key');
    expect([await read('bucket', 'key'), await list('bucket')]).toEqual([null, ['other']]);
    expect(await read('bucket 2', 'key')).toMatchObject({ data: 'else' });
    await write('anew', 'bucket', 'key');
    expect(await list('bucket')).toEqual(['key', 'other']);
    clear();
    expect(await read('bucket', 'key')).toMatchObject({ data: 'anew' });
  });
});

const OURS = VARIANTS.filter(({ caches }) => caches);
(OURS.length > 0 ? describe : describe.skip).each(OURS)('$name, beyond', ({ kit, kind }) => {
  const { read, write, remove, list, clear } = callsOf(kit, kind);
  const start = (caches = true) => setup({ candles: 'packed', caches }, kit);

  test('values that JSON loses are returned as they were; values that cannot be encoded go through JSON', async () => {
    start();
    const data = { ema: Float64Array.of(1, Number.NaN, -0), at: new Date(7), map: new Map([[1, 2n]]), none: undefined };
    await write(data, 'bucket', 'key');
    clear();
    expectSame(((await read('bucket', 'key')) as { data: unknown }).data, data);
    class Order {
      readonly price = 7;
    }
    await write({ order: new Order() }, 'bucket', 'order');
    expect(await read('bucket', 'order')).toMatchObject({ data: { order: { price: 7 } } });
    expect(existsSync(`dump/data/${kind.toLowerCase()}/bucket`)).toBe(false);
  });

  test('rows of the host are read and listed, ours come before them, and a removed one stays removed', async () => {
    start(false);
    for (const key of ['a', 'b', 'c']) await write(`host ${key}`, 'bucket', key);
    start();
    expect(await list('bucket')).toEqual(['a', 'b', 'c']);
    expect(await read('bucket', 'a')).toMatchObject({ data: 'host a' });
    await write('ours', 'bucket', 'b');
    await remove('bucket', 'c');
    expect(await read('bucket', 'b')).toMatchObject({ data: 'ours' });
    expect([await read('bucket', 'c'), await list('bucket')]).toEqual([null, ['a', 'b']]);
    start(false);
    expect(await read('bucket', 'c')).toMatchObject({ data: 'host c' });
    start();
    uninstall();
    expect(await read('bucket', 'b')).toMatchObject({ data: 'host b' });
  });

  test('different buckets and keys have different names, and none leaves the directory', async () => {
    setup({ candles: 'packed', caches: true, legacy: false }, kit);
    const names = ['a', 'a:b', '1:a', '../../x', '__proto__', 'é', ''];
    for (const bucket of names) for (const key of names) await write(`${bucket}|${key}`, bucket, key);
    for (const bucket of names) {
      for (const key of names) expect(await read(bucket, key)).toMatchObject({ data: `${bucket}|${key}` });
      expect(await list(bucket)).toEqual([...names].sort());
    }
    expect(readdirSync('.')).toEqual(['dump']);
    expect(readdirSync('dump/data')).toEqual([`${kind.toLowerCase()}-atc`]);
  });

  test('a damaged row is absent, and the others are not touched', async () => {
    start();
    await write('x'.repeat(2000), 'bucket', 'bad');
    await write('good', 'bucket', 'good');
    const directory = `dump/data/${kind.toLowerCase()}-atc`;
    for (const name of readdirSync(directory, { recursive: true }).map(String)) {
      if (name.endsWith('.atc-entry')) writeFileSync(path.join(directory, name), 'damaged');
    }
    expect(await read('bucket', 'bad')).toBeNull();
    await write('anew', 'bucket', 'bad');
    expect(await read('bucket', 'bad')).toMatchObject({ data: 'anew' });
  });
});

test('a host without these seams is refused before anything is changed, and caches must be true or false', () => {
  expect(() => setup({ candles: 'packed', caches: true }, standIn.kit)).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining('PersistMeasureAdapter') }),
  );
  expect(() => setup({ caches: 'yes' as never }, standIn.kit)).toThrow(expect.objectContaining({ code: 'CONFIG' }));
  expect(setup({ candles: 'json', caches: true }, standIn.kit).caches).toBe(false);
});
