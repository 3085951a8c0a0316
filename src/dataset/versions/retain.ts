/**
 * Which versions of a dataset stay: naming one, retaining generations, and letting go of both. Segments are never
 * copied; a version is one file that names them. All under the write lock of the dataset.
 */
import path from 'node:path';
import { AtcError, isAtcError, shown } from '../../errors.js';
import { writeFileAtomicSync } from '../../io/atomic-file.js';
import { syncDirectory } from '../../io/durability.js';
import { appliedError, unappliedError } from '../../io/io-error.js';
import { discard } from '../../io/leases.js';
import { pathExists } from '../../io/path-kind.js';
import { type Catalogue, withFacts } from '../catalogue.js';
import { readCurrent } from '../catalogue-file.js';
import { dateCatalogue } from '../publish-catalogue.js';
import { pathsOf, removeAllSuperseded } from '../superseded.js';
import { underWriteLock } from '../write-lock.js';
import { encodeVersion } from './encode-version.js';
import { unknownSnapshot } from './lease-version.js';
import { requireSnapshotName } from './snapshot-name.js';
import { readVersion, type VersionFile, versionIds, versionPath } from './version-files.js';

/** Throws ARGUMENT for what is no number of generations. */
export function requireKeep(keep: unknown): void {
  if (keep === undefined || (Number.isSafeInteger(keep) && (keep as number) >= 1)) return;
  const what = 'keep must be a whole number from 1, the current generation';
  throw new AtcError('ARGUMENT', `${what}, got ${shown(keep)}`, { key: 'keep' });
}

/** Names a version of which the caller holds a lease. Nothing happens when it has that name already. */
export function nameVersion(
  directory: string,
  { catalogue, publishedMs }: { readonly catalogue: Catalogue; readonly publishedMs: number },
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  requireSnapshotName(name);
  return underWriteLock(directory, signal, (_, lock) => {
    // Names that differ in capitals only are one file on some file systems.
    const alike = versionIds(directory).find((id) => id.toLowerCase() === name.toLowerCase());
    if (alike !== undefined) {
      const there = readVersion(directory, alike);
      if (alike === name && there?.catalogue.generation === catalogue.generation) return;
      const of = there === undefined ? '' : ` of generation ${there.catalogue.generation}`;
      const what = `${directory} has a snapshot "${alike}"${of} already`;
      throw new AtcError('ARGUMENT', `${what}; delete it first, or choose another name`, { path: directory });
    }
    requireSegments(directory, catalogue);
    lock.requireHeld();
    writeVersion(directory, name, { name, takenMs: Date.now(), catalogue: dated(catalogue, publishedMs) });
  });
}

/** Retains the current generation without a name. Only under the write lock. */
export function retainVersion(directory: string, current: Catalogue): void {
  const id = String(current.generation);
  if (versionIds(directory).includes(id)) return;
  const { publishedMs } = readCurrent(directory);
  writeVersion(directory, id, { takenMs: Date.now(), catalogue: dated(current, publishedMs) });
}

/** A snapshot by its name, a generation that is retained without one by its number; ARGUMENT when there is none. */
export function deleteVersion(directory: string, wanted: string | number, signal?: AbortSignal): Promise<void> {
  const id = typeof wanted === 'number' ? String(wanted) : wanted;
  if (typeof id !== 'string') requireSnapshotName(id);
  return underWriteLock(directory, signal, (catalogue, lock) => {
    // Not by opening it: a file that cannot be read is to be deleted as well.
    if (!versionIds(directory).includes(id)) throw unknownSnapshot(directory, id);
    lock.requireHeld();
    removeVersions(directory, [id], catalogue);
  });
}

/**
 * Lets go of the generations without a name but for the newest `keep`, the current one included; returns their numbers.
 * Only under the write lock. What the disk refuses is for the next change to remove.
 */
export function pruneVersions(directory: string, keep: number): number[] {
  const { catalogue } = readCurrent(directory);
  const old = versionIds(directory).filter((id) => /^\d+$/.test(id) && Number(id) <= catalogue.generation - keep);
  if (old.length === 0) return [];
  try {
    removeVersions(directory, old, catalogue);
  } catch (error) {
    if (!isAtcError(error, 'IO')) throw error;
  }
  return old.map(Number);
}

/** The catalogue in force is dated first: then no release that knows no versions can remove their segments. */
function writeVersion(directory: string, id: string, version: Omit<VersionFile, 'id' | 'text'>): void {
  const current = readCurrent(directory);
  const { durability = 'power' } = current.catalogue;
  try {
    dateCatalogue(directory, current.catalogue, current.publishedMs);
  } catch (error) {
    throw unappliedError(error);
  }
  writeFileAtomicSync(versionPath(directory, id), encodeVersion(version), { durability });
}

/** The names are off the disk before the segments are: a version that is there is whole. */
function removeVersions(directory: string, ids: readonly string[], current: Catalogue): void {
  for (const id of ids) discard(versionPath(directory, id));
  try {
    if (current.durability !== 'process') syncDirectory(path.dirname(versionPath(directory, '')));
    removeAllSuperseded(directory, current);
  } catch (error) {
    throw appliedError(error, directory);
  }
}

function dated(catalogue: Catalogue, publishedMs: number): VersionFile['catalogue'] {
  return withFacts(catalogue, { publishedMs }) as VersionFile['catalogue'];
}

/** A lease that could not be taken (a full disk) does not keep a writer from removing what it was for. */
function requireSegments(directory: string, catalogue: Catalogue): void {
  const missing = [...new Set(pathsOf(catalogue))].find((one) => !pathExists(path.join(directory, one)));
  if (missing === undefined) return;
  const full = path.join(directory, missing);
  throw new AtcError('IO', `${full} has been deleted; open the dataset again to name what is there now`, {
    path: full,
  });
}
