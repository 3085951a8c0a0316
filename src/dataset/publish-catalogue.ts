/** Replacing the catalogue of a dataset directory. Apart from reading it, which then loads nothing of this. */
import path from 'node:path';
import { syncTree } from '../io/atomic-directory.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { type Publication, publish } from '../io/publish.js';
import { BRIEF_FILE, removeBrief, writeBrief } from './brief-catalogue.js';
import { storedSections } from './brief-sections.js';
import { CATALOGUE_FILE, type Catalogue, PagedCatalogue, withFacts } from './catalogue.js';
import { readCatalogue, readCurrent } from './catalogue-file.js';
import { encodeCatalogue } from './encode-catalogue.js';
import { removeAllSuperseded, removeSuperseded } from './superseded.js';
import { versionIds } from './versions/version-files.js';

/**
 * Replaces `present` with `next` and the new files that it names, and removes what nobody needs any more: with
 * `replacesAll`, every file that `next` does not name. Throws what `publish` does.
 */
export function publishCatalogue(
  directory: string,
  present: Catalogue,
  next: Catalogue,
  {
    replacesAll = false,
    ...files
  }: Pick<Publication, 'lock' | 'writer' | 'beforeShown'> & { readonly replacesAll?: boolean },
): void {
  const { durability } = next;
  let dated = next;
  // Its rows have never been synced, and the new promise is about all that the catalogue names.
  if (durability === 'power' && present.durability === 'process') syncTree(directory);
  const isPaged = next instanceof PagedCatalogue && !replacesAll;
  const sections = isPaged ? storedSections(path.join(directory, BRIEF_FILE)) : undefined;
  publish({
    ...files,
    directory,
    generation: next.generation,
    beforeShown: () => {
      files.beforeShown?.();
      // Not earlier: the first version of a dataset may have been retained just now.
      dated = withFacts(next, publicationTime(directory, present));
    },
    show: () => {
      removeBrief(directory);
      writeFileAtomicSync(path.join(directory, CATALOGUE_FILE), encodeCatalogue(dated), { durability });
    },
    shown: () => readCatalogue(directory).generation,
    collect: () => {
      writeBrief(directory, dated, sections);
      (replacesAll ? removeAllSuperseded : removeSuperseded)(directory, dated);
    },
  });
}

/** Catalogues are dated where versions are retained; there time does not run backwards. */
function publicationTime(directory: string, { publishedMs }: Catalogue): { readonly publishedMs?: number } {
  if (publishedMs === undefined && versionIds(directory).length === 0) return {};
  return { publishedMs: Math.max(Date.now(), publishedMs ?? readCurrent(directory).publishedMs) };
}

/**
 * Dates a catalogue that is in force: from then on a release that knows no versions refuses the dataset, where it would
 * remove their files. The content and the generation stay the same.
 */
export function dateCatalogue(directory: string, present: Catalogue, publishedMs: number): void {
  if (present.publishedMs !== undefined) return;
  const { durability = 'power' } = present;
  const text = encodeCatalogue(withFacts(present, { publishedMs }));
  writeFileAtomicSync(path.join(directory, CATALOGUE_FILE), text, { durability });
}
