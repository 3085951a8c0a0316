/** Which files belong together, and in what order: by a look at the first rows of each, before any is read. */
import { NO_HEAD, type OpenFile } from './file-reading.js';
import { dateOf, joinDated } from './joined-names.js';
import { type Look, lookAt } from './look.js';
import type { SourceOptions } from './source-options.js';

/**
 * Files with a symbol in common, or that may have one in rows that were not looked at, make a group; groups in the
 * order in which they were found, the files of a group by their first times (equal ones as they were found). Months of
 * one series become one symbol first; `wantedOf` leaves out files that are of another kind.
 */
export async function inOrderOfTime(
  files: readonly OpenFile[],
  options: SourceOptions,
  wantedOf: (files: readonly OpenFile[]) => OpenFile[],
): Promise<OpenFile[][]> {
  const nameOf = (one: OpenFile) => dateOf(one)?.rest ?? one.context.symbol;
  const counts = new Map<string, number>();
  for (const one of files) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
  const seen = new Map<OpenFile, Look>();
  for (const one of files) seen.set(one, await lookAt(one, options, counts.get(nameOf(one)) === 1));
  const looks = joinDated(seen);
  return groupsOf(wantedOf([...looks.keys()]), looks).map((group) => {
    const inOrder = group
      .map((one) => ({ one, look: looks.get(one)! }))
      .sort((a, b) => (a.look.first === b.look.first ? 0 : a.look.first - b.look.first));
    return inOrder.map(({ one, look }) => ({ ...light(one), notBefore: look.notBefore }));
  });
}

/** Their heads are read again when their turn comes; standard input cannot be. */
function light({ file, context }: OpenFile): OpenFile {
  return { file: { ...file, head: file.path === '-' ? file.head : NO_HEAD }, context };
}

function groupsOf(files: readonly OpenFile[], looks: ReadonlyMap<OpenFile, Look>): OpenFile[][] {
  // Any symbol may come in a file that is open: then all belong together.
  if (files.some((one) => looks.get(one)!.isOpen)) return [[...files]];
  const groupOf = new Map<string, OpenFile[]>();
  for (const one of files) {
    const { symbols } = looks.get(one)!;
    const [group = [], ...others] = new Set([...symbols].flatMap((symbol) => atMostOne(groupOf.get(symbol))));
    for (const other of others) {
      group.push(...other);
      for (const [symbol, list] of groupOf) if (list === other) groupOf.set(symbol, group);
    }
    group.push(one);
    for (const symbol of symbols) groupOf.set(symbol, group);
  }
  return [...new Set(groupOf.values())];
}

function atMostOne<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
