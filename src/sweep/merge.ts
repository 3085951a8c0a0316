/** Studies whose shards ran in directories of their own: their finished units are brought together. */
import { AtcError } from '../errors.js';
import { StudyFiles } from './study-files.js';

/**
 * Copies the finished work of `parts` into the study. A part that is a finished study itself is taken whole.
 *
 * @throws AtcError ARGUMENT for a part of another study, or one that was cut into other units; IO for a directory
 * without a study; CORRUPT for a damaged unit.
 */
export async function mergeParts(
  into: StudyFiles,
  parts: readonly string[],
  identity: Readonly<Record<string, unknown>>,
  trials: number,
): Promise<void> {
  for (const directory of parts) {
    const part = new StudyFiles(directory);
    if (part.identity() === undefined) {
      throw new AtcError('IO', `${directory} holds no study; a merge takes what \`--shard\` left in --out`, {
        path: directory,
      });
    }
    part.requireSame(identity);
    const finished = (part.report()?.trials as number | undefined) ?? 0;
    if (finished >= trials) {
      await into.takeWhole(part);
      return;
    }
    const cut = part.cut();
    const own = cut === undefined ? undefined : into.beginCut(cut);
    if (own !== undefined && own.batch !== cut?.batch) {
      throw new AtcError(
        'ARGUMENT',
        `${directory} was cut into units of ${cut?.batch} trials, ${into.directory} has units of ${own.batch}; ` +
          'run all shards of a study with the same n',
        { path: directory },
      );
    }
    for (const name of part.unitNames()) await into.takeUnit(part, name);
  }
}
