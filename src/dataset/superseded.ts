/** Files of a dataset that no catalogue names any more: removed when nobody can be reading them. */
import path from 'node:path';
import { discard, leasedGenerations } from '../io/leases.js';
import { ownNames } from '../io/own-path.js';
import { namesIn } from '../io/temporary.js';
import { type Catalogue, PagedCatalogue } from './catalogue.js';
import { heldVersions } from './versions/version-files.js';

/** Directories of segments that were added later are called by the generation that added them. */
const ADDED = /^added-(\d+)$/;
/** Those of the first generation are called by the number of their symbol. */
const FIRST = /^\d{5,}(-|$)/;

export function addedDirectory(generation: number): string {
  return `added-${generation}`;
}

/** The directory of a later change that a path relative to the dataset leads into; undefined for one of the first. */
export function addedContainerOf(relative: string): string | undefined {
  const container = containerOf(relative);
  return ADDED.test(container) ? container : undefined;
}

/** Removes what a writer left that died before it replaced the catalogue. Only under the write lock. */
export function removeUnfinished(directory: string, catalogue: Catalogue): void {
  for (const name of unfinishedIn(directory, catalogue)) discard(path.join(directory, name));
}

/** Directories of segments that no catalogue names yet: of the writer at work, or of one that died. */
export function unfinishedIn(directory: string, { generation }: Catalogue): string[] {
  return namesIn(directory).filter((name) => Number(ADDED.exec(name)?.[1] ?? 0) > generation);
}

/**
 * Removes the directories of which neither `current` nor a version that stays names a segment, unless somebody has
 * another generation leased: then a later change does it. Only under the write lock.
 */
export function removeSuperseded(directory: string, current: Catalogue): void {
  const isNamed = containersOf(current);
  const unnamed = namesIn(directory).filter((name) => isContainer(name) && !isNamed(name));
  if (unnamed.length === 0) return;
  const versions = idleVersions(directory, current);
  if (versions === undefined) return;
  const isHeld = versions.map(containersOf);
  for (const name of unnamed) if (!isHeld.some((holds) => holds(name))) discard(path.join(directory, name));
}

/**
 * Whether a catalogue names something in a directory. Those that a paged one counts are known without reading a page;
 * those of the first generation it does not count, so they stay until everything is looked at.
 */
function containersOf(catalogue: Catalogue): (container: string) => boolean {
  if (catalogue instanceof PagedCatalogue) {
    const { containers } = catalogue.pages.content;
    return (container) => FIRST.test(container) || Object.hasOwn(containers, container);
  }
  const containers = new Set(pathsOf(catalogue).map(containerOf));
  return (container) => containers.has(container);
}

/** Also the segments that are not named in directories of which others are. */
export function removeAllSuperseded(directory: string, current: Catalogue): void {
  const versions = idleVersions(directory, current);
  if (versions === undefined) return;
  const named = new Set([current, ...versions].flatMap(pathsOf));
  const above = new Set([...named].flatMap(directoriesAbove));
  const removeUnnamed = (relative: string) => {
    if (named.has(relative)) return;
    if (!above.has(relative)) return discard(path.join(directory, relative));
    for (const name of ownNames(directory, relative)) removeUnnamed(`${relative}/${name}`);
  };
  for (const container of namesIn(directory).filter(isContainer)) removeUnnamed(container);
}

/** Segments lie one directory deep or, where a whole dataset was replaced, two. */
function directoriesAbove(relative: string): string[] {
  const parts = relative.split('/');
  return parts.slice(1).map((_, k) => parts.slice(0, k + 1).join('/'));
}

/**
 * The versions that stay. Undefined when somebody reads a generation that is neither the current one nor one of them,
 * or when one of them cannot be read: then nobody knows what is still needed. Leases are looked at after the versions: a
 * reader leases first and looks again then whether its version stays.
 */
function idleVersions(directory: string, { generation }: Catalogue): Catalogue[] | undefined {
  const versions = heldVersions(directory);
  if (versions === undefined) return undefined;
  const known = new Set(versions.map(({ catalogue }) => catalogue.generation));
  const isUnknown = (leased: number) => leased < generation && !known.has(leased);
  if ([...leasedGenerations(directory)].some(isUnknown)) return undefined;
  return versions.map(({ catalogue }) => catalogue);
}

function isContainer(name: string): boolean {
  return ADDED.test(name) || FIRST.test(name);
}

/** Of all that a catalogue names: segments, and its own pages. */
export function pathsOf(catalogue: Catalogue): string[] {
  const segments = catalogue.symbols.flatMap((entry) => entry.segments.map((segment) => segment.path));
  return catalogue instanceof PagedCatalogue ? [...catalogue.pages.files, ...segments] : segments;
}

function containerOf(segment: string): string {
  return segment.split('/')[0];
}
