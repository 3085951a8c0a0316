/** BullMQ and ioredis, loaded when a run or a worker is started, and the connection to Redis. */
import { AtcError } from 'atc-memory';

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

/** As BullMQ takes it: commands wait for a Redis that restarts. */
export function connectionOf(connection: RedisConnection): object {
  if (typeof connection === 'string') {
    requireUrl(connection);
    return { url: connection, disconnectTimeout: DISCONNECT_MS, maxRetriesPerRequest: null };
  }
  if (typeof connection !== 'object' || connection === null) {
    throw new AtcError('ARGUMENT', 'connection: a URL such as redis://host:6379, or options of ioredis, is needed', {
      key: 'connection',
    });
  }
  const isClient = typeof (connection as { duplicate?: unknown }).duplicate === 'function';
  return isClient ? connection : { disconnectTimeout: DISCONNECT_MS, ...connection, maxRetriesPerRequest: null };
}

function requireUrl(text: string): void {
  // The text itself may hold a password and is not repeated.
  const reject = (what: string) => {
    const message = `connection: ${what}; such as redis://host:6379 or rediss://user:password@host:6380/0`;
    throw new AtcError('ARGUMENT', message, { key: 'connection' });
  };
  if (!URL.canParse(text)) reject('this is no URL');
  const { protocol } = new URL(text);
  if (protocol !== 'redis:' && protocol !== 'rediss:') reject(`the URL of a Redis is needed, got one of ${protocol}`);
}

/** Host and port, for messages: never the password. */
export function shownConnection(connection: RedisConnection): string {
  if (typeof connection === 'string') return new URL(connection).host;
  const { options, host, port } = connection as { options?: object; host?: unknown; port?: unknown };
  if (options !== undefined) return shownConnection(options);
  return `${String(host ?? 'localhost')}:${String(port ?? 6379)}`;
}

/** ms within which a Redis has to answer at the start; later on it may be away for as long as it likes. */
const FIRST_ANSWER_MS = 10_000;

/** @throws AtcError IO where no Redis answers. */
export async function requireRedis(ready: Promise<unknown>, connection: RedisConnection): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const advice = 'check the address, the password and that it runs';
      reject(new AtcError('IO', `no Redis answers at ${shownConnection(connection)}; ${advice}`));
    }, FIRST_ANSWER_MS);
  });
  try {
    await Promise.race([ready, late]);
  } catch (cause) {
    if (cause instanceof AtcError) throw cause;
    const reason = (cause as Error).message;
    throw new AtcError('IO', `the Redis at ${shownConnection(connection)} cannot be used: ${reason}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
