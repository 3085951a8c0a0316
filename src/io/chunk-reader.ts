/** Sequential reading of a file of any size, or of a pipe, in bounded memory. */
import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AtcError } from '../errors.js';
import { attempt, attemptAsync } from './io-error.js';

/** Large enough that system calls vanish beside parsing, small enough to stay in the processor's cache. */
const CHUNK_BYTES = 1024 * 1024;

export interface ChunkOptions {
  /** Longest chunk in bytes, default 1 MiB. */
  readonly chunkBytes?: number;
}

/** Chunks of a file, in order. The array is reused: it is valid until the next chunk is asked for. */
export function* readChunks(
  path: string,
  { chunkBytes = CHUNK_BYTES }: ChunkOptions = {},
): Generator<Uint8Array, void> {
  const descriptor = attempt('open', path, () => openSync(path, 'r'));
  try {
    const buffer = new Uint8Array(checkChunkBytes(chunkBytes));
    for (;;) {
      const count = attempt('read', path, () => readSync(descriptor, buffer, 0, chunkBytes, null));
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The same without blocking the event loop; stops with the signal's own reason between two chunks. Two buffers, so that
 * the next chunk is read while this one is parsed; each is valid until the next chunk is asked for.
 */
export async function* readChunksAsync(
  path: string,
  { chunkBytes = CHUNK_BYTES, signal }: ChunkOptions & { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Uint8Array, void> {
  signal?.throwIfAborted();
  checkChunkBytes(chunkBytes);
  const handle = await attemptAsync('open', path, () => open(path, 'r'));
  const length = await bufferLength(handle, chunkBytes);
  const buffers = [new Uint8Array(length), new Uint8Array(length)];
  const next = (turn: number) => {
    const read = attemptAsync('read', path, async () => (await handle.read(buffers[turn], 0, length, null)).bytesRead);
    // It is awaited only when the consumer asks again: until then a failure must not count as unhandled.
    read.catch(() => undefined);
    return read;
  };
  let ahead = next(0);
  try {
    for (let turn = 0; ; turn = 1 - turn) {
      const count = await ahead;
      if (count === 0) return;
      signal?.throwIfAborted();
      ahead = next(1 - turn);
      yield buffers[turn].subarray(0, count);
      signal?.throwIfAborted();
    }
  } finally {
    // A read may still be under way when the consumer stops early: the descriptor must outlive it.
    await ahead.catch(() => 0);
    await handle.close();
  }
}

/** A folder of thousands of small files would clear gigabytes for buffers of whole chunks. */
async function bufferLength(handle: FileHandle, chunkBytes: number): Promise<number> {
  // Pipes and devices have no size; what cannot be asked for it is refused where it is read.
  const size = await handle.stat().then(
    (stat) => stat.size,
    () => 0,
  );
  return size === 0 ? chunkBytes : Math.min(chunkBytes, size + 1);
}

function checkChunkBytes(chunkBytes: number): number {
  if (Number.isSafeInteger(chunkBytes) && chunkBytes > 0 && chunkBytes <= 2 ** 30) return chunkBytes;
  throw new AtcError('ARGUMENT', `chunkBytes must be a whole number between 1 and 2^30, got ${chunkBytes}`);
}
