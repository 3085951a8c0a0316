/** How servers and buckets are reached: options of callers, checked before anything is sent. */
import { AtcError, shown } from '../errors.js';
import { requireS3Access, type S3Access } from './signing.js';

/** How remote files are reached. */
export interface RemoteAccess {
  /** Sent with every request to the host of the URL, `Authorization` say; never to a host that it redirects to. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Endpoint, region and credentials of `s3://`. Default: the environment variables of the AWS tools. */
  readonly s3?: S3Access;
  /** ms without a byte after which a request is given up and repeated. Default 30,000; at most 24 days. */
  readonly timeoutMs?: number;
  /** How often in a row a request may fail (network, 429, 5xx) before the read does, with growing waits. Default 4. */
  readonly retries?: number;
}

export const ACCESS_OPTIONS = ['headers', 's3', 'timeoutMs', 'retries'] as const;

/** What a timer of Node holds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** @throws AtcError ARGUMENT for wrong options. Values of headers, which may be secrets, are not repeated. */
export function requireAccess({ headers, s3, timeoutMs, retries }: RemoteAccess): void {
  requireBetween(timeoutMs, 1, MAX_TIMEOUT_MS, 'timeoutMs');
  requireBetween(retries, 0, Number.MAX_SAFE_INTEGER, 'retries');
  requireHeaders(headers);
  requireS3Access(s3);
}

function requireHeaders(headers: unknown): void {
  if (headers === undefined) return;
  const reject = (what: string) => {
    throw new AtcError('ARGUMENT', `headers ${what}; they look like { authorization: 'Bearer …' }`, { key: 'headers' });
  };
  const kind = Object.prototype.toString.call(headers);
  if (kind !== '[object Object]') reject(`must be an object of names and texts, got ${shown(headers)}`);
  for (const [name, value] of Object.entries(headers as object)) {
    if (typeof value !== 'string') reject(`has no text under ${shown(name)}, but ${shown(value)}`);
    try {
      // Its own message has the value.
      void new Headers([[name, value]]);
    } catch {
      reject(
        `has a name or a value under ${shown(name)} that HTTP does not allow (control characters, others than Latin-1)`,
      );
    }
  }
}

function requireBetween(value: unknown, least: number, most: number, key: string): void {
  if (value === undefined) return;
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw new AtcError('ARGUMENT', `${key} is ${shown(value)}; allowed: numbers from ${least} to ${most}`, { key });
}
