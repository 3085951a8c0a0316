/** Files of a dataset that no catalogue names any more: removed when nobody can be reading them. */
import path from 'node:path';
import { discard, leasedGenerations } from '../io/leases.js';
import { ownNames } from '../io/own-path.js';
import { namesIn } from '../io/temporary.js';
import type { Catalogue } from './catalogue.js';

/** Directories of segments that were added later are called by the generation that added them. */
const ADDED = /^added-(\d+)$/;
/** Those of the first generation are called by the number of their symbol. */
const FIRST = /^\d{5,}(-|$)/;

export function addedDirectory(generation: number): string {
  return `added-${generation}`;
}

/** Removes what a writer left that died before it replaced the catalogue. Only under the write lock. */
export function removeUnfinished(directory: string, { generation }: Catalogue): void {
  for (const name of namesIn(directory)) {
    if (Number(ADDED.exec(name)?.[1] ?? 0) > generation) discard(path.join(directory, name));
  }
}

/**
 * Removes the directories of which `current` names no segment, unless somebody has an older generation leased: then a
 * later change does it. Only under the write lock.
 */
export function removeSuperseded(directory: string, current: Catalogue): void {
  if (isOlderLeased(directory, current)) return;
  const containers = new Set(pathsOf(current).map(containerOf));
  for (const name of namesIn(directory)) {
    if ((ADDED.test(name) || FIRST.test(name)) && !containers.has(name)) discard(path.join(directory, name));
  }
}

/** Also the segments that are not named in directories of which others are. */
export function removeAllSuperseded(directory: string, current: Catalogue): void {
  if (isOlderLeased(directory, current)) return;
  removeSuperseded(directory, current);
  const named = new Set(pathsOf(current));
  for (const container of new Set([...named].map(containerOf))) {
    for (const name of ownNames(directory, container)) {
      if (!named.has(`${container}/${name}`)) discard(path.join(directory, container, name));
    }
  }
}

function isOlderLeased(directory: string, { generation }: Catalogue): boolean {
  return [...leasedGenerations(directory)].some((leased) => leased < generation);
}

function pathsOf({ symbols }: Catalogue): string[] {
  return symbols.flatMap(({ segments }) => segments.map((segment) => segment.path));
}

function containerOf(segment: string): string {
  return segment.split('/')[0];
}
