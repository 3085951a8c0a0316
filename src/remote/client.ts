/** Sends requests to one server or bucket: credentials, redirects, time limits, and a count of all that is sent. */
import { AtcError } from '../errors.js';
import { emitMemoryEvent } from '../events.js';
import { type RemoteAccess, requireAccess } from './access.js';
import { type FileIdentity, rangeHeader, TransientFailure, type WantedBytes } from './answer.js';
import type { RemoteLocation } from './location.js';
import { causeOf } from './network-failure.js';
import { httpUrlOf, signed } from './signing.js';

/** What has been sent over the network so far. */
export interface RemoteTraffic {
  /** Requests, repeated ones included. */
  readonly requests: number;
  /** Bytes of bodies that arrived. */
  readonly bytes: number;
  /** Bytes that a cache had, so that they were not asked for again. */
  readonly cached: number;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** The code of the warning about a server without ranges, for `process.on('warning')` and `--disable-warning`. */
const WARNING = 'ATC_NO_RANGES';

/** One try of a request: its signal aborts when nothing has arrived for too long. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** Something has arrived. */
  alive(): void;
  /** Ends it, and what is still to come of the body. */
  end(): void;
  readonly timedOut: boolean;
}

export class RemoteClient {
  readonly traffic = { requests: 0, bytes: 0, cached: 0 };
  readonly retries: number;
  readonly #timeoutMs: number;
  readonly #access: RemoteAccess;
  readonly #closing = new AbortController();
  #isReported = false;

  /** ARGUMENT for wrong options. */
  constructor(access: RemoteAccess = {}) {
    requireAccess(access);
    const { timeoutMs = 30_000, retries = 4 } = access;
    this.retries = retries;
    this.#timeoutMs = timeoutMs;
    this.#access = access;
  }

  /** Requests under way are given up; later ones are CLOSED. */
  close(): void {
    this.#closing.abort(new AtcError('CLOSED', 'the remote dataset is closed; open it again to use it'));
  }

  begin(signal: AbortSignal | undefined): Attempt {
    const own = new AbortController();
    let timedOut = false;
    const arm = () =>
      setTimeout(() => {
        timedOut = true;
        own.abort();
      }, this.#timeoutMs);
    let timer = arm();
    const all = [own.signal, this.#closing.signal, ...(signal === undefined ? [] : [signal])];
    return {
      signal: AbortSignal.any(all),
      alive: () => {
        clearTimeout(timer);
        timer = arm();
      },
      end: () => {
        clearTimeout(timer);
        own.abort();
      },
      get timedOut() {
        return timedOut;
      },
    };
  }

  /** Throws the reason of the caller's signal, or CLOSED, where either is why an attempt has ended. */
  requireWanted(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
  }

  /** The answer to a GET, redirects followed; a server that cannot be reached is a TransientFailure. */
  async send(
    location: RemoteLocation,
    wanted: WantedBytes,
    identity: FileIdentity | undefined,
    attempt: Attempt,
  ): Promise<Response> {
    const first = httpUrlOf(location, this.#access.s3);
    let url = first;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#sendOnce(location, url, url.origin === first.origin, wanted, identity, attempt);
      const target = response.headers.get('location');
      if (!REDIRECTS.includes(response.status) || target === null) return response;
      await response.body?.cancel();
      url = this.#redirected(location, url, target, redirects);
    }
  }

  async #sendOnce(
    location: RemoteLocation,
    url: URL,
    isOwn: boolean,
    wanted: WantedBytes,
    identity: FileIdentity | undefined,
    attempt: Attempt,
  ): Promise<Response> {
    const range = rangeHeader(wanted);
    // A compressed transfer would have other offsets; fetch itself says so with a range.
    let headers = new Headers(range === undefined ? { 'accept-encoding': 'identity' } : { range });
    const etag = identity?.etag;
    if (range !== undefined && etag !== undefined && !etag.startsWith('W/')) headers.set('if-range', etag);
    if (isOwn) {
      if (location.authorization !== undefined) headers.set('authorization', location.authorization);
      for (const [name, value] of Object.entries(this.#access.headers ?? {})) headers.set(name, value);
      if (location.url.protocol === 's3:') headers = await signed(url, headers, this.#access.s3);
    }
    this.traffic.requests += 1;
    try {
      return await fetch(url, { headers, signal: attempt.signal, redirect: 'manual' });
    } catch (cause) {
      throw failureOf(cause, attempt, location.shown);
    }
  }

  #redirected(location: RemoteLocation, from: URL, target: string, redirects: number): URL {
    const fail = (what: string) =>
      new AtcError('IO', `cannot read ${location.shown}: ${what}`, { path: location.shown });
    if (redirects >= MAX_REDIRECTS) throw fail(`it is redirected more than ${MAX_REDIRECTS} times`);
    let to: URL;
    try {
      to = new URL(target, from);
    } catch {
      throw fail('it is redirected to what is no URL');
    }
    if (!/^https?:$/.test(to.protocol)) throw fail(`it is redirected to ${to.protocol}`);
    if (from.protocol === 'https:' && to.protocol !== 'https:') throw fail('it is redirected from https to http');
    to.username = '';
    to.password = '';
    return to;
  }

  /** Reports once that whole files are read because the server knows no ranges. */
  reportNoRanges(location: RemoteLocation): void {
    if (this.#isReported) return;
    this.#isReported = true;
    const reason = `${location.origin} does not send ranges of files: every file that is needed is read whole, once`;
    process.emitWarning(`${reason}; a server with Range requests sends the blocks that are asked for`, {
      type: 'AtcWarning',
      code: WARNING,
    });
    emitMemoryEvent('fallback', { service: location.origin, reason });
  }
}

/** What a request under way failed with: an AtcError where no repetition would help. */
export function failureOf(cause: unknown, { timedOut }: Attempt, shown: string): Error {
  if (timedOut) return new TransientFailure('nothing has arrived for too long', 0, { cause });
  const { text, isFinal } = causeOf(cause);
  if (!isFinal) return new TransientFailure(text, 0, { cause });
  return new AtcError('IO', `cannot read ${shown}: ${text}`, { path: shown, cause });
}
