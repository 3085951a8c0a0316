/**
 * JSON files that carry a checksum of their own: `{"format", "version", "crc32c", ...content}`. The checksum is over
 * the compact JSON of the content, so that white space does not matter; the content is plain data in a fixed order of
 * keys.
 */
import { crc32c } from '../codec/crc32c.js';

/** What a file is, and which versions of it this release reads. */
export interface CheckedFormat {
  readonly format: string;
  /** The version that is written; every version from 1 up to it is read. */
  readonly version: number;
}

/** Why a text is not what it should be. */
export type CheckedProblem = 'not JSON' | 'another format' | 'a later version' | 'a wrong checksum';

export type CheckedJson =
  | { readonly version: number; readonly crc32c: number; readonly content: Record<string, unknown> }
  | { readonly problem: CheckedProblem; readonly version?: unknown; readonly cause?: unknown };

/** CRC-32C over the compact JSON of `content`. */
export function checksumOfJson(content: unknown): number {
  return checksumOfText(JSON.stringify(content));
}

/** CRC-32C over its UTF-8 bytes. */
export function checksumOfText(text: string): number {
  return crc32c(new TextEncoder().encode(text));
}

/** What `encodeChecked` writes before the content. */
const ENVELOPE = /^\{"format":"[^"\\]*","version":\d+,"crc32c":\d+,/;

/** The content without the three keys of the envelope, or why there is none. Never throws. */
export function decodeCheckedJson(wanted: CheckedFormat, text: string): CheckedJson {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return { problem: 'not JSON', cause };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { problem: 'another format' };
  const { format, version, crc32c: checksum, ...content } = json as Record<string, unknown>;
  if (format !== wanted.format) return { problem: 'another format' };
  const isKnown = Number.isSafeInteger(version) && (version as number) >= 1 && (version as number) <= wanted.version;
  if (!isKnown) return { problem: 'a later version', version };
  if (!isChecksumOf(checksum, text, content)) return { problem: 'a wrong checksum' };
  return { version: version as number, crc32c: checksum as number, content };
}

/** Whether a text is just what `encodeChecked` writes for content with this checksum; a no means nothing. */
export function isAsEncoded({ format, version }: CheckedFormat, text: string, check: number): boolean {
  const envelope = `${JSON.stringify({ format, version, crc32c: check }).slice(0, -1)},`;
  return text.startsWith(envelope) && checksumOfText(`{${text.slice(envelope.length, -1)}`) === check;
}

/** By the text, as it is in every file that was left as it was written; only another one is written anew. */
function isChecksumOf(checksum: unknown, text: string, content: object): boolean {
  const envelope = ENVELOPE.exec(text)?.[0];
  const body = envelope && `{${text.slice(envelope.length, text.endsWith('\n') ? -1 : undefined)}`;
  return (body !== undefined && checksum === checksumOfText(body)) || checksum === checksumOfJson(content);
}
