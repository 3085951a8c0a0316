/**
 * Versions of a dataset that stay: `snapshots/<name>.json` for each that has a name, `snapshots/<generation>.json` for
 * each that is retained without one. Such a file holds the whole catalogue of its generation, so it is the reference to
 * all segments of it: they stay as long as the file does. Layout: docs/format.md.
 */
import path from 'node:path';
import { AtcError, isAtcError } from '../../errors.js';
import { type CheckedFormat, decodeCheckedJson } from '../../io/checked-json.js';
import { refuseLinks } from '../../io/own-path.js';
import { readTextFile } from '../../io/path-kind.js';
import { namesIn } from '../../io/temporary.js';
import { type Catalogue, catalogueOf, withFacts } from '../catalogue.js';

export const VERSIONS_DIRECTORY = 'snapshots';
export const VERSION_FORMAT: CheckedFormat = { format: 'atc-memory snapshot', version: 2 };
const ENDING = '.json';

/** What `snapshots/<id>.json` says. */
export interface VersionFile {
  /** The name of the snapshot, or the generation in digits: the name of the file. */
  readonly id: string;
  /** Undefined where a generation is retained without a name. */
  readonly name?: string;
  /** When it was named or retained, UTC ms. */
  readonly takenMs: number;
  /** Of the version, `publishedMs` included. */
  readonly catalogue: Catalogue & { readonly publishedMs: number };
  /** The file as it is. */
  readonly text: string;
}

export function versionPath(directory: string, id: string): string {
  return path.join(directory, VERSIONS_DIRECTORY, `${id}${ENDING}`);
}

/** The same relative to the dataset, with `/`. */
export function versionFileName(id: string): string {
  return `${VERSIONS_DIRECTORY}/${id}${ENDING}`;
}

/** The names of the files without their ending, in order; nothing is read. */
export function versionIds(directory: string): string[] {
  return namesIn(path.join(directory, VERSIONS_DIRECTORY))
    .filter((name) => name.endsWith(ENDING) && !name.startsWith('.'))
    .map((name) => name.slice(0, -ENDING.length))
    .sort();
}

/** Undefined when there is none of that name; CORRUPT or FORMAT_VERSION for one that cannot be used. */
export function readVersion(directory: string, id: string): VersionFile | undefined {
  refuseLinks(directory, versionFileName(id));
  const file = versionPath(directory, id);
  const text = readTextFile(file);
  return text === undefined ? undefined : decodeVersion(text, id, directory, file);
}

/** All of them, the oldest generation first. */
export function readVersions(directory: string): VersionFile[] {
  const found = versionIds(directory).flatMap((id) => readVersion(directory, id) ?? []);
  return found.sort((a, b) => a.catalogue.generation - b.catalogue.generation || (a.id < b.id ? -1 : 1));
}

/**
 * What must not be removed: undefined while a file cannot be read, for then nobody knows, and everything stays until it
 * is repaired or deleted.
 */
export function heldVersions(directory: string): VersionFile[] | undefined {
  try {
    return readVersions(directory);
  } catch (error) {
    if (isAtcError(error)) return undefined;
    throw error;
  }
}

/**
 * The version that a file of the dataset in `directory` holds; CORRUPT or FORMAT_VERSION for one that cannot be used.
 */
export function decodeVersion(text: string, id: string, directory: string, file: string): VersionFile {
  const fail = (what: string, cause?: unknown): never => {
    const advice = 'restore it from a backup, or delete the snapshot';
    throw new AtcError('CORRUPT', `${file} is damaged: ${what}; ${advice}`, { path: file, cause });
  };
  const decoded = decodeCheckedJson(VERSION_FORMAT, text);
  if ('problem' in decoded) {
    const isChanged = decoded.problem === 'a wrong checksum';
    if (isChanged) return fail('its content does not match its checksum');
    if (decoded.problem !== 'a later version') return fail(`it is ${decoded.problem}`, decoded.cause);
    const known = `this release reads ${VERSION_FORMAT.version}`;
    const what = `${file} has version ${String(decoded.version)}, ${known}; update atc-memory`;
    throw new AtcError('FORMAT_VERSION', what, { path: file });
  }
  const { name, takenMs, catalogue: content } = decoded.content;
  if (name !== undefined && typeof name !== 'string') return fail('its name is not a text');
  if (!Number.isSafeInteger(takenMs)) return fail('"takenMs" is not a time');
  if (typeof content !== 'object' || content === null) return fail('it has no catalogue');
  const catalogue = catalogueOf(content as Record<string, unknown>, directory, (what) => fail(what));
  const { publishedMs } = catalogue;
  if (publishedMs === undefined) return fail('"publishedMs" is missing');
  // Renamed by hand: two files could then hold the same name.
  if (id !== (name ?? String(catalogue.generation))) return fail(`it holds "${name ?? catalogue.generation}"`);
  return {
    id,
    ...(name !== undefined && { name }),
    takenMs: takenMs as number,
    catalogue: withFacts(catalogue, { publishedMs }) as VersionFile['catalogue'],
    text,
  };
}
