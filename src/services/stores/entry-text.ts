/** Entries in text and bytes that a store hands out: by themselves, within JSON, within the message of an error. */
import { types } from 'node:util';
import type { Call, Decode } from './call.js';
import { entryFrame, holdsEntryText, isEntryAlone } from './carrier.js';

/**
 * Text is an entry, or what the host made of its storage: an export as JSON is decoded within, any other is refused.
 */
export function decodedText(value: string, call: Call, decode: Decode): unknown {
  if (isEntryAlone(value)) return call.codec.decode(call.key, value);
  if (call.isInner || call.leavesJson === true || !holdsEntryText(value)) return value;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    call.refuse('text with encoded entries in it');
    return value;
  }
  const decoded = decode(parsed, { ...call, refuse: () => undefined });
  return decoded === parsed ? value : JSON.stringify(decoded, undefined, /^[[{]\n([ \t]+)/.exec(value)?.[1]);
}

/** Bytes of an entry, or of its text (`Buffer.from(text)`). */
export function decodedBytes(value: ArrayBufferView, call: Call): unknown {
  if (entryFrame(value)) return call.codec.decode(call.key, value);
  const text = textOfBytes(value);
  if (text === undefined || call.isInner) return value;
  const decoded = call.codec.decode(call.key, text);
  if (typeof decoded === 'string') return Buffer.from(decoded);
  call.refuse('the bytes of an encoded entry');
  return value;
}

/** Buffers of bytes without a view; the same object where they hold no entry. */
export function decodedBuffer(value: ArrayBufferLike, call: Call): unknown {
  const view = new Uint8Array(value);
  const decoded = decodedBytes(view, call);
  if (decoded === view) return value;
  return ArrayBuffer.isView(decoded) && types.isArrayBuffer(decoded.buffer)
    ? decoded.buffer.slice(decoded.byteOffset, decoded.byteOffset + decoded.byteLength)
    : decoded;
}

const FIRST_BYTE = 'a'.charCodeAt(0);

function textOfBytes(value: ArrayBufferView): string | undefined {
  if (!types.isUint8Array(value) || value[0] !== FIRST_BYTE) return undefined;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return holdsEntryText(bytes.toString('latin1', 0, 32)) ? bytes.toString('latin1') : undefined;
}

/**
 * Text for people, such as the message of an error: each entry in it is replaced by what a template would have made of
 * the value, or by its JSON where it stands in quotes.
 */
export function decodedMessage(value: string, call: Call): string {
  if (!holdsEntryText(value)) return value;
  return value.replace(/"atc-memory:1:[A-Za-z0-9+/]+=*"|atc-memory:1:[A-Za-z0-9+/]+=*/g, (found) => {
    const isQuoted = found.startsWith('"');
    const decoded = call.codec.decode(call.key, isQuoted ? found.slice(1, -1) : found);
    return isQuoted ? (JSON.stringify(decoded) ?? String(decoded)) : String(decoded);
  });
}
