/** Reading and replacing the catalogue of a dataset directory. */
import path from 'node:path';
import { AtcError } from '../errors.js';
import { syncTree } from '../io/atomic-directory.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import type { Durability } from '../io/durability.js';
import { refuseLinks } from '../io/own-path.js';
import { modifiedMs, pathExists, readTextFile } from '../io/path-kind.js';
import { type Publication, publish } from '../io/publish.js';
import { writeBrief } from './brief-catalogue.js';
import { CATALOGUE_FILE, type Catalogue, decodeCatalogue, encodeCatalogue } from './catalogue.js';
import { removeSuperseded } from './superseded.js';
import { versionIds } from './versions/version-files.js';

/** Throws IO where there is none, CORRUPT or FORMAT_VERSION for one that cannot be used. */
export function readCatalogue(directory: string): Catalogue {
  return decodeCatalogue(readText(directory), path.join(directory, CATALOGUE_FILE));
}

/** The catalogue in force, as text too, and when it was published as far as the directory knows. */
export function readCurrent(directory: string) {
  const text = readText(directory);
  const file = path.join(directory, CATALOGUE_FILE);
  const catalogue = decodeCatalogue(text, file);
  return { catalogue, publishedMs: catalogue.publishedMs ?? modifiedMs(file), text };
}

/** Whether this text is still that of the catalogue in force. */
export function isCurrentText(directory: string, text: string): boolean {
  return readText(directory) === text;
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
  const dated = { ...next, ...publicationTime(directory, present) };
  // Its rows have never been synced, and the new promise is about all that the catalogue names.
  if (durability === 'power' && present.durability === 'process') syncTree(directory);
  publish({
    ...files,
    directory,
    generation: next.generation,
    show: () => writeFileAtomicSync(path.join(directory, CATALOGUE_FILE), encodeCatalogue(dated), { durability }),
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
