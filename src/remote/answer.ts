/** What a server answers to a GET of some bytes, checked before a byte of it is believed. */
import { AtcError, isAtcError } from '../errors.js';

/** Bytes [from, to) of a file; without `to` up to its end, with `last` instead that many from its end. */
export interface WantedBytes {
  readonly from: number;
  readonly to?: number;
  readonly last?: number;
}

/** What identifies the content of a remote file, as far as its server says. */
export interface FileIdentity {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Of the whole file; undefined where the server does not say. */
  readonly byteLength: number | undefined;
}

/** Where the bytes of an answer belong. */
export interface AnsweredBytes {
  readonly from: number;
  /** Undefined for a whole file of unknown length. */
  readonly to: number | undefined;
  /** The server has sent the whole file although a part was asked for. */
  readonly isWhole: boolean;
  readonly identity: FileIdentity;
}

/** An answer after which the same request may succeed. */
export class TransientFailure extends Error {
  constructor(
    message: string,
    readonly waitMs = 0,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The cause of an error about an answer that has no content. */
class Refusal extends Error {
  constructor(readonly status: number) {
    super(`the server answered ${status}`);
  }
}

/** The status for which a file could not be read; undefined for any other error. */
export function refusedStatus(error: unknown): number | undefined {
  return isAtcError(error, 'IO') && error.cause instanceof Refusal ? error.cause.status : undefined;
}

const TRANSIENT = [408, 425, 429, 500, 502, 503, 504];
/** The longest that a server can make a caller wait (Retry-After): one that asks for more is not asked again. */
const MAX_WAIT_MS = 60_000;

/** Throws what the status means, unless it is 200 or 206. */
export function requireContent(response: Response, shown: string): void {
  const { status } = response;
  if (status === 200 || status === 206) return;
  if (TRANSIENT.includes(status)) {
    const waitMs = waitOf(response.headers.get('retry-after') ?? '');
    const cause = new Refusal(status);
    if (waitMs <= MAX_WAIT_MS) throw new TransientFailure(cause.message, waitMs, { cause });
    const what = `${cause.message} and asks for a pause of ${Math.ceil(waitMs / 1000)} s; try again after it`;
    throw new AtcError('IO', `cannot read ${shown}: ${what}`, { path: shown, cause });
  }
  if (status === 416) {
    throw damaged(shown, 'it is shorter than it was written (416)');
  }
  const region = response.headers.get('x-amz-bucket-region') ?? '';
  const where = /^[\w-]+$/.test(region)
    ? `; the bucket is in the region ${region} (AWS_REGION, or region of \`s3\`)`
    : '';
  const reason: Readonly<Record<number, string>> = {
    401: 'it asks for credentials (401): user and password in the URL, `headers`, or `s3`',
    403: 'access is refused (403): check the credentials and whether the file is there',
    404: 'there is no such file (404); check the URL',
    410: 'it has been deleted (410)',
  };
  const cause = new Refusal(status);
  const text = reason[status] ?? `${cause.message}, which is no content${where}`;
  throw new AtcError('IO', `cannot read ${shown}: ${text}`, { path: shown, cause });
}

/** ms until a request may be repeated: Retry-After has seconds, or a date. */
function waitOf(retryAfter: string): number {
  const seconds = Number(retryAfter);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

/** Where the bytes of a 200 or 206 belong. CORRUPT for an answer that contradicts the request or itself. */
export function bytesOfAnswer(response: Response, wanted: WantedBytes, shown: string): AnsweredBytes {
  const { headers } = response;
  const etag = headers.get('etag') ?? undefined;
  const lastModified = headers.get('last-modified') ?? undefined;
  const encoded = !['', 'identity'].includes((headers.get('content-encoding') ?? '').trim().toLowerCase());
  // Of encoded content it is the length on the wire.
  const contentLength = encoded ? undefined : lengthOf(headers.get('content-length'), shown);
  if (response.status === 200) {
    const identity = { etag, lastModified, byteLength: contentLength };
    return { from: 0, to: contentLength, isWhole: true, identity };
  }
  // Bytes of a compressed form of the file are of no use.
  if (encoded) throw damaged(shown, 'the server sends a range of a compressed form of it (Content-Encoding)');
  const text = headers.get('content-range') ?? '';
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(text.trim());
  if (match === null) throw damaged(shown, `the server sends a range without saying which (Content-Range "${text}")`);
  const from = Number(match[1]);
  const to = Number(match[2]) + 1;
  const byteLength = match[3] === '*' ? undefined : Number(match[3]);
  const asked = askedOf(wanted, byteLength);
  const isAsked = asked !== undefined && from === asked.from && to > from && to <= asked.to;
  if (!isAsked || (byteLength !== undefined && to > byteLength)) {
    throw damaged(shown, `asked for ${textOf(wanted)}, the server sends "${text}"`);
  }
  if (contentLength !== undefined && contentLength !== to - from) {
    throw damaged(shown, `the server sends "${text}" in ${contentLength} bytes`);
  }
  return { from, to, isWhole: false, identity: { etag, lastModified, byteLength } };
}

/** CORRUPT when what is known of a file has changed since. */
export function requireUnchanged(before: FileIdentity, now: FileIdentity, shown: string): void {
  const names = ['etag', 'byteLength', 'lastModified'] as const;
  const differs = names.find(
    (name) => before[name] !== undefined && now[name] !== undefined && before[name] !== now[name],
  );
  if (differs === undefined) return;
  const of = { etag: 'ETag', byteLength: 'length', lastModified: 'Last-Modified' }[differs];
  const what = `${shown} has changed while it was read (${of} ${before[differs]}, now ${now[differs]})`;
  throw new AtcError('CORRUPT', `${what}; open the dataset again`, { path: shown });
}

/** A server, or something between here and there, that contradicts itself. */
export function damaged(shown: string, what: string): AtcError {
  return new AtcError('CORRUPT', `cannot use ${shown}: ${what}; restore the file, or check its server and proxies`, {
    path: shown,
  });
}

/** The value of the header `Range`. */
export function rangeHeader({ from, to, last }: WantedBytes): string | undefined {
  if (last !== undefined) return `bytes=-${last}`;
  if (from === 0 && to === undefined) return undefined;
  return `bytes=${from}-${to === undefined ? '' : to - 1}`;
}

function askedOf({ from, to, last }: WantedBytes, byteLength: number | undefined) {
  if (last === undefined) return { from, to: to ?? Number.POSITIVE_INFINITY };
  return byteLength === undefined ? undefined : { from: Math.max(0, byteLength - last), to: byteLength };
}

function textOf({ from, to, last }: WantedBytes): string {
  return last === undefined ? `bytes ${from} to ${to ?? 'the end'}` : `the last ${last} bytes`;
}

function lengthOf(text: string | null, shown: string): number | undefined {
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text.trim())) throw damaged(shown, `its Content-Length is "${text}"`);
  return Number(text);
}
