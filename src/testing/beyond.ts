/** Beyond one instance and one call: a second instance, the other modes, times to live, iteration, damage. */
import { brief, damaged, ensure, isEncoded, requireMiss, requireSame } from './checks.js';
import type { Register } from './runner.js';
import type { CacheStoreSuiteOptions, Subject, Subjects } from './subject.js';
import { candles, VALUES } from './values.js';

const rich = () => ({ rows: candles(200), ema: VALUES['the payload of a NaN'](), at: new Date(7), none: undefined });

export function registerBeyond<Store extends object>(
  register: Register,
  subjects: Subjects<Store>,
  options: CacheStoreSuiteOptions<Store>,
): void {
  const encodesItself = options.compression === false;

  /** Whether what one instance has set is there for another one. */
  const isShared = () =>
    subjects(
      async (first) => {
        await first.set('shared', 'text');
        return subjects(async (second) => (await second.get('shared')) === 'text', { mode: false, over: first });
      },
      { mode: false },
    );
  const NOT_SHARED = 'another instance has a storage of its own; say in `reopen` how to have one over the same';

  register('a second instance reads what the first has written', async (leaveOut) => {
    if (options.reopen === undefined && !(await isShared())) return leaveOut(NOT_SHARED);
    await subjects(async (first) => {
      await first.set('rich', rich());
      await first.set('small', 'text');
      await subjects(
        async (second) => {
          requireSame(await second.get('rich'), rich(), 'a second instance');
          requireSame(await second.get('small'), 'text', 'a second instance');
          await second.set('rich', 'replaced');
        },
        { over: first },
      );
      await subjects(
        async (third) => {
          requireSame(await third.get('rich'), 'replaced', 'what a second instance has replaced');
          requireSame(await third.get('small'), 'text', 'a third instance');
        },
        { over: first },
      );
    });
  });

  register("mode 'read' reads entries and writes none", async (leaveOut) => {
    if (options.reopen === undefined && !(await isShared())) return leaveOut(NOT_SHARED);
    await subjects(async (first) => {
      await first.set('entry', rich());
      await subjects(
        async (reader) => {
          requireSame(await reader.get('entry'), rich(), "an entry, in mode 'read'");
          await reader.set('plain', candles(100));
          requireSame(await reader.get('plain'), candles(100), "what was set in mode 'read'");
          ensure(!reader.events.includes('write') || encodesItself, "mode 'read' has encoded what it was given");
        },
        { mode: 'read', over: first },
      );
      if (encodesItself) return;
      await subjects(
        async (plain) => {
          const stored = await plain.get('plain');
          ensure(!isEncoded(stored), "mode 'read' has stored an entry, which the store alone cannot read");
          requireSame(stored, candles(100), "what was set in mode 'read', without us");
        },
        { mode: false, over: first },
      );
    });
  });

  register("mode 'verify' returns every value, and finds no difference", () =>
    subjects(
      async (store) => {
        for (let i = 0; i < 2; i++) {
          await store.set('rows', { i, rows: candles(200) });
          requireSame(await store.get('rows'), { i, rows: candles(200) }, "mode 'verify'");
        }
        ensure(
          !store.events.includes('difference'),
          'a difference was found: an encoded value is not what it was made of',
        );
        const isSeen = !encodesItself && options.frontMemory !== true;
        if (isSeen) ensure(store.events.includes('verified'), 'nothing was verified: set was not seen');
      },
      { mode: 'verify' },
    ),
  );

  register('a time to live ends, and what has none stays', async (leaveOut) => {
    if (options.ttl !== true) return leaveOut('say `ttl: true` for a store that takes one');
    await subjects(async (store) => {
      await store.set('long', candles(100), 60_000);
      await store.set('never', candles(100));
      await store.set('short', candles(100), 250);
      requireSame(await store.get('long'), candles(100), 'before its time has ended');
      const set = Date.now();
      const ended = set + 10_000;
      while ((await store.get('short')) !== undefined && (await store.get('short')) !== null) {
        ensure(Date.now() < ended, 'ten seconds after a time to live of 250 ms the value is still there');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      // A store that takes seconds for milliseconds has lost the longer one too, 60 ms after it was set.
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, set + 250 - Date.now())));
      requireSame(await store.get('long'), candles(100), 'a longer time to live, after a shorter one has ended');
      requireSame(await store.get('never'), candles(100), 'without a time to live, after that of another has ended');
      await store.set('short', 'anew');
      requireSame(await store.get('short'), 'anew', 'what was set anew after its time had ended');
    });
  });

  register('iteration hands out every key once, with its value', (leaveOut) =>
    subjects(async (store) => {
      const iterate = options.iterate ?? iterationOf(store.store);
      if (iterate === undefined) return leaveOut('the store has no iterator(), entries() or iteration of its own');
      const expected = new Map<string, unknown>(
        Array.from({ length: 20 }, (_, i) => [`key ${i}`, { i, rows: candles(i * 5) }]),
      );
      await store.set('deleted', candles(100));
      for (const [key, value] of expected) await store.set(key, value);
      await store.set('key 3', { replaced: true, rows: candles(80) });
      expected.set('key 3', { replaced: true, rows: candles(80) });
      await store.delete('deleted');
      const found = new Map<string, unknown>();
      for await (const entry of iterate(store.store)) {
        ensure(Array.isArray(entry), `iteration hands out ${brief(entry)} instead of a key and a value`);
        const [key, value] = entry as [string, unknown];
        ensure(!found.has(key), `iteration hands out ${key} twice`);
        ensure(expected.has(key), `iteration hands out ${brief(key)}, which is not stored`);
        found.set(key, value);
      }
      for (const [key, value] of expected) requireSame(found.get(key), value, `${key} in iteration`);
    }),
  );

  register('a damaged entry is a miss, is reported, and costs no other one', (leaveOut) =>
    subjects(
      async (store) => {
        await store.set('bad', candles(200));
        await store.set('good', candles(100));
        if (!(await damage(store, options)))
          return leaveOut('say in `damage` how to change what is stored under a key');
        let found: unknown;
        try {
          found = await store.get('bad');
        } catch (error) {
          throw new Error(`get of a damaged entry has thrown: ${(error as Error).message}`);
        }
        requireMiss(found, 'get of a damaged entry');
        ensure(encodesItself || store.events.includes('corrupt'), 'no corrupt event reports the damage');
        store.spoil = undefined;
        requireSame(await store.get('good'), candles(100), 'another entry');
        await store.set('bad', candles(50));
        requireSame(await store.get('bad'), candles(50), 'the damaged entry, set anew');
      },
      { isSpoilt: options.damage === undefined },
    ),
  );
}

/** False when it cannot be done here. */
async function damage<Store extends object>(
  subject: Subject<Store>,
  options: CacheStoreSuiteOptions<Store>,
): Promise<boolean> {
  if (options.damage !== undefined) {
    await options.damage(subject.store, 'bad');
    return true;
  }
  if (options.compression === false) return false;
  let wasSeen = false;
  subject.spoil = (stored) => {
    wasSeen ||= isEncoded(stored);
    return stored;
  };
  await subject.get('bad');
  subject.spoil = damaged;
  return wasSeen;
}

/** Pairs of keys and values, by what the store has. */
function iterationOf(store: object): ((store: object) => Iterable<unknown> | AsyncIterable<unknown>) | undefined {
  const named = store as Record<string | symbol, unknown>;
  for (const name of ['iterator', 'entries', Symbol.asyncIterator, Symbol.iterator]) {
    const method = named[name];
    if (typeof method === 'function') return () => Reflect.apply(method, store, []) as AsyncIterable<unknown>;
  }
  return undefined;
}
