/** cache-manager over a real Redis: values are compressed, earlier entries stay readable, damage is reported. */
import KeyvRedis from '@keyv/redis';
import { withCompression } from 'atc-memory/cache-manager';
import { createCache } from 'cache-manager';
import { Keyv, type KeyvOptions } from 'keyv';
import { expectSame } from '../same-value.js';
import { candles } from '../services/stores/sample-values.js';
import { CACHE_VALUES, HOSTILE_KEYS } from './cache-values.js';
import { runKeyvSuite } from './keyv-suite.js';
import { type RedisServer, startRedis } from './redis-server.js';

// Started before the tests are listed: without a server there are none.
const server: RedisServer | undefined = await startRedis();
const open: KeyvRedis<unknown>[] = [];

function store(): KeyvRedis<unknown> {
  const adapter = new KeyvRedis(server?.url);
  open.push(adapter);
  return adapter;
}

afterAll(async () => {
  for (const adapter of open) await adapter.disconnect().catch(() => undefined);
  await server?.stop();
});

class WrappedKeyv extends Keyv {
  constructor(options: KeyvOptions) {
    super(options);
    withCompression(this as Keyv, { minBytes: 0 });
  }
}

if (server === undefined) {
  test('a real Redis is missing here (see the notice)', () => {
    expect(process.env.CI).not.toBe('true');
  });
} else {
  describe('Keyv suite on a wrapped Redis', () => {
    const shared = store();
    shared.on('error', () => undefined);
    // A connection per store of the suite would be some hundred.
    const adapters = new Map<string | undefined, KeyvRedis<unknown>>();
    let made = 0;
    runKeyvSuite(WrappedKeyv, () => {
      const slot = String(made++ % 8);
      const adapter = adapters.get(slot) ?? store();
      adapters.set(slot, adapter);
      return adapter;
    });
  });

  test('values are returned exactly, in an eighth of the bytes', async () => {
    const adapter = store();
    const cache = withCompression(createCache({ stores: [new Keyv({ store: adapter, namespace: 'ours' })] }), {
      minBytes: 0,
    });
    for (const [key, value] of Object.entries(CACHE_VALUES)) {
      await cache.set(key, value);
      expectSame(await cache.get(key), value);
    }
    const rows = candles(5000);
    await cache.set('rows', rows);
    await createCache({ stores: [new Keyv({ store: store(), namespace: 'plain' })] }).set('rows', rows);
    const client = await adapter.getClient();
    const lengthOf = async (key: string) => String((await client.get(key)) ?? '').length;
    // Keyv and its Redis adapter both put the namespace in front.
    const [ours, plain] = await Promise.all(['ours::ours:rows', 'plain::plain:rows'].map(lengthOf));
    expect(plain).toBeGreaterThan(300_000);
    expect(ours).toBeGreaterThan(1000);
    expect(ours).toBeLessThan(plain / 8);
  });

  test('hostile keys: each has its own value', async () => {
    const cache = withCompression(createCache({ stores: [new Keyv({ store: store(), namespace: 'hostile' })] }));
    // Redis keys are UTF-8: texts that are none, lone surrogates, are all the same there.
    const keys = HOSTILE_KEYS.filter((key) => Buffer.from(key).toString() === key);
    for (const [i, key] of keys.entries()) await cache.set(key, { i, rows: candles(100 + i) });
    for (const [i, key] of keys.entries()) expectSame(await cache.get(key), { i, rows: candles(100 + i) });
  });

  test('entries of a plain Keyv are read; both kinds live side by side; wrap works', async () => {
    const plain = new Keyv({ store: store(), namespace: 'mixed' });
    await plain.set('old', { rows: candles(100) });
    const cache = withCompression(createCache({ stores: [new Keyv({ store: store(), namespace: 'mixed' })] }));
    expect(await cache.get('old')).toEqual({ rows: candles(100) });
    let computed = 0;
    const compute = async () => {
      computed++;
      return { ema: Float64Array.from({ length: 1000 }, (_, i) => Math.sqrt(i)) };
    };
    const first = await cache.wrap('ema', compute);
    const second = await cache.wrap('ema', compute);
    expect(computed).toBe(1);
    expectSame(second, first);
  });

  test.each([
    ['text that is cut short', (text: string) => text.slice(0, text.length - 30)],
    [
      'a changed letter in the frame',
      (text: string) => text.replace(/(1:0UFUV.{40})(.)/, (_, head, one) => head + (one === 'A' ? 'B' : 'A')),
    ],
  ])('%s is a miss and an error event, and the entry can be set again', async (_, damage) => {
    const adapter = store();
    const keyv = withCompression(new Keyv({ store: adapter, namespace: 'damage' }));
    const errors: unknown[] = [];
    keyv.on('error', (error: unknown) => errors.push(error));
    await keyv.set('bad', candles(200));
    await keyv.set('good', candles(100));
    const client = await adapter.getClient();
    const name = 'damage::damage:bad';
    const text = String(await client.get(name));
    const damaged = damage(text);
    expect(damaged).not.toBe(text);
    await client.set(name, damaged);
    expect(await keyv.get('bad')).toBeUndefined();
    expect(errors.length).toBeGreaterThan(0);
    expect(await keyv.get('good')).toEqual(candles(100));
    await keyv.set('bad', 1);
    expect(await keyv.get('bad')).toBe(1);
  });
}
