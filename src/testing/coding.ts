/**
 * Values: what JSON loses, what could be taken for an entry, what the caller changes afterwards, calls through `this`.
 */
import { brief, damaged, ensure, isEncoded, requireSame } from './checks.js';
import type { Register } from './runner.js';
import type { CacheStoreSuiteOptions, Subject, Subjects } from './subject.js';
import { candles, LOOKALIKES, VALUES } from './values.js';

export function registerCoding<Store extends object>(
  register: Register,
  subjects: Subjects<Store>,
  options: CacheStoreSuiteOptions<Store>,
): void {
  /** Exactly; where it is the host's to return, as exactly as without us. */
  const requireKept = async (store: Subject<Store>, make: () => unknown, what: string, isHosts: boolean) => {
    const found = await store.get('key');
    if (!isHosts || isSame(found, make())) return requireSame(found, make(), what);
    await subjects(
      async (plain) => {
        await plain.set('key', make());
        const alone = await plain.get('key');
        requireSame(found, alone, `${what} is ${brief(alone)} without compression`);
      },
      { mode: false },
    );
  };
  const { compression, frontMemory = false } = options;

  for (const [what, make] of Object.entries(VALUES)) {
    // Large enough to be worth encoding.
    const among = () => ({ value: make(), rows: candles(100) });
    register(`${what}, among candles, is returned exactly`, () =>
      subjects(async (store) => {
        await store.set('key', among());
        await requireKept(store, among, what, frontMemory);
      }),
    );
    // A small value is left to the host.
    register(`${what}, by itself, is returned as exactly as without compression`, () =>
      subjects(async (store) => {
        await store.set('key', make());
        await requireKept(store, make, what, compression !== false);
      }),
    );
  }

  for (const [what, make] of Object.entries(LOOKALIKES)) {
    const among = () => ({ value: make(), rows: candles(100) });
    register(`${what} is returned as it was put in`, async (leaveOut) => {
      if (frontMemory) return leaveOut('live values in front are not escaped');
      await subjects(async (store) => {
        await store.set('key', among());
        requireSame(await store.get('key'), among(), what);
        await store.set('key', make());
        await requireKept(store, make, what, compression !== false);
      });
    });
  }

  register('a value that is read and set again is encoded once', () =>
    subjects(async (store) => {
      await store.set('key', candles(200));
      for (let i = 0; i < 3; i++) await store.set('key', await store.get('key'));
      requireSame(await store.get('key'), candles(200), 'after three rounds of get and set');
      await store.set('copy', await store.get('key'));
      requireSame(await store.get('copy'), candles(200), 'a copy under another key');
    }),
  );

  register('what the caller changes after set, or in what get returned, changes nothing stored', async (leaveOut) => {
    if (frontMemory) return leaveOut('the live values in front are the very objects');
    await subjects(async (store) => {
      const rows = candles(100) as { close: number }[];
      const done = store.set('key', rows);
      await done;
      rows[0].close = -1;
      const first = (await store.get('key')) as { close: number }[];
      requireSame(first, candles(100), 'get after the list that was set was changed');
      first[1].close = -1;
      requireSame(await store.get('key'), candles(100), 'get after the list that get returned was changed');
    });
  });

  register('methods of the store that call this.get and this.set see values', () =>
    subjects(async (subject) => {
      const { store } = subject;
      const host = store as { get?: unknown; set?: unknown };
      const hasOther = options.calls?.get !== undefined || options.calls?.set !== undefined;
      if (hasOther || typeof host.get !== 'function' || typeof host.set !== 'function') return;
      const seen: unknown[] = [];
      // What a class of the user's own does, which extends the store.
      const own = {
        async remember(this: Subject<Store>['store'], key: string) {
          const plain = this as unknown as { get(key: string): unknown; set(key: string, value: unknown): unknown };
          seen.push(await plain.get(key));
          await plain.set('copy', await plain.get(key));
        },
      };
      await subject.set('key', candles(100));
      await own.remember.call(store, 'key');
      requireSame(seen[0], candles(100), 'this.get within a method');
      requireSame(await subject.get('copy'), candles(100), 'what this.set within a method stored');
    }),
  );

  register('methods that read several keys, or one in another way, hand out values', () =>
    subjects(async (subject) => {
      await subject.set('key', candles(100));
      for (const [name, args] of OTHER_READS) {
        const method = (subject.store as Record<string, unknown>)[name];
        if (typeof method !== 'function') continue;
        const found = await Reflect.apply(method, subject.store, args);
        ensure(!holdsEntry(found), `${name} hands out a stored entry instead of the value`);
      }
    }),
  );
}

/** Ways to read that caches have besides `get`; a loader has nothing to load. */
const OTHER_READS: readonly (readonly [name: string, args: readonly unknown[]])[] = [
  ['peek', ['key']],
  ['getMany', [['key']]],
  ['mget', [['key']]],
  ['getOrSet', ['key', () => 'absent']],
  ['wrap', ['key', () => 'absent']],
  ['remember', ['key', () => 'absent']],
  ['fetch', ['key']],
  ['values', []],
];

/** Looks two levels deep: lists, maps, iterators, records of values. */
function holdsEntry(found: unknown, depth = 0): boolean {
  if (isEncoded(found) && damaged(found) !== found) return true;
  if (depth > 2 || typeof found !== 'object' || found === null || ArrayBuffer.isView(found)) return false;
  const isIterable = typeof (found as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function';
  const parts = isIterable ? [...(found as Iterable<unknown>)] : Object.values(found);
  return parts.some((part) => holdsEntry(part, depth + 1));
}

function isSame(actual: unknown, expected: unknown): boolean {
  try {
    requireSame(actual, expected, '');
    return true;
  } catch {
    return false;
  }
}
