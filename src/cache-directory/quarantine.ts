/**
 * Where damaged bytes go: a hidden directory beside the entries, for the user to look at, bounded in number and size.
 * The bytes of a store that belongs to another program are copied there, because that store will soon hold a new value;
 * files of our own are moved.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { crc32c } from '../codec/crc32c.js';
import { isAtcError } from '../errors.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { removeFile } from '../io/directory-entries.js';
import { isRealDirectory, ownNames } from '../io/own-path.js';
import { uniqueDigits } from '../io/unique-name.js';
import { type FileIdentity, takeAway } from './entry-files.js';

/** Inside the cache directory; hidden, so that nothing counts it for an entry. */
const FOLDER = '.damaged';
/** Beyond either the oldest go. */
const MAX_FILES = 100;
const MAX_BYTES = 64 * 1024 * 1024;
/**
 * `<UTC ms>.<CRC-32C>-<length>.<service>.entry` for bytes, `<UTC ms>.<random>.<name>` for files: the order of names is
 * that of time.
 */
const NAME = /^\d{10,}\.([0-9a-f]{8}(?:-\d+)?)\../;

/**
 * Stores a copy of damaged bytes and returns its path: the same one however often they are read. Undefined when they
 * are too many or the disk does not take them: a cache goes on without.
 */
export function quarantineBytes(cacheDir: string, service: string | undefined, bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const folder = path.resolve(cacheDir, FOLDER);
  const content = `${crc32c(bytes).toString(16).padStart(8, '0')}-${bytes.length}`;
  try {
    if (!isUsable(folder)) return undefined;
    const same = quarantined(cacheDir).find((name) => NAME.exec(name)?.[1] === content);
    if (same !== undefined) return path.join(folder, same);
    const owner = (service ?? 'store').replace(/[^\w-]/g, '_').slice(0, 60);
    const target = path.join(folder, `${Date.now()}.${content}.${owner}.entry`);
    writeFileAtomicSync(target, bytes, { durability: 'process' });
    removeOldest(cacheDir);
    return target;
  } catch (error) {
    if (isAtcError(error, 'IO')) return undefined;
    throw error;
  }
}

/** Moves a damaged file aside; returns where to, or undefined when it was replaced or deleted meanwhile. */
export async function quarantineFile(directory: string, file: string, seen: FileIdentity): Promise<string | undefined> {
  const folder = path.join(directory, FOLDER);
  if (!isUsable(folder)) return undefined;
  const aside = path.join(folder, `${Date.now()}.${uniqueDigits()}.${path.basename(file).slice(0, 80)}`);
  if (!(await takeAway(file, seen, aside))) return undefined;
  removeOldest(directory);
  return aside;
}

/** The quarantined files of a cache directory, the oldest first. */
export function quarantinedFiles(directory: string): string[] {
  return quarantined(directory).map((name) => path.join(directory, FOLDER, name));
}

/** Ours, or not there yet. A link at its location may lead anywhere. */
function isUsable(folder: string): boolean {
  return lstatSync(folder, { throwIfNoEntry: false }) === undefined || isRealDirectory(folder);
}

/** Names of the quarantined files, the oldest first. */
function quarantined(directory: string): string[] {
  return ownNames(directory, FOLDER)
    .filter((name) => NAME.test(name))
    .sort();
}

/** The newest file stays, however large it is. */
function removeOldest(directory: string): void {
  let bytes = 0;
  quarantined(directory)
    .reverse()
    .forEach((name, rank) => {
      const file = path.join(directory, FOLDER, name);
      bytes += lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (rank > 0 && (rank >= MAX_FILES || bytes > MAX_BYTES)) removeFile(file);
    });
}
