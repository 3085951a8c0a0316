/** Text files as pieces of text, in bounded memory; gzip is undone on the way. */
import { createReadStream } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AtcError } from '../errors.js';
import { readChunksAsync } from './chunk-reader.js';
import { ioError, systemCode } from './io-error.js';

/** UTF-8 text cut anywhere, but never within a character. CORRUPT for bytes that are not UTF-8 or a damaged gzip stream. */
export async function* readTextAsync(
  path: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw new AtcError('CORRUPT', `${path} is not UTF-8 text; convert it, or name a text file`, { path, cause });
    }
  };
  for await (const bytes of isGzip(path) ? gunzip(path, signal) : readChunksAsync(path, { signal })) {
    const text = decode(bytes);
    if (text !== '') yield text;
  }
  const rest = decode();
  if (rest !== '') yield rest;
}

function isGzip(path: string): boolean {
  return path.toLowerCase().endsWith('.gz');
}

async function* gunzip(path: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const output = new PassThrough();
  // The pipeline's failure also destroys `output`, which rejects the iteration below; awaited so that it is never unhandled.
  const done = pipeline(createReadStream(path) as Readable, createGunzip(), output, { signal });
  done.catch(() => undefined);
  try {
    for await (const chunk of output) yield chunk as Uint8Array;
    await done;
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    if (systemCode(cause)?.startsWith('Z_')) {
      throw new AtcError('CORRUPT', `${path} is not a whole gzip file; download or copy it again`, { path, cause });
    }
    throw ioError(cause, 'read', path);
  }
}
