/** What the target of an export is: one file, or a folder of files; and whether it may be made. */
import path from 'node:path';
import { AtcError } from '../../errors.js';
import type { ExportFormat } from '../../formats/export/export-format.js';
import { EXPORT_FORMATS, exportFormat, formatOfEnding, isEndingOf } from '../../formats/export/formats.js';
import { pathExists } from '../../io/path-kind.js';

/** How symbols go into files. */
export type ExportLayout = 'file' | 'symbols' | 'hive';

/** A letter follows the dot: `lake-1.5` and `2024.01.31` are names of folders. */
const ENDING = /\.[a-z]\w{0,9}$/i;

/**
 * The format by its name, else by the ending of the target, else CSV; the layout by the ending: a target without one is
 * a folder. ARGUMENT for an ending that says neither, or says another format.
 */
export function readTarget(
  target: string,
  name: string | undefined,
  layout: ExportLayout | undefined,
): { format: ExportFormat; layout: ExportLayout } {
  const [ending] = ENDING.exec(path.basename(target)) ?? [];
  const ofEnding = formatOfEnding(target);
  const format = name === undefined ? (ofEnding ?? exportFormat('csv')) : exportFormat(name);
  if (layout !== undefined) return { format, layout };
  if (ending === undefined) return { format, layout: 'symbols' };
  if (name === undefined ? ofEnding !== undefined : isEndingOf(ending, format)) return { format, layout: 'file' };
  const known = [...new Set(EXPORT_FORMATS.map(({ extension }) => extension).filter((it) => it !== '.json'))];
  const what =
    name === undefined
      ? `the ending "${ending}" names no format; name one in format, or take one of ${known.join(', ')}`
      : `the ending "${ending}" is not one of ${format.name}, which is ${format.extension}`;
  const how = 'give the layout "symbols" for a folder of that name, or "file" for one file';
  throw new AtcError('ARGUMENT', `${target}: ${what}; ${how}`, { path: target });
}

/** Before hours are spent on it: IO for a target that exists, ARGUMENT for one inside the dataset. */
export function requireFreeTarget(target: string, source: string | undefined): void {
  if (source !== undefined) {
    const below = path.relative(path.resolve(source), path.resolve(target));
    if (below !== '' && below !== '..' && !below.startsWith(`..${path.sep}`) && !path.isAbsolute(below)) {
      const what = `${target} is inside the dataset ${source}, whose files are its own`;
      throw new AtcError('ARGUMENT', `${what}; choose another location`, { path: target });
    }
  }
  if (!pathExists(target)) return;
  const what = `cannot create ${target}: it exists already; choose another name or remove it first`;
  throw new AtcError('IO', what, { path: target });
}
