/** A file of another cache, read within a bound and without following links. */
import { type OpenedFile, readEntryFile } from '../../cache-directory/entry-files.js';
import { AtcError } from '../../errors.js';
import { memoryOfText } from '../../value/memory-cost.js';

/** The longest text that V8 holds, in characters. */
const MAX_TEXT_BYTES = 0x1fffffe8;

/**
 * Undefined when there is none. ARGUMENT for one that is larger than `maxBytes`, or than any text: it stays as it is.
 */
export async function readLegacyFile(file: string, maxBytes = Infinity): Promise<OpenedFile | undefined> {
  const most = Math.min(maxBytes, MAX_TEXT_BYTES);
  const opened = await readEntryFile(file, most, most);
  if (opened !== undefined && opened.identity.byteLength > most) throw tooLarge(file, opened.identity.byteLength, most);
  return opened;
}

/** JSON text of one value. ARGUMENT when what it describes takes more than `maxBytes` in memory. */
export function textWithin(file: string, utf8: Uint8Array, maxBytes: number): string {
  const memoryBytes = memoryOfText(utf8, maxBytes);
  if (memoryBytes > maxBytes) throw tooLarge(file, memoryBytes, maxBytes);
  return Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength).toString();
}

export function tooLarge(file: string, bytes: number, most: number): AtcError {
  const message = `${file} takes about ${bytes} bytes, more than one value may (${most}); raise maxValueBytes`;
  return new AtcError('ARGUMENT', message, { path: file });
}

export function damaged(file: string, what: string, cause?: unknown): AtcError {
  return new AtcError('CORRUPT', `${file} is damaged: ${what}`, { path: file, cause });
}
