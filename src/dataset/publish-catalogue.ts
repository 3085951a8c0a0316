/** Replacing the catalogue of a dataset directory. Apart from reading it, which then loads nothing of this. */
import path from 'node:path';
import { syncTree } from '../io/atomic-directory.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { type Publication, publish } from '../io/publish.js';
import { removeBrief, writeBrief } from './brief-catalogue.js';
import { CATALOGUE_FILE, type Catalogue, encodeCatalogue } from './catalogue.js';
import { readCatalogue } from './catalogue-file.js';
import { removeSuperseded } from './superseded.js';
import { versionIds } from './versions/version-files.js';

/**
 * Replaces `present` with `next` and the new files that it names, and removes what nobody needs any more. Throws what
 * `publish` does.
 */
export function publishCatalogue(
  directory: string,
  present: Catalogue,
  next: Catalogue,
  files: Pick<Publication, 'lock' | 'writer' | 'beforeShown'>,
): void {
  const { durability } = next;
  const dated = { ...next, ...publicationTime(directory, present) };
  // Its rows have never been synced, and the new promise is about all that the catalogue names.
  if (durability === 'power' && present.durability === 'process') syncTree(directory);
  publish({
    ...files,
    directory,
    generation: next.generation,
    show: () => {
      removeBrief(directory);
      writeFileAtomicSync(path.join(directory, CATALOGUE_FILE), encodeCatalogue(dated), { durability });
    },
    shown: () => readCatalogue(directory).generation,
    collect: () => {
      writeBrief(directory, dated);
      removeSuperseded(directory, dated);
    },
  });
}

/** Catalogues are dated where versions are retained; there time does not run backwards. */
function publicationTime(directory: string, { publishedMs }: Catalogue): { readonly publishedMs?: number } {
  if (publishedMs === undefined && versionIds(directory).length === 0) return {};
  return { publishedMs: Math.max(Date.now(), publishedMs ?? 0) };
}

/**
 * Dates a catalogue that is in force: from then on a release that knows no versions refuses the dataset, where it would
 * remove their files. The content and the generation stay the same.
 */
export function dateCatalogue(directory: string, present: Catalogue, publishedMs: number): void {
  if (present.publishedMs !== undefined) return;
  const { durability = 'power' } = present;
  const text = encodeCatalogue({ ...present, publishedMs });
  writeFileAtomicSync(path.join(directory, CATALOGUE_FILE), text, { durability });
}
