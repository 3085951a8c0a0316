/** The bytes of a frame from whatever a page has of it. */
import { AtcError, shown } from '../errors.js';

/** A `ReadableStream` of bytes: of `fetch(url).body`, of a file, of a decompressing pipe. */
export interface ByteStream {
  /** The stream's own reader; it is read to its end, or cancelled when there is too much of it. */
  getReader(): ByteStreamReader;
}

/** What is used of a `ReadableStreamDefaultReader`. */
export interface ByteStreamReader {
  /** The next bytes, or that there are no more. */
  read(): Promise<ByteStreamResult>;
  /** Ends the stream before it has ended. */
  cancel(reason?: unknown): Promise<void>;
}

/** One step of a stream. */
export interface ByteStreamResult {
  /** True behind the last bytes. */
  readonly done: boolean;
  /** Absent when `done`. */
  readonly value?: Uint8Array;
}

/** A `Response`, a `Blob` or a `File`. */
export interface ByteHolder {
  /** All of its bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What a frame is read from. */
export type FrameInput = ArrayBuffer | ArrayBufferView | ByteStream | ByteHolder;

/** Everything a stream gives, joined; ARGUMENT once it is more than `maxBytes`. */
async function drain(stream: ByteStream, maxBytes: number): Promise<Uint8Array> {
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (value === undefined) continue;
    length += value.length;
    if (length > maxBytes) {
      const error = tooLong(maxBytes);
      await reader.cancel(error).catch(() => undefined);
      throw error;
    }
    parts.push(value);
  }
  if (parts.length === 1) return parts[0];
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function tooLong(maxBytes: number): AtcError {
  return new AtcError('ARGUMENT', `the source has more than ${maxBytes} bytes; raise maxBytes or read a smaller frame`);
}

/** Buffers and views are not copied. A failed request is IO: what it holds is a page of the server's, not a frame. */
export async function frameBytes(input: FrameInput, maxBytes: number): Promise<Uint8Array> {
  if (typeof maxBytes !== 'number' || !(maxBytes >= 0)) {
    throw new AtcError('ARGUMENT', `maxBytes must be a number of bytes, got ${shown(maxBytes)}`);
  }
  const given = input as Partial<ArrayBufferView & ByteStream & ByteHolder> & {
    readonly ok?: boolean;
    status?: number;
  };
  if (given?.ok === false) throw new AtcError('IO', `the server answered ${given.status}; there is no frame to read`);
  const { buffer, byteOffset, byteLength } = given ?? {};
  let bytes: Uint8Array;
  if (buffer !== undefined) bytes = new Uint8Array(buffer, byteOffset, byteLength);
  else if (typeof given?.getReader === 'function') return drain(input as ByteStream, maxBytes);
  else if (typeof given?.arrayBuffer === 'function') bytes = new Uint8Array(await (input as ByteHolder).arrayBuffer());
  else if (Object.prototype.toString.call(input) === '[object ArrayBuffer]')
    bytes = new Uint8Array(input as ArrayBuffer);
  else
    throw new AtcError('ARGUMENT', 'a frame is an ArrayBuffer, a view of one, a ReadableStream, a Response or a Blob');
  if (bytes.length > maxBytes) throw tooLong(maxBytes);
  return bytes;
}
