/** Names of the .npy files of a mapped segment, one per column. */
import path from 'node:path';
import { pathExists } from '../io/path-kind.js';

const PLAIN = /^[a-z][a-z0-9_]{0,60}$/;
/** Names that Windows reserves for devices, with any ending. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

/**
 * The file that a new segment stores a column in: the column's name where every file system takes it, else its index.
 * No plain name has a `-`, so that no two columns of a segment share a file, whatever they are called.
 */
export function columnFileName(index: number, name: string): string {
  return PLAIN.test(name) && !RESERVED.test(name) ? `${name}.npy` : `column-${index}.npy`;
}

/** The file of a column in a segment that exists. Release 1.0 wrote columns with reserved names under these names. */
export function columnFilePath(directory: string, index: number, name: string): string {
  const written = path.join(directory, columnFileName(index, name));
  return RESERVED.test(name) && !pathExists(written) ? path.join(directory, `${name}.npy`) : written;
}
