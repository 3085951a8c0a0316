/** Finding the version of a dataset that is asked for, and a lease on it. */
import { AtcError } from '../../errors.js';
import { takeLease } from '../../io/leases.js';
import { readTextFile } from '../../io/path-kind.js';
import { nearestHint } from '../../nearest.js';
import type { Catalogue } from '../catalogue.js';
import { isCurrentText, readCurrent } from '../catalogue-file.js';
import { readVersion, readVersions, versionIds, versionPath } from './version-files.js';
import { type AsOf, wantedVersion } from './version-name.js';

/** A version that can be opened. */
export interface FoundVersion {
  readonly catalogue: Catalogue;
  /** When it was published, UTC ms. */
  readonly publishedMs: number;
  /** The name of the snapshot that was asked for. */
  readonly name?: string;
  /** Whether it can still be opened, by what names it on the disk. */
  readonly isThere: () => boolean;
}

/** A version, and what keeps its files until `endLease`. */
export interface LeasedVersion extends FoundVersion {
  readonly endLease: () => void;
}

/**
 * The version that is wanted (the current one where none is) with a lease on its generation: as long as it is held, the
 * files that the catalogue names stay. A writer replaces the catalogue, or deletes the name of a version, first and
 * looks for leases then; a reader leases first and looks again then: one of them sees the other.
 *
 * @throws AtcError ARGUMENT for a version that there is not; IO, CORRUPT or FORMAT_VERSION for what cannot be read.
 */
export function leaseVersion(directory: string, asOf?: AsOf): LeasedVersion {
  for (;;) {
    const found = findVersion(directory, asOf);
    const endLease = takeLease(directory, found.catalogue.generation, found.isThere);
    if (endLease !== undefined) return { ...found, endLease };
  }
}

/** Runs with the catalogue in force, whose files stay meanwhile. */
export function withCurrent<T>(directory: string, run: (catalogue: Catalogue) => T): T {
  const { catalogue, endLease } = leaseVersion(directory);
  try {
    return run(catalogue);
  } finally {
    endLease();
  }
}

/** Without a lease: for a thread that works under the lease of another one and may be ended at any moment. */
export function unleasedVersion(directory: string, asOf?: AsOf): LeasedVersion {
  return { ...findVersion(directory, asOf), endLease: () => undefined };
}

function findVersion(directory: string, asOf: AsOf | undefined): FoundVersion {
  if (asOf === undefined) return currentVersion(directory);
  const wanted = wantedVersion(asOf);
  if ('name' in wanted) return namedVersion(directory, wanted.name);
  const isIt = ({ catalogue, publishedMs }: FoundVersion) =>
    'generation' in wanted ? catalogue.generation === wanted.generation : publishedMs <= wanted.timeMs;
  const current = currentVersion(directory);
  if (isIt(current)) return current;
  const all = retainedVersions(directory);
  const found = all.findLast(isIt);
  if (found !== undefined) return found;
  throw 'generation' in wanted
    ? unknownGeneration(directory, wanted.generation, [...all, current])
    : tooEarly(directory, wanted.timeMs, [...all, current][0]);
}

function currentVersion(directory: string): FoundVersion {
  const { text, ...current } = readCurrent(directory);
  return { ...current, isThere: () => isCurrentText(directory, text) };
}

function namedVersion(directory: string, name: string): FoundVersion {
  // By the list, because a file system may not distinguish capitals.
  const found = versionIds(directory).includes(name) ? readVersion(directory, name) : undefined;
  if (found === undefined) throw unknownSnapshot(directory, name);
  const { catalogue, text } = found;
  const isThere = () => readTextFile(versionPath(directory, name)) === text;
  return { catalogue, publishedMs: catalogue.publishedMs, name, isThere };
}

/** The oldest first. */
function retainedVersions(directory: string): FoundVersion[] {
  return readVersions(directory).map(({ id, catalogue, text }) => ({
    catalogue,
    publishedMs: catalogue.publishedMs,
    isThere: () => readTextFile(versionPath(directory, id)) === text,
  }));
}

/** ARGUMENT with the nearest name, or what to do where there is none. */
export function unknownSnapshot(directory: string, name: string): AtcError {
  // Reports a directory that is no dataset at all.
  readCurrent(directory);
  const names = versionIds(directory).filter((id) => !/^\d+$/.test(id));
  const hint = names.length === 0 ? '; there is none: atc snapshot DATASET NAME makes one' : nearestHint(name, names);
  const time = /^\d{4}-\d{2}(-\d{2})?$/.test(name) ? ` (a time has hours: ${name}T00:00Z)` : '';
  return new AtcError('ARGUMENT', `${directory} has no snapshot "${name}"${time}${hint}`, { path: directory });
}

function unknownGeneration(directory: string, generation: number, all: readonly FoundVersion[]): AtcError {
  const there = [...new Set(all.map(({ catalogue }) => catalogue.generation))].slice(-12).join(', ');
  const how = 'a generation stays when it gets a name (atc snapshot) or is retained (--keep)';
  const what = `${directory} has no generation ${generation} (any more); there are: ${there}`;
  return new AtcError('ARGUMENT', `${what}; ${how}`, { path: directory });
}

function tooEarly(directory: string, timeMs: number, first: FoundVersion): AtcError {
  const iso = (ms: number) => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms));
  const what = `${directory} retains no version that was in force at ${iso(timeMs)}`;
  return new AtcError('ARGUMENT', `${what}; the oldest is of ${iso(first.publishedMs)}`, { path: directory });
}
