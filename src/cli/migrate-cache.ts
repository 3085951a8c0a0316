/** `atc migrate DIR`: a cache directory of another package becomes one of ours, in place, and back. */

import { loadConfig } from '../config/load.js';
import { migrateDirectory } from '../entries/migrate/migrate.js';
import type { MigrationReport } from '../entries/migrate/report.js';
import { revertDirectory } from '../entries/migrate/revert.js';
import { EXIT } from './exit.js';
import { interruptSignal } from './interrupt.js';
import type { MigrateFlags } from './migrate-flags.js';
import { escapeLine, printOut } from './output.js';
import { createProgress } from './progress.js';
import { formatBytes, formatCount, formatTable } from './text.js';

export async function migrateCache(directory: string, flags: MigrateFlags): Promise<void> {
  const config = await loadConfig({
    overrides: { compressionLevel: flags.level, compressionAlgorithm: flags.algorithm },
  });
  const progress = createProgress('migrate', 'entries', { quiet: flags.json === true });
  const run = flags.revert === true ? revertDirectory : migrateDirectory;
  const report = await run(directory, {
    dryRun: flags.dryRun,
    level: config.compressionLevel,
    algorithm: config.compressionAlgorithm,
    signal: interruptSignal(),
    onProgress: progress.update,
  }).finally(progress.stop);
  printOut(flags.json === true ? JSON.stringify(report) : describe(report, flags.revert === true));
  if (report.left.length > 0) process.exitCode = EXIT.failed;
}

/** Of the entries that are left alone, so many are listed. */
const LISTED = 20;

function describe({ directory, isDryRun, formats, left }: MigrationReport, isRevert: boolean): string {
  const lines: string[] = [];
  if (formats.length === 0 && left.length === 0)
    lines.push(`${directory}: nothing to ${isRevert ? 'revert' : 'migrate'}`);
  if (formats.length > 0) {
    const after = isDryRun && isRevert ? () => '-' : formatBytes;
    const rows = formats.map((one) => {
      return [one.format, formatCount(one.entries), formatBytes(one.bytesBefore), after(one.bytesAfter)];
    });
    lines.push(formatTable([isRevert ? 'to' : 'from', 'entries', 'before', 'after'], rows));
    lines.push(`${directory}: ${isDryRun ? 'dry run, nothing was changed' : isRevert ? 'reverted' : 'migrated'}`);
  }
  if (left.length > 0) lines.push(`${formatCount(left.length)} left as they are:`);
  for (const { what, reason } of left.slice(0, LISTED)) lines.push(`  ${escapeLine(what)}: ${escapeLine(reason)}`);
  if (left.length > LISTED) lines.push(`  and ${formatCount(left.length - LISTED)} more`);
  return lines.join('\n');
}
