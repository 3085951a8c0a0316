/** The file of an entry, wherever it is at this moment. */
import path from 'node:path';
import { type OpenedFile, readEntryFile } from '../cache-directory/entry-files.js';
import { heldFilesOf, restoreHeld } from '../cache-directory/held-files.js';
import { isRealDirectory } from '../io/own-path.js';

/** Undefined when there is none; without its bytes when it is larger than `mostBytes`. */
export async function openEntry(file: string, mostBytes: number): Promise<OpenedFile | undefined> {
  return (
    (await openReal(file, mostBytes)) ?? (heldFilesOf(file).length === 0 ? undefined : await openHeld(file, mostBytes))
  );
}

/** A link in place of one of our directories may lead anywhere. */
async function openReal(file: string, mostBytes: number): Promise<OpenedFile | undefined> {
  return isRealDirectory(path.dirname(file)) ? readEntryFile(file, Infinity, mostBytes) : undefined;
}

/** Another process is looking at the file at this moment, or was when it died. */
async function openHeld(file: string, mostBytes: number): Promise<OpenedFile | undefined> {
  restoreHeld(path.dirname(file));
  const restored = await openReal(file, mostBytes);
  if (restored !== undefined) return restored;
  for (const held of heldFilesOf(file)) {
    const opened = await readEntryFile(held, Infinity, mostBytes);
    if (opened !== undefined) return opened;
  }
  return openReal(file, mostBytes);
}
