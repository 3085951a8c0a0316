/** Studies whose shards ran in directories of their own: their finished units are brought together. */
import { AtcError } from '../errors.js';
import { type StudyCut, StudyFiles } from './study-files.js';
import { contentOf, StudyPart } from './study-part.js';

/**
 * Copies the finished work of `parts` into the study. A part that is a finished study itself is taken whole.
 *
 * @throws AtcError ARGUMENT for a part of another study, or one that was cut into other units; IO for a directory
 * without a study; CORRUPT for a damaged unit.
 */
export async function mergeParts(
  into: StudyFiles,
  parts: readonly (string | StudyPart)[],
  identity: Readonly<Record<string, unknown>>,
  trials: number,
): Promise<void> {
  for (const one of parts) {
    if (one instanceof StudyPart) {
      addPart(into, one);
      continue;
    }
    const directory = one;
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
    if (cut !== undefined) requireCut(into, cut, directory);
    for (const name of part.unitNames()) await into.takeUnit(part, name);
  }
}

function addPart(into: StudyFiles, part: StudyPart): void {
  const { identity, cut, units } = contentOf(part);
  into.requireSame(identity);
  requireCut(into, cut, 'a part');
  for (const [name, bytes] of units) into.addUnit(`${name}.unit`, bytes, `unit ${name} of a part`);
}

function requireCut(into: StudyFiles, cut: StudyCut, origin: string): void {
  const own = into.beginCut(cut);
  if (own.batch === cut.batch) return;
  throw new AtcError(
    'ARGUMENT',
    `${origin} was cut into units of ${cut.batch} trials, ${into.directory} has units of ${own.batch}; ` +
      'run all shards of a study with the same n',
    { path: into.directory },
  );
}
