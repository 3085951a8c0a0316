/**
 * What the versions of a dataset cost: bytes of the segments that each shares with others, and of those that are its
 * own.
 */
import path from 'node:path';
import { AtcError, isAtcError } from '../../errors.js';
import { diskUsage } from '../../io/disk-usage.js';
import type { Catalogue } from '../catalogue.js';
import { snapshotId } from '../snapshot.js';
import { pathsOf } from '../superseded.js';
import { withCurrent } from './lease-version.js';
import type { SnapshotInfo } from './snapshot-info.js';
import { readVersions, type VersionFile, versionPath } from './version-files.js';

/** All versions that stay, the oldest first. */
export function retainedVersions(directory: string): SnapshotInfo[] {
  const versions = readVersions(directory);
  const paths = versions.map(({ catalogue }) => filesOf(catalogue));
  const holders = new Map<string, number>();
  for (const held of [withCurrent(directory, filesOf), ...paths]) {
    for (const one of held) holders.set(one, (holders.get(one) ?? 0) + 1);
  }
  const sizes = new Map([...holders.keys()].map((one) => [one, sizeOf(path.join(directory, one))]));
  return versions.map((version, k) => {
    const own = [...paths[k]].filter((one) => holders.get(one) === 1);
    const sum = (of: Iterable<string>) => [...of].reduce((total, one) => total + sizes.get(one)!, 0);
    return infoOf(directory, version, sum(paths[k]), sum(own));
  });
}

/** One of them, by its name. */
export function snapshotInfo(directory: string, name: string): SnapshotInfo {
  const found = retainedVersions(directory).find((version) => version.name === name);
  if (found !== undefined) return found;
  throw new AtcError('IO', `the snapshot "${name}" of ${directory} was deleted meanwhile`, { path: directory });
}

function infoOf(directory: string, version: VersionFile, heldBytes: number, ownBytes: number): SnapshotInfo {
  const { id, name, takenMs, catalogue } = version;
  const file = sizeOf(versionPath(directory, id));
  return {
    ...(name !== undefined && { name }),
    generation: catalogue.generation,
    publishedMs: catalogue.publishedMs,
    takenMs,
    snapshotId: snapshotId(catalogue),
    symbols: catalogue.symbols.length,
    rows: catalogue.symbols.reduce((sum, entry) => sum + entry.rows, 0),
    bytes: heldBytes + file,
    ownBytes: ownBytes + file,
    sharedBytes: heldBytes - ownBytes,
  };
}

/** Several segments may be rows of the same files. */
function filesOf(catalogue: Catalogue): Set<string> {
  return new Set(pathsOf(catalogue));
}

/** 0 for what is missing: verification reports that. */
function sizeOf(target: string): number {
  try {
    return diskUsage(target).byteLength;
  } catch (error) {
    if (isAtcError(error, 'IO')) return 0;
    throw error;
  }
}
