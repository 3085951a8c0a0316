/** From the names of columns to where they are in a frame. */
import { AtcError, shown } from '../errors.js';
import { nearestName } from '../nearest.js';
import type { FrameSchema } from './frame-header.js';

/** Positions of the named columns; ARGUMENT with the nearest known name for one that is not there. */
export function columnIndexes({ columns }: FrameSchema, names: readonly string[]): number[] {
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string')) {
    throw new AtcError('ARGUMENT', `columns must be a list of names, got ${shown(names)}`);
  }
  return names.map((name) => {
    const index = columns.findIndex((column) => column.name === name);
    if (index >= 0) return index;
    const known = columns.map((column) => column.name);
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? `there are: ${known.slice(0, 20).join(', ')}` : `did you mean "${nearest}"?`;
    throw new AtcError('ARGUMENT', `no column "${name}"; ${hint}`, { column: name });
  });
}
