/** JSON files that carry a checksum of their own, as text; checked-json.ts reads them. */
import { type CheckedFormat, checksumOfText } from './checked-json.js';

/** One line of JSON, newline included. */
export function encodeCheckedJson(format: CheckedFormat, content: object): string {
  return encodeChecked(format, content).text;
}

/** The same, and the checksum of the content, by which others may name it. */
export function encodeChecked({ format, version }: CheckedFormat, content: object): { text: string; check: number } {
  const body = JSON.stringify(content);
  const check = checksumOfText(body);
  const envelope = JSON.stringify({ format, version, crc32c: check });
  return { text: `${envelope.slice(0, -1)}${body === '{}' ? '' : ','}${body.slice(1)}\n`, check };
}
