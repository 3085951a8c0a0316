/** `atc migrate`: what a host has written, into the form of this package, and back. One file per kind of host. */
import { Command } from 'commander';
import { AtcError } from '../../errors.js';
import { migrateBacktestKit } from '../migrate-backtest-kit.js';

export interface MigrateFlags {
  readonly backtestKit?: string;
  readonly store?: string;
  readonly dryRun?: boolean;
  readonly revert?: boolean;
  readonly json?: boolean;
}

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('take over what a host has written before, or write it back')
    .option('--backtest-kit <directory>', 'candles of backtest-kit: its project, or its directory of JSON files')
    .option('--store <directory>', 'where the candles are kept here (default: beside the JSON files, with -atc)')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--revert', "write back what is kept here, as the host's own files")
    .option('--json', 'print the outcome as JSON')
    .action(async (flags: MigrateFlags) => {
      if (flags.backtestKit !== undefined) return migrateBacktestKit(flags.backtestKit, flags);
      throw new AtcError('ARGUMENT', 'say what to migrate: atc migrate --backtest-kit DIR');
    });
}
