/**
 * The host's other bulk storage: `Cache.file` and `Interval.file` keep what functions returned by bucket and key, in a
 * JSON file each. Here they are entries of a directory: encoded, checked, shared by processes. What the host has stored
 * before is still read.
 */
import path from 'node:path';
import { EntryDirectory, isAtcError } from 'atc-memory';
import type { BucketKind, BucketRow, HostBucket, HostBucketConstructor } from './host.js';
import type { BacktestKitSettings } from './settings.js';

/** Rows of one bucket, in ours and, as far as they are not there, in the host's files. */
class Bucket {
  readonly #entries: EntryDirectory;
  readonly #prefix: string;
  readonly #host: HostRows | undefined;

  constructor(entries: EntryDirectory, bucket: string, host: HostRows | undefined) {
    this.#entries = entries;
    // A bucket's name may hold anything; its length says where it ends.
    this.#prefix = `${bucket.length}:${bucket}:`;
    this.#host = host;
  }

  async read(key: string): Promise<BucketRow | null> {
    const own = await this.#own(key);
    if (own !== undefined) return own.removed ? null : own;
    return (await this.#host?.read(key)) ?? null;
  }

  async write(row: BucketRow, key: string): Promise<void> {
    try {
      await this.#entries.set(this.#prefix + key, row);
    } catch (error) {
      if (!isAtcError(error, 'UNSUPPORTED')) throw error;
      // A class instance, say: the host would store what JSON makes of it.
      await this.#entries.set(this.#prefix + key, JSON.parse(JSON.stringify(row)));
    }
  }

  /** As the host does it: the row stays, marked; so the host's row of that key stays out of sight too. */
  async remove(key: string): Promise<void> {
    const row = await this.read(key);
    if (row !== null) await this.write({ ...row, removed: true }, key);
  }

  async *list(): AsyncGenerator<string> {
    const seen = new Set<string>();
    for await (const { key, value } of this.#entries.entries(this.#prefix)) {
      const name = key.slice(this.#prefix.length);
      seen.add(name);
      if (!(value as BucketRow).removed) yield name;
    }
    for await (const key of this.#host?.list() ?? []) if (!seen.has(key)) yield key;
  }

  async #own(key: string): Promise<BucketRow | undefined> {
    return (await this.#entries.get(this.#prefix + key))?.value as BucketRow | undefined;
  }
}

/** The host's own rows of a bucket, which it looks for when they are asked for. */
class HostRows {
  readonly #kind: BucketKind;
  readonly #instance: HostBucket;
  #ready: Promise<void> | undefined;

  constructor(kind: BucketKind, instance: HostBucket) {
    this.#kind = kind;
    this.#instance = instance;
  }

  async read(key: string): Promise<BucketRow | null> {
    await (this.#ready ??= this.#instance.waitForInit(true));
    return this.#instance[`read${this.#kind}Data`](key) as Promise<BucketRow | null>;
  }

  async *list(): AsyncGenerator<string> {
    await (this.#ready ??= this.#instance.waitForInit(true));
    yield* this.#instance[`list${this.#kind}Data`]() as AsyncGenerator<string>;
  }
}

/**
 * The constructor that the host is given for one kind of buckets; its methods carry the kind in their names.
 * `HostInstance` is the host's own.
 */
export function bucketInstance(
  settings: BacktestKitSettings,
  kind: BucketKind,
  HostInstance: HostBucketConstructor,
): HostBucketConstructor {
  const folder = kind.toLowerCase();
  const open = (name: string): Bucket => {
    const directory = path.resolve(path.dirname(settings.directory), `${folder}-atc`);
    const { level, algorithm, durability, service } = settings.store;
    const entries = new EntryDirectory({ directory, level, algorithm, durability, service, legacy: false });
    const host = settings.legacy === false ? undefined : new HostRows(kind, new HostInstance(name));
    return new Bucket(entries, name, host);
  };
  return class AtcBucketInstance {
    constructor(name: string) {
      const bucket = open(name);
      Object.assign(this, {
        [`read${kind}Data`]: (key: string) => bucket.read(key),
        [`write${kind}Data`]: (row: BucketRow, key: string) => bucket.write(row, key),
        [`remove${kind}Data`]: (key: string) => bucket.remove(key),
        [`list${kind}Data`]: () => bucket.list(),
      });
    }
    /** Nothing to do: entries are looked up when they are asked for. */
    async waitForInit(_initial: boolean): Promise<void> {}
  } as unknown as HostBucketConstructor;
}
