/** `atc migrate`: what a host has written, into the form of this package, and back. One file per kind of host. */
import { Command } from 'commander';
import { AtcError } from '../../errors.js';
import { migrateBacktestKit } from '../migrate-backtest-kit.js';
import { migrateCache } from '../migrate-cache.js';
import type { MigrateFlags } from '../migrate-flags.js';
import { algorithmOption, levelOption } from '../options.js';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('convert what another cache has written, or write it back')
    .argument('[directory]', 'a cache of cache-manager-fs-hash or keyv-file, or our own uncompressed entries')
    .option('--backtest-kit <directory>', 'candles of backtest-kit: its project, or its directory of JSON files')
    .option('--store <directory>', 'where they go (default: beside the JSON files, the name with -atc)')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--revert', "back again: write ours as the other cache's own files")
    .addOption(levelOption())
    .addOption(algorithmOption())
    .option('--json', 'print the outcome as JSON')
    .action(async (directory: string | undefined, flags: MigrateFlags) => {
      if (directory !== undefined && flags.backtestKit !== undefined) {
        throw new AtcError('ARGUMENT', 'one at a time: a cache directory, or --backtest-kit DIR');
      }
      if (flags.backtestKit !== undefined) return migrateBacktestKit(flags.backtestKit, flags);
      if (directory !== undefined) return migrateCache(directory, flags);
      throw new AtcError('ARGUMENT', 'say what to migrate: a cache directory, or --backtest-kit DIR');
    });
}
