/** Directories written by the packages people come from, with the packages themselves. */
import { DiskStore } from 'cache-manager-fs-hash';
import { Keyv } from 'keyv';
import { KeyvFile } from 'keyv-file';
import { candles } from '../services/stores/sample-values.js';

/** What JSON keeps: what these caches give back themselves is what they were given. */
export const JSON_VALUES: Readonly<Record<string, unknown>> = {
  'candles:BTC': candles(200),
  settings: { depth: 20, pairs: ['BTC', 'ETH'], none: null },
  text: 'trend '.repeat(50),
  'a text with a colon': ':x',
  number: -1.5,
  no: false,
  'hostile ../../key': { deep: { deeper: [1, [2, [3]]] } },
};

/** What cache-manager-fs-hash keeps besides. */
export const FS_HASH_VALUES: Readonly<Record<string, unknown>> = {
  ...JSON_VALUES,
  infinite: [Infinity, -Infinity],
  map: new Map([['a', [1, 2]]]),
  set: new Set([1, 'x']),
  regexp: /a+/g,
  bigint: { big: 2n ** 70n },
  'small buffer': Buffer.from('bytes'),
  'large buffers': { first: Buffer.alloc(5000, 'ab'), second: Buffer.alloc(3000, 'cd') },
  ema: Float64Array.from({ length: 300 }, (_, i) => Math.sqrt(i)),
  ints: BigInt64Array.from([1n, -1n]),
};

export interface ForeignCache {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, ttlMs?: number): Promise<unknown>;
}

export interface Foreign {
  readonly values: Readonly<Record<string, unknown>>;
  /** Namespace of the Keyv that takes over; '' where the former cache put nothing in front of keys. */
  readonly namespace: string;
  /** The former cache over a directory; each call is a new process, as far as it knows. */
  open(directory: string): ForeignCache;
}

const fsHash = (options: object): Foreign => ({
  values: FS_HASH_VALUES,
  namespace: '',
  open: (path) => new DiskStore({ path, ...options }) as ForeignCache,
});

export const FOREIGN: Readonly<Record<string, Foreign>> = {
  'cache-manager-fs-hash': fsHash({}),
  'cache-manager-fs-hash, zip': fsHash({ zip: true }),
  'cache-manager-fs-hash, flat': fsHash({ subdirs: false }),
  'cache-manager-fs-hash, names from keys': fsHash({ hash: false }),
  'Keyv over cache-manager-fs-hash': {
    values: JSON_VALUES,
    namespace: 'keyv',
    open: (path) => new Keyv({ store: new DiskStore({ path, zip: true }) }),
  },
  'keyv-file': {
    values: JSON_VALUES,
    namespace: 'keyv',
    open: (directory) => new Keyv({ store: new KeyvFile({ filename: `${directory}/default.json`, writeDelay: 1 }) }),
  },
  'keyv-file, separated': {
    values: JSON_VALUES,
    namespace: 'keyv',
    open: (directory) => new Keyv({ store: new KeyvFile({ filename: directory, separatedFile: true }) }),
  },
  'keyv-file without Keyv': {
    values: JSON_VALUES,
    namespace: '',
    open: (directory) => new KeyvFile({ filename: `${directory}/cache.json`, writeDelay: 1 }) as ForeignCache,
  },
};

export async function fill(foreign: Foreign, directory: string): Promise<void> {
  const cache = foreign.open(directory);
  for (const [key, value] of Object.entries(foreign.values)) await cache.set(key, value);
}
