/** Reading, leasing and replacing the catalogue of a dataset directory. */
import path from 'node:path';
import { AtcError } from '../errors.js';
import { syncTree } from '../io/atomic-directory.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import type { Durability } from '../io/durability.js';
import { takeLease } from '../io/leases.js';
import { refuseLinks } from '../io/own-path.js';
import { pathExists, readTextFile } from '../io/path-kind.js';
import { type Publication, publish } from '../io/publish.js';
import { CATALOGUE_FILE, type Catalogue, decodeCatalogue, encodeCatalogue } from './catalogue.js';
import { removeSuperseded } from './superseded.js';

/** Throws IO where there is none, CORRUPT or FORMAT_VERSION for one that cannot be used. */
export function readCatalogue(directory: string): Catalogue {
  return decodeCatalogue(readText(directory), path.join(directory, CATALOGUE_FILE));
}

/**
 * The catalogue together with a lease on its generation: as long as it is held, the files that the catalogue names
 * stay. A writer replaces the catalogue first and looks for leases then, a reader leases first and looks at the
 * catalogue again then: one of them sees the other.
 */
export function leaseCatalogue(directory: string): { readonly catalogue: Catalogue; readonly endLease: () => void } {
  for (;;) {
    const text = readText(directory);
    const catalogue = decodeCatalogue(text, path.join(directory, CATALOGUE_FILE));
    const endLease = takeLease(directory, catalogue.generation, () => readText(directory) === text);
    if (endLease !== undefined) return { catalogue, endLease };
  }
}

/** The catalogue alone: for a thread that works under the lease of another one and may be ended at any moment. */
export function unleasedCatalogue(directory: string): ReturnType<typeof leaseCatalogue> {
  return { catalogue: readCatalogue(directory), endLease: () => undefined };
}

/**
 * The durability of a change to a dataset: what is asked for now, or what its data has been promised before, whichever
 * is more.
 */
export function strongest(asked: Durability = 'power', promised: Durability = 'power'): Durability {
  return asked === 'power' || promised === 'power' ? 'power' : 'process';
}

/**
 * Replaces `present` with `next` and the new files that it names, and removes what nobody needs any more.
 * Throws what
 * `publish` does.
 */
export function publishCatalogue(
  directory: string,
  present: Catalogue,
  next: Catalogue,
  files: Pick<Publication, 'lock' | 'writer' | 'beforeShown'>,
): void {
  const { durability } = next;
  // Its rows have never been synced, and the new promise is about all that the catalogue names.
  if (durability === 'power' && present.durability === 'process') syncTree(directory);
  publish({
    ...files,
    directory,
    generation: next.generation,
    show: () => writeFileAtomicSync(path.join(directory, CATALOGUE_FILE), encodeCatalogue(next), { durability }),
    shown: () => readCatalogue(directory).generation,
    collect: () => removeSuperseded(directory, next),
  });
}

function readText(directory: string): string {
  refuseLinks(directory, CATALOGUE_FILE);
  const text = readTextFile(path.join(directory, CATALOGUE_FILE));
  if (text !== undefined) return text;
  const reason = pathExists(directory)
    ? `it has no ${CATALOGUE_FILE}; make one with atc import`
    : 'there is no such directory; a relative path starts at the working directory';
  throw new AtcError('IO', `${directory} is not a dataset: ${reason}`, { path: directory });
}

/** Whether a directory is a dataset. */
export function hasCatalogue(directory: string): boolean {
  return readTextFile(path.join(directory, CATALOGUE_FILE)) !== undefined;
}
