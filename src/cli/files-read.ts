/** What was understood of the files that a command read: one line a file, on stderr before the result. */
import { isAtcError } from '../errors.js';
import type { FileReport } from '../formats/options.js';
import { escapeLine, printError } from './output.js';
import { formatNumber } from './text.js';

/** Lines about single files; the rest is counted. */
const MAX_LINES = 40;

/** Passes `onFile` to work that reads files, and prints a line about each when the work has ended. */
export async function listFiles<T>(
  { quiet }: { readonly quiet: boolean },
  work: (onFile: (file: FileReport) => void) => Promise<T>,
): Promise<T> {
  // By path: a run that reads its files twice, such as check --fix, lists them once.
  const files = new Map<string, FileReport>();
  try {
    return await work((file) => files.set(file.path, file));
  } catch (error) {
    // Damaged data and an interrupt end the reading: the error names its file, and the others do not matter.
    if (!isAtcError(error) || error.code === 'CORRUPT' || error.code === 'IO') files.clear();
    throw error;
  } finally {
    if (!quiet) printFiles([...files.values()]);
  }
}

function printFiles(files: readonly FileReport[]): void {
  // What the reader should know comes first, and is not among what is only counted.
  const ordered = [...files].sort((a, b) => Number(b.notes.length > 0) - Number(a.notes.length > 0));
  const lines = ordered.slice(0, MAX_LINES).map((file) => escapeLine(describeFile(file)));
  const unlisted = files.length - lines.length;
  if (unlisted > 0) lines.push(`… and ${formatNumber(unlisted, 'more file', 'more files')}`);
  if (lines.length > 0) printError(lines.join('\n'));
}

/** `BTCUSDT-1m-2025-01-01.csv: read as Binance klines, us, UTC, 1,440 rows`. */
function describeFile({ path, title, times, zone, rows, notes }: FileReport): string {
  const isLeftOut = title.startsWith('left out');
  const parts = [isLeftOut ? title : `read as ${title}`, times, zone].filter(
    (part) => part !== undefined && part !== '',
  );
  if (!isLeftOut) parts.push(formatNumber(rows, 'row'));
  const line = `${path}: ${parts.join(', ')}`;
  return notes.length === 0 ? line : `${line} (${notes.join('; ')})`;
}
