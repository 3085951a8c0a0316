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
  | { readonly version: number; readonly content: Record<string, unknown> }
  | { readonly problem: CheckedProblem; readonly version?: unknown; readonly cause?: unknown };

/** CRC-32C over the compact JSON of `content`. */
export function checksumOfJson(content: unknown): number {
  return crc32c(new TextEncoder().encode(JSON.stringify(content)));
}

/** One line of JSON, newline included. */
export function encodeCheckedJson({ format, version }: CheckedFormat, content: object): string {
  return `${JSON.stringify({ format, version, crc32c: checksumOfJson(content), ...content })}\n`;
}

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
  if (checksum !== checksumOfJson(content)) return { problem: 'a wrong checksum' };
  return { version: version as number, content };
}
