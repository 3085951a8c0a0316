/** Results of a backtest as a file: JSON for programs, CSV for a spreadsheet. */
import path from 'node:path';
import type { AtcBacktestResult } from 'atc-memory/atc';
import { AtcError } from '../errors.js';
import { isDirectory, pathExists, probeWritable } from '../io/path-kind.js';
import { requireNow } from '../require-now.js';

/** Whether a report of this name is a page to look at. */
export function isPage(file: string | undefined): boolean {
  return file !== undefined && /\.html?$/i.test(file);
}

/**
 * Checked before the work, not after it: ARGUMENT unless the name ends in one of `endings`, IO where no file of that name
 * can be written.
 */
export function requireReportFile(file: string, endings: readonly string[] = ['.json', '.csv', '.html']): void {
  const name = file.toLowerCase().replace(/\.htm$/, '.html');
  if (!endings.some((ending) => name.endsWith(ending))) {
    const [last, ...others] = endings.toReversed();
    throw new AtcError('ARGUMENT', `--report ${file}: the name must end in ${others.reverse().join(', ')} or ${last}`);
  }
  if (pathExists(file) && isDirectory(file)) {
    throw new AtcError('IO', `--report ${file}: it is a directory; name a file`, { path: file });
  }
  const reason = probeWritable(path.dirname(file));
  if (reason !== undefined) throw new AtcError('IO', `--report ${file}: ${reason}`, { path: file });
}

export function reportFile(file: string, result: AtcBacktestResult): string {
  if (/\.json$/i.test(file)) return `${JSON.stringify(result, null, 2)}\n`;
  const rows = result.symbols.map(({ symbol, rows: count, firstMs, lastMs, lastClose, summary, trading }) => {
    const { buyAndHold, ...own } = trading;
    const held = Object.fromEntries(Object.entries(buyAndHold).map(([name, value]) => [`buyAndHold.${name}`, value]));
    return { symbol, rows: count, firstMs, lastMs, lastClose, ...summary, ...own, ...held };
  });
  const { unparse } = requireNow<typeof import('papaparse')>('papaparse');
  // A symbol that begins with = + - or @ would be a formula to the spreadsheet.
  return `${unparse(rows, { newline: '\n', escapeFormulae: true })}\n`;
}
