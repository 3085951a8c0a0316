/** BullMQ and ioredis, loaded when a run or a worker is started, and where the queue is. */
import { AtcError } from 'atc-memory';
import { numberShown, reject } from './wanted.js';

/**
 * A URL (`redis://`, or `rediss://` for TLS, with user, password and number of the database), options of ioredis, or a
 * client of it, which the caller closes. A client of a worker needs `maxRetriesPerRequest: null`.
 */
export type RedisConnection = string | object;

/** @throws AtcError UNSUPPORTED where they are not installed. */
export async function loadBullmq(): Promise<typeof import('bullmq')> {
  try {
    const [bullmq] = await Promise.all([import('bullmq'), import('ioredis')]);
    return bullmq;
  } catch (cause) {
    const advice = 'npm install bullmq ioredis';
    throw new AtcError('UNSUPPORTED', `atc-memory/bullmq needs BullMQ and ioredis, which cannot be loaded; ${advice}`, {
      cause,
    });
  }
}

/**
 * ms within which the other end closes a connection that was ended. ioredis waits for it even where the connection is
 * closed already, which keeps the process alive: its own default is two seconds.
 */
const DISCONNECT_MS = 200;

/** As BullMQ takes it: commands wait for a Redis that restarts. @throws AtcError ARGUMENT */
export function connectionOf(connection: RedisConnection): object {
  if (typeof connection === 'string') {
    requireUrl(connection);
    return { url: connection, disconnectTimeout: DISCONNECT_MS, maxRetriesPerRequest: null };
  }
  if (typeof connection !== 'object' || connection === null) {
    rejectConnection('a URL such as redis://host:6379, or options of ioredis, is needed');
  }
  const { keyPrefix, db } = ((connection as { options?: object }).options ?? connection) as {
    readonly keyPrefix?: unknown;
    readonly db?: unknown;
  };
  if (keyPrefix !== undefined && keyPrefix !== '')
    rejectConnection('keyPrefix is not for queues; use the option prefix');
  if (db !== undefined && !(Number.isSafeInteger(db) && (db as number) >= 0)) {
    rejectConnection(`db is ${numberShown(db)}; allowed: whole numbers from 0`);
  }
  if (isClient(connection)) return connection;
  return { disconnectTimeout: DISCONNECT_MS, ...connection, maxRetriesPerRequest: null };
}

/** ms between two attempts to reach a Redis that is away, at most: BullMQ alone would wait for up to 20 s. */
const MOST_RETRY_MS = 1500;

/** Options of a connection that is tried again until it is let go of. */
export interface Link {
  readonly options: object;
  /** A Redis that is away is not tried again: what waits for it fails. */
  letGo(): void;
}

/** A client that the caller made reconnects as the caller has it. */
export function linkOf(redis: object): Link {
  if (isClient(redis)) return { options: redis, letGo: () => undefined };
  const own = (redis as { retryStrategy?: (times: number) => number | null }).retryStrategy;
  const pause = own ?? ((times: number) => Math.min(200 * times, MOST_RETRY_MS));
  let isOver = false;
  const retryStrategy = (times: number) => (isOver ? null : pause(times));
  return { options: { ...redis, retryStrategy }, letGo: () => void (isOver = true) };
}

/** Whether it is a client of ioredis, which belongs to the caller. */
export function isClient(connection: object): boolean {
  return typeof (connection as { duplicate?: unknown }).duplicate === 'function';
}

/** @throws AtcError ARGUMENT for names that BullMQ does not take. */
export function requireQueue(queue: unknown, prefix: unknown): void {
  const isName = (text: unknown) => typeof text === 'string' && text !== '';
  if (!isName(queue) || (queue as string).includes(':')) reject('queue', 'must be a name without a colon');
  if (prefix !== undefined && !isName(prefix)) reject('prefix', 'must be a text that is not empty');
}

function requireUrl(text: string): void {
  // The text itself may hold a password and is not repeated.
  const wrong = (what: string) =>
    rejectConnection(`${what}; such as redis://host:6379 or rediss://user:password@host:6380/0`);
  if (!URL.canParse(text)) wrong('this is no URL');
  const { protocol, pathname, username, password } = new URL(text);
  if (protocol !== 'redis:' && protocol !== 'rediss:') wrong(`the URL of a Redis is needed, got one of ${protocol}`);
  if (!/^(\/\d*)?$/.test(pathname)) wrong('its path is the number of a database');
  try {
    decodeURIComponent(`${username}${password}`);
  } catch {
    wrong('user or password has a percent sign that begins no character (% itself is written %25)');
  }
}

function rejectConnection(what: string): never {
  throw new AtcError('ARGUMENT', `connection: ${what}`, { key: 'connection' });
}

/** Host and port, for messages: never the password. */
export function shownConnection(connection: RedisConnection): string {
  if (typeof connection === 'string') return new URL(connection).host;
  const { options, host, port } = connection as { options?: object; host?: unknown; port?: unknown };
  if (options !== undefined) return shownConnection(options);
  return `${String(host ?? 'localhost')}:${String(port ?? 6379)}`;
}
