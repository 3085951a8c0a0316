/** Moves damaged files aside: beside the entries, for inspection, bounded in number and bytes. */

import path from 'node:path';
import { uniqueDigits } from '../io/unique-name.js';
import { DAMAGED_FOLDER } from './damaged-bytes.js';
import { type FileIdentity, identifyFile, listDirectory, removeFile, takeAway } from './entry-files.js';

/** Beyond either the oldest are removed. */
const MAX_FILES = 100;
const MAX_BYTES = 64 * 1024 * 1024;

/** Moves a damaged file aside; returns where to, or undefined when it was replaced or deleted meanwhile. */
export async function putAside(directory: string, file: string, seen: FileIdentity): Promise<string | undefined> {
  const name = `${Date.now()}.${uniqueDigits()}.${path.basename(file).slice(0, 80)}`;
  const aside = path.join(directory, DAMAGED_FOLDER, name);
  if (!(await takeAway(file, seen, aside))) return undefined;
  await bound(path.join(directory, DAMAGED_FOLDER));
  return aside;
}

async function bound(folder: string): Promise<void> {
  // Names begin with the time: the order of names is that of time.
  const names = (await listDirectory(folder)).map((entry) => entry.name).sort();
  let bytes = 0;
  let retained = 0;
  for (const name of names.reverse()) {
    const file = path.join(folder, name);
    bytes += (await identifyFile(file))?.byteLength ?? 0;
    if (++retained > MAX_FILES || (bytes > MAX_BYTES && retained > 1)) await removeFile(file);
  }
}
