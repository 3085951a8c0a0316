/**
 * Bytes of source files in bounded memory: as they are, and with gzip or Zstandard undone. Chunks are valid until the
 * next one.
 */
import { once } from 'node:events';
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import { readChunksAsync } from './chunk-reader.js';
import { ioError, systemCode } from './io-error.js';

export type Bytes = AsyncIterable<Uint8Array>;

/** More than this many times its compressed bytes is no market data: a file made to fill memory or disk. */
const MAX_RATIO = 400;
/** Below this a ratio says nothing. */
const FREE_BYTES = 64 << 20;

/** A file, or standard input where the path is `-`. */
export function fileBytes(path: string, signal?: AbortSignal, onBytes?: (bytes: number) => void): Bytes {
  const chunks = path === '-' ? standardInput(signal) : readChunksAsync(path, { signal });
  return onBytes === undefined ? chunks : counted(chunks, onBytes);
}

async function* counted(chunks: Bytes, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const bytes of chunks) {
    onBytes((done += bytes.byteLength));
    yield bytes;
  }
}

async function* standardInput(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for await (const bytes of process.stdin) {
    signal?.throwIfAborted();
    yield bytes as Uint8Array;
  }
}

/**
 * Several gzip members in one file are one text. CORRUPT for damage, a file cut short, and a bomb. `path` is for
 * messages.
 */
export async function* gunzip(input: Bytes, path: string): AsyncGenerator<Uint8Array> {
  const { createGunzip } = requireNow<typeof import('node:zlib')>('node:zlib');
  yield* throughStream(input, createGunzip(), path, 'gzip');
}

interface ZlibWithZstd {
  readonly createZstdDecompress?: () => import('node:stream').Transform;
}

/** Frames may follow one another. By the runtime (Node 22.15 and later), else by fzstd. */
export async function* unzstd(input: Bytes, path: string): AsyncGenerator<Uint8Array> {
  const { createZstdDecompress } = requireNow<ZlibWithZstd>('node:zlib');
  if (createZstdDecompress !== undefined) yield* throughStream(input, createZstdDecompress(), path, 'Zstandard');
  else yield* unzstdInScript(input, path);
}

async function* unzstdInScript(input: Bytes, path: string): AsyncGenerator<Uint8Array> {
  const { Decompress } = requireNow<typeof import('fzstd')>('fzstd');
  const guard = new RatioGuard(path);
  const waiting: Uint8Array[] = [];
  let isEnded = false;
  const decoder = new Decompress((bytes, final) => {
    if (bytes.length > 0) waiting.push(bytes);
    isEnded = final === true;
  });
  const push = (bytes: Uint8Array, final: boolean) => {
    try {
      decoder.push(bytes, final);
    } catch (cause) {
      throw damaged(path, 'Zstandard', cause);
    }
  };
  for await (const bytes of input) {
    guard.in(bytes.length);
    // It keeps what it is given until the block is whole.
    push(bytes.slice(), false);
    for (const out of waiting.splice(0)) yield guard.out(out);
  }
  push(new Uint8Array(0), true);
  for (const out of waiting.splice(0)) yield guard.out(out);
  if (!isEnded) throw damaged(path, 'Zstandard', undefined);
}

async function* throughStream(
  input: Bytes,
  transform: import('node:stream').Transform,
  path: string,
  kind: string,
): AsyncGenerator<Uint8Array> {
  const guard = new RatioGuard(path);
  let failure: unknown;
  const feed = async () => {
    try {
      for await (const bytes of input) {
        guard.in(bytes.length);
        if (transform.destroyed) return;
        // The chunk is overwritten by the next one.
        if (!transform.write(bytes.slice())) await Promise.race([once(transform, 'drain'), once(transform, 'close')]);
      }
      transform.end();
    } catch (error) {
      failure = error;
      transform.destroy(error as Error);
    }
  };
  const fed = feed();
  fed.catch(() => undefined);
  try {
    for await (const bytes of transform) yield guard.out(bytes as Uint8Array);
    await fed;
  } catch (error) {
    if (failure !== undefined) throw failure;
    const code = systemCode(error) ?? '';
    if (code.startsWith('Z_') || code.startsWith('ZSTD') || code.startsWith('ERR_ZSTD'))
      throw damaged(path, kind, error);
    if (/unexpected end|premature/i.test((error as Error).message)) throw damaged(path, kind, error);
    throw ioError(error, 'read', path);
  } finally {
    transform.destroy();
  }
}

function damaged(path: string, kind: string, cause: unknown): AtcError {
  return new AtcError('CORRUPT', `${path} is not a whole ${kind} file; download or copy it again`, { path, cause });
}

/** Refuses a stream that grows beyond any ratio of market data. */
export class RatioGuard {
  #in = 0;
  #out = 0;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  in(bytes: number): void {
    this.#in += bytes;
  }

  out(bytes: Uint8Array): Uint8Array {
    this.#out += bytes.length;
    if (this.#out > FREE_BYTES && this.#out > MAX_RATIO * this.#in) {
      const what = `it unpacks to more than ${MAX_RATIO} times its size, which no market data does`;
      throw new AtcError('CORRUPT', `${this.#path}: ${what}; unpack it by hand if you trust it`, { path: this.#path });
    }
    return bytes;
  }
}
