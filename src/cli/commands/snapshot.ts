/** `atc snapshot`: names the current version of a dataset, lists the versions that stay, deletes them. */
import { Command } from 'commander';
import { openDatasetSync } from '../../dataset/open.js';
import type { SnapshotInfo } from '../../dataset/versions/snapshot-info.js';
import { AtcError } from '../../errors.js';
import { diskUsage } from '../../io/disk-usage.js';
import { interruptSignal } from '../interrupt.js';
import { asOfOption } from '../options.js';
import { printOut } from '../output.js';
import { formatBytes, formatNumber, joinFitting } from '../text.js';
import { versionTable } from '../version-table.js';

interface SnapshotFlags {
  readonly delete?: string;
  readonly asOf?: string;
  readonly json?: boolean;
}

export function snapshotCommand(): Command {
  return new Command('snapshot')
    .description('name a version of a dataset, which then stays; list, delete')
    .argument('<dataset>', 'the dataset')
    .argument('[name]', 'name for the current version; left out, the versions are listed')
    .option('--delete <name>', 'delete a snapshot, or a generation that is retained without a name')
    .addOption(asOfOption())
    .option('--json', 'print the outcome as JSON')
    .action(async (directory: string, name: string | undefined, flags: SnapshotFlags) => {
      if (flags.delete !== undefined && (name !== undefined || flags.asOf !== undefined)) {
        throw new AtcError('ARGUMENT', '--delete takes the name itself; give no other name and no --as-of with it');
      }
      if (flags.asOf !== undefined && name === undefined) {
        throw new AtcError('ARGUMENT', '--as-of says which version gets the name; give a name with it');
      }
      const dataset = openDatasetSync(directory, { asOf: flags.asOf });
      try {
        const signal = interruptSignal();
        if (flags.delete !== undefined) {
          const before = diskUsage(directory).byteLength;
          await dataset.deleteSnapshot(flags.delete, { signal });
          const freed = Math.max(0, before - diskUsage(directory).byteLength);
          const text = `${directory}: ${flags.delete} deleted, ${formatBytes(freed)} freed`;
          printOut(flags.json === true ? JSON.stringify({ directory, deleted: flags.delete, bytes: freed }) : text);
        } else if (name === undefined) {
          const versions = await dataset.snapshots();
          const current = dataset.generation;
          printOut(
            flags.json === true ? JSON.stringify({ directory, current, versions }) : listed(directory, versions),
          );
        } else {
          const snapshot = await dataset.snapshot(name, { signal });
          printOut(flags.json === true ? JSON.stringify({ directory, ...snapshot }) : named(directory, snapshot));
        }
      } finally {
        dataset.close();
      }
    });
}

function named(directory: string, { name, generation, rows, ownBytes, sharedBytes }: SnapshotInfo): string {
  const cost = `${formatBytes(ownBytes)} of its own, ${formatBytes(sharedBytes)} shared`;
  return joinFitting([
    `${directory}: snapshot ${name} is generation ${generation},`,
    `${formatNumber(rows, 'row')};`,
    cost,
  ]);
}

function listed(directory: string, versions: readonly SnapshotInfo[]): string {
  if (versions.length === 0) return `${directory}: no snapshots; atc snapshot DATASET NAME makes one`;
  return versionTable(versions);
}
