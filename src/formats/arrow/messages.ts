/**
 * The messages of an Arrow stream (https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format), one
 * at a time:
 *   u32 0xFFFFFFFF (absent before version 0.15) · i32 length of the metadata · metadata (a flatbuffer `Message`) · body
 * A length of 0 ends the stream.
 */
import { AtcError } from '../../errors.js';
import type { ByteQueue } from '../byte-queue.js';

const CONTINUATION = 0xffff_ffff;
/** Schemas of thousands of columns take less. */
const MAX_METADATA_BYTES = 1 << 26;
/** The body of one record batch. */
const MAX_BODY_BYTES = 2 ** 32;
/**
 * Where the list of offsets of the table `Message` has the type of its header (second field) and the length of its body
 * (fourth).
 */
const HEADER_TYPE_AT = 4 + 1 * 2;
const BODY_LENGTH_AT = 4 + 3 * 2;
const RECORD_BATCH = 3;

/**
 * Every message whole, and the end of the stream. CORRUPT where the bytes end within one, or a file (`isFile`) before
 * its end mark.
 */
export async function* arrowMessages(queue: ByteQueue, path: string, isFile: boolean): AsyncGenerator<Uint8Array> {
  const cut = () =>
    new AtcError('CORRUPT', `${path} ends within a message of its Arrow stream`, { path, offset: queue.offset });
  for (let count = 0; ; count += 1) {
    const prefix = await queue.peek(8);
    if (prefix.length === 0 && !isFile && count > 0) return;
    if (prefix.length < 4) throw cut();
    const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
    const isContinued = view.getUint32(0, true) === CONTINUATION;
    if (isContinued && prefix.length < 8) throw cut();
    const prefixBytes = isContinued ? 8 : 4;
    const metadataBytes = view.getInt32(prefixBytes - 4, true);
    if (metadataBytes === 0) {
      // The end as a message of its own: the reader behind this stops there.
      yield new Uint8Array(prefixBytes).fill(0xff, 0, prefixBytes - 4);
      return;
    }
    if (metadataBytes < 0 || metadataBytes > MAX_METADATA_BYTES) {
      const what = `${path} is no Arrow stream: a message claims metadata of ${metadataBytes} bytes`;
      throw new AtcError('CORRUPT', what, { path, offset: queue.offset });
    }
    const start = prefixBytes + metadataBytes;
    const head = await queue.peek(start);
    if (head.length < start) throw cut();
    const bodyBytes = bodyLength(head.subarray(prefixBytes));
    if (!(bodyBytes >= 0 && bodyBytes <= MAX_BODY_BYTES)) {
      const what = `${path} is no Arrow stream: a message claims a body of ${bodyBytes} bytes`;
      throw new AtcError('CORRUPT', what, { path, offset: queue.offset });
    }
    const message = await queue.take(start + bodyBytes);
    if (message.length < start + bodyBytes) throw cut();
    // Aligned, as typed arrays are laid over it.
    yield message.slice();
  }
}

/** Whether the next message is a schema, as it is in all files but those of arrow-js. */
export async function beginsWithSchema(queue: ByteQueue): Promise<boolean> {
  const head = await queue.peek(1024);
  return head.length < 8 || fieldOf(head.subarray(8), HEADER_TYPE_AT, (view, at) => view.getUint8(at)) !== RECORD_BATCH;
}

/** Absent means 0. NaN for bytes that are no such table. */
function bodyLength(metadata: Uint8Array): number {
  return fieldOf(metadata, BODY_LENGTH_AT, (view, at) => Number(view.getBigInt64(at, true)));
}

/** A number of the flatbuffer `Message`: 0 where it is absent, NaN for bytes that are no such table. */
function fieldOf(metadata: Uint8Array, field: number, read: (view: DataView, at: number) => number): number {
  const view = new DataView(metadata.buffer, metadata.byteOffset, metadata.byteLength);
  try {
    const table = view.getUint32(0, true);
    const offsets = table - view.getInt32(table, true);
    if (view.getUint16(offsets, true) <= field) return 0;
    const at = view.getUint16(offsets + field, true);
    return at === 0 ? 0 : read(view, table + at);
  } catch {
    return Number.NaN;
  }
}
