/** Receives bytes of a remote file in order, however often the connection is cut on the way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AtcError, isAtcError } from '../errors.js';
import {
  type AnsweredBytes,
  bytesOfAnswer,
  damaged,
  type FileIdentity,
  requireContent,
  TransientFailure,
  type WantedBytes,
} from './answer.js';
import { type Attempt, failureOf, type RemoteClient } from './client.js';
import type { RemoteLocation } from './location.js';

/** Where the bytes go. What its methods throw ends the pull. */
export interface Receiver {
  /** What is known of the file before: the answer has to be of the same content. */
  readonly identity: FileIdentity | undefined;
  /** An answer, before its bytes; they begin at `from`, which is 0 again where the whole file is sent once more. */
  answered(answer: AnsweredBytes): void;
  /** The bytes at an offset in the file; valid during the call. */
  bytes(bytes: Uint8Array, offset: number): void;
}

/** The part that is asked for, and whether less of it will do where the file is shorter. */
export interface WantedPart extends WantedBytes {
  readonly isMost?: boolean;
}

const FIRST_WAIT_MS = 100;
/** After so many bytes a connection that is cut counts as the first failure. */
const PROGRESS_BYTES = 65_536;

/**
 * Requests a part of a file and hands its bytes on; after a cut the request goes on from the byte that was reached.
 *
 * @throws AtcError IO when the server cannot be reached or refuses; CORRUPT when what it sends contradicts itself.
 */
export async function pull(
  client: RemoteClient,
  location: RemoteLocation,
  wanted: WantedPart,
  receiver: Receiver,
  signal?: AbortSignal,
): Promise<void> {
  const progress: Progress = { wanted, next: wanted.from, received: 0 };
  for (let failures = 0; ; ) {
    const before = progress.received;
    const attempt = client.begin(signal);
    try {
      if (await pullOnce(client, location, progress, receiver, attempt)) return;
    } catch (error) {
      client.requireWanted(signal);
      if (!(error instanceof TransientFailure)) throw error;
      failures = progress.received - before >= PROGRESS_BYTES ? 1 : failures + 1;
      if (failures > client.retries) throw failed(location, error, failures);
      const waitMs = Math.max(error.waitMs, FIRST_WAIT_MS * 2 ** (failures - 1) * (0.5 + Math.random() / 2));
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      client.requireWanted(signal);
    } finally {
      attempt.end();
    }
  }
}

interface Progress {
  /** What is still to come: `from` is the next byte. */
  wanted: WantedPart;
  next: number;
  received: number;
}

/** True when all has arrived; false when the server has sent a shorter part than it was asked for. */
async function pullOnce(
  client: RemoteClient,
  location: RemoteLocation,
  progress: Progress,
  receiver: Receiver,
  attempt: Attempt,
): Promise<boolean> {
  const { shown } = location;
  const response = await client.send(location, progress.wanted, receiver.identity, attempt);
  requireContent(response, shown);
  const answer = bytesOfAnswer(response, progress.wanted, shown);
  receiver.answered(answer);
  const end = endOf(answer, progress.wanted, shown);
  progress.next = answer.from;
  progress.wanted = { from: answer.from, to: end };
  const most = answer.to ?? Number.POSITIVE_INFINITY;
  try {
    for await (const bytes of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      attempt.alive();
      client.traffic.bytes += bytes.length;
      progress.received += bytes.length;
      if (progress.next + bytes.length > most) throw damaged(shown, `the server sends more than its ${most} bytes`);
      receiver.bytes(bytes, progress.next);
      progress.next += bytes.length;
      progress.wanted = { from: progress.next, to: end };
    }
  } catch (error) {
    if (isAtcError(error)) throw error;
    throw failureOf(error, attempt, shown);
  }
  if (progress.next < (answer.to ?? progress.next)) throw new TransientFailure('the connection was cut');
  return end === undefined || progress.next >= end;
}

/** Where the part ends that is asked for; undefined for a whole file of unknown length. */
function endOf(answer: AnsweredBytes, { to, isMost }: WantedPart, shown: string): number | undefined {
  if (answer.isWhole) return answer.to;
  const { byteLength } = answer.identity;
  if (to === undefined) return byteLength ?? answer.to;
  if (byteLength === undefined || byteLength >= to) return to;
  if (isMost === true) return byteLength;
  throw damaged(shown, `it has ${byteLength} bytes, at least ${to} were written`);
}

function failed({ shown }: RemoteLocation, cause: TransientFailure, times: number): AtcError {
  const what = `cannot read ${shown}: ${cause.message} (${times} times)`;
  return new AtcError('IO', `${what}; check the URL and the network, then try again`, { path: shown, cause });
}
