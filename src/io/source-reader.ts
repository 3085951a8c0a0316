/** Source files as pieces of bytes, in bounded memory; gzip is undone on the way. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';
import { readChunksAsync } from './chunk-reader.js';
import { ioError, systemCode } from './io-error.js';

export interface SourceReaderOptions {
  readonly signal?: AbortSignal;
  /** Bytes of the file taken in, after every piece: of a compressed file the compressed ones. */
  readonly onBytes?: (bytes: number) => void;
}

/** Pieces cut anywhere; each is valid until the next one is asked for. CORRUPT for a damaged gzip file. */
export async function* readSourceAsync(
  path: string,
  { signal, onBytes }: SourceReaderOptions = {},
): AsyncGenerator<Uint8Array> {
  if (isGzip(path)) {
    yield* gunzip(path, signal, onBytes);
    return;
  }
  let done = 0;
  for await (const bytes of readChunksAsync(path, { signal })) {
    done += bytes.byteLength;
    onBytes?.(done);
    yield bytes;
  }
}

function isGzip(path: string): boolean {
  return path.toLowerCase().endsWith('.gz');
}

async function* gunzip(
  path: string,
  signal: AbortSignal | undefined,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  const { PassThrough } = requireNow<typeof import('node:stream')>('node:stream');
  const { pipeline } = requireNow<typeof import('node:stream/promises')>('node:stream/promises');
  const { createGunzip } = requireNow<typeof import('node:zlib')>('node:zlib');
  const input = createReadStream(path);
  const output = new PassThrough();
  // The pipeline's failure also destroys `output`, which rejects the iteration below; awaited so that it is never unhandled.
  const done = pipeline(input as Readable, createGunzip(), output, { signal });
  done.catch(() => undefined);
  try {
    for await (const chunk of output) {
      onBytes?.(input.bytesRead);
      yield chunk as Uint8Array;
    }
    await done;
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    if (systemCode(cause)?.startsWith('Z_')) {
      throw new AtcError('CORRUPT', `${path} is not a whole gzip file; download or copy it again`, { path, cause });
    }
    throw ioError(cause, 'read', path);
  }
}
