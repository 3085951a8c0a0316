/** Asks a Redis, before jobs are added or taken, whether it can be used, and puts what it refuses into words. */
import { AtcError } from 'atc-memory';
import type { Redis } from 'ioredis';
import { connectionOf, isClient, type RedisConnection, shownConnection } from './host.js';

/** ms within which a Redis has to answer at the start; later on it may be away for as long as it likes. */
const FIRST_ANSWER_MS = 10_000;
/** Answers of a Redis that starts, or hands over to another one: it is asked again. */
const PASSING = /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|READONLY|UNKILLABLE|NOREPLICAS)\b/;
/** The code of the warning about a Redis that deletes jobs, for `process.on('warning')`. */
const EVICTION_WARNING = 'ATC_REDIS_EVICTION';

/**
 * @throws AtcError IO where no Redis answers, or where it refuses the password, the user or the database; the signal's
 * reason when it is aborted meanwhile.
 */
export async function requireRedis(connection: RedisConnection, signal?: AbortSignal): Promise<void> {
  const { Redis } = await import('ioredis');
  const own = isClient(connection as object) ? undefined : ownClient(Redis, connectionOf(connection));
  const client = own ?? (connection as Redis);
  const shown = shownConnection(connection);
  let last: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  let onError = (_: Error) => {};
  let onAbort = () => {};
  const refused = new Promise<never>((_, fail) => {
    onError = (error) => {
      last = error;
      if (isAnswer(error) && !PASSING.test(error.message)) fail(redisFailure(error, shown));
    };
    onAbort = () => fail(signal?.reason);
    timer = setTimeout(() => fail(noAnswer(shown, last)), FIRST_ANSWER_MS);
  });
  signal?.addEventListener('abort', onAbort, { once: true });
  client.on('error', onError);
  try {
    const facts = await Promise.race([client.info(), refused]);
    if (/^role:slave/m.test(facts)) throw replica(shown);
    warnOfEviction(facts, shown);
  } catch (error) {
    throw error instanceof AtcError || signal?.aborted === true ? error : redisFailure(error as Error, shown);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    clearTimeout(timer);
    client.off('error', onError);
    if (own !== undefined) {
      own.on('error', () => undefined);
      own.disconnect();
    }
  }
}

function replica(shown: string): AtcError {
  return new AtcError('IO', `the Redis at ${shown} is a replica, which takes no jobs; name the primary`);
}

function ownClient(Client: typeof Redis, { url, ...options }: { readonly url?: string }): Redis {
  const asked = { ...options, retryStrategy: () => 200 };
  return url === undefined ? new Client(asked) : new Client(url, asked);
}

function noAnswer(shown: string, last: Error | undefined): AtcError {
  const { code, message } = (last ?? {}) as { readonly code?: string; readonly message?: string };
  const reason = last === undefined ? '' : ` (${code ?? message})`;
  const advice = 'check the address, whether it wants TLS (rediss://), and that it runs';
  return new AtcError('IO', `no Redis answers at ${shown}${reason}; ${advice}`, { cause: last });
}

/** Whether Redis itself has answered so, with a code in capitals. */
export function isAnswer({ message, name }: Error): boolean {
  return name === 'ReplyError' || /^[A-Z]{3,}[A-Z0-9]* /.test(message);
}

const ADVICE: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/^(NOAUTH|WRONGPASS)|AUTH/, 'check user and password (redis://user:password@host)'],
  [/^NOPERM/, 'give the user the rights of a queue: all commands on its keys'],
  [/DB index/, 'check the number of the database at the end of the URL'],
  [
    /^(OOM|MISCONF)/,
    'give it more memory or disk (maxmemory, noeviction), or results a shared directory (--shared-dir)',
  ],
  [/^READONLY/, 'name the primary: this is a replica'],
];

/** What a command of the queue was answered. Messages of Redis hold no password. */
function redisFailure(cause: Error, shown: string): AtcError {
  const [, advice = 'check its log'] = ADVICE.find(([pattern]) => pattern.test(cause.message)) ?? [];
  return new AtcError('IO', `the Redis at ${shown} refuses: ${cause.message.split('\n')[0]}; ${advice}`, { cause });
}

/** Whether the same command may succeed later: Redis starts, or hands over to another one. */
export function isPassing(error: unknown): boolean {
  return PASSING.test(String((error as Error)?.message));
}

/** What a run ends with: errors of Redis as IO, all others as they are. */
export function asFailure(error: unknown, connection: RedisConnection): unknown {
  const isReply = error instanceof Error && error.name === 'ReplyError';
  return isReply ? redisFailure(error, shownConnection(connection)) : error;
}

function warnOfEviction(facts: string, shown: string): void {
  const policy = /^maxmemory_policy:(\S+)/m.exec(facts)?.[1];
  if (policy === undefined || policy === 'noeviction') return;
  const what = `the Redis at ${shown} has maxmemory-policy ${policy}: when it is full it deletes jobs and results`;
  process.emitWarning(`${what}, and the run takes longer or fails; set it to noeviction`, {
    type: 'AtcWarning',
    code: EVICTION_WARNING,
  });
}
