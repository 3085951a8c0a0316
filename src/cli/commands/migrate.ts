/** `atc migrate`: a cache directory of another package becomes one of ours, in place, and back. */
import { Command } from 'commander';
import { migrateDirectory } from '../../cache/migrate/migrate.js';
import type { MigrationReport } from '../../cache/migrate/report.js';
import { revertDirectory } from '../../cache/migrate/revert.js';
import type { CompressionAlgorithm, CompressionLevel } from '../../codec/codec.js';
import { loadConfig } from '../../config/load.js';
import { EXIT } from '../exit.js';
import { interruptSignal } from '../interrupt.js';
import { algorithmOption, levelOption } from '../options.js';
import { createProgress } from '../progress.js';
import { formatBytes, formatCount, formatTable } from '../text.js';

interface MigrateFlags {
  readonly dryRun?: boolean;
  readonly revert?: boolean;
  readonly level?: CompressionLevel;
  readonly algorithm?: CompressionAlgorithm;
  readonly json?: boolean;
}

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('compress a cache directory in place: cache-manager-fs-hash, keyv-file, our own uncompressed entries')
    .argument('<directory>', 'the directory of the cache')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--revert', 'write every entry back the way its former cache does')
    .addOption(levelOption())
    .addOption(algorithmOption())
    .option('--json', 'print the outcome as JSON')
    .action(async (directory: string, flags: MigrateFlags) => {
      const config = await loadConfig({
        overrides: { compressionLevel: flags.level, compressionAlgorithm: flags.algorithm },
      });
      const progress = createProgress('migrate', 'entries');
      const run = flags.revert === true ? revertDirectory : migrateDirectory;
      const report = await run(directory, {
        dryRun: flags.dryRun,
        level: config.compressionLevel,
        algorithm: config.compressionAlgorithm,
        signal: interruptSignal(),
        onProgress: progress.update,
      }).finally(progress.stop);
      process.stdout.write(
        flags.json === true ? `${JSON.stringify(report)}\n` : describe(report, flags.revert === true),
      );
      if (report.left.length > 0) process.exitCode = EXIT.failed;
    });
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
  for (const { what, reason } of left.slice(0, LISTED)) lines.push(`  ${what}: ${reason}`);
  if (left.length > LISTED) lines.push(`  and ${formatCount(left.length - LISTED)} more`);
  return `${lines.join('\n')}\n`;
}
