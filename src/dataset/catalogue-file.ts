/** Reading the catalogue of a dataset directory. */
import path from 'node:path';
import { AtcError } from '../errors.js';
import type { Durability } from '../io/durability.js';
import { refuseLinks } from '../io/own-path.js';
import { modifiedMs, pathExists, readTextFile } from '../io/path-kind.js';
import { CATALOGUE_FILE, type Catalogue, decodeCatalogue } from './catalogue.js';

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
