/** `atc compact`: as few files as possible in a dataset, the same bits. */
import { Command } from 'commander';
import { openDatasetSync } from '../../dataset/open.js';
import { diskUsage } from '../../io/disk-usage.js';
import { interruptSignal } from '../interrupt.js';
import { keepOption } from '../options.js';
import { printOut } from '../output.js';
import { createProgress } from '../progress.js';
import { formatBytes, formatNumber } from '../text.js';

interface CompactFlags {
  readonly keep?: number;
  readonly json?: boolean;
}

export function compactCommand(): Command {
  return new Command('compact')
    .description('join the segments that appends and upserts have left')
    .argument('<dataset>', 'the dataset')
    .addOption(keepOption())
    .option('--json', 'print the outcome as JSON')
    .action(async (directory: string, { keep, json }: CompactFlags) => {
      const dataset = openDatasetSync(directory);
      try {
        const before = sizeOf(directory, dataset.catalogue.symbols);
        const progress = createProgress('compact', 'rows', { quiet: json === true });
        await dataset.compact({ keep, signal: interruptSignal(), onRows: progress.update }).finally(progress.stop);
        const after = sizeOf(directory, dataset.catalogue.symbols);
        const { generation } = dataset;
        printOut(json === true ? JSON.stringify({ directory, generation, before, after }) : textOf());

        function textOf(): string {
          const count = `${formatNumber(before.segments, 'segment')}, now ${after.segments}`;
          return `${directory}: ${count}; ${formatBytes(before.bytes)}, now ${formatBytes(after.bytes)}`;
        }
      } finally {
        dataset.close();
      }
    });
}

function sizeOf(directory: string, symbols: readonly { readonly segments: readonly unknown[] }[]) {
  const segments = symbols.reduce((sum, entry) => sum + entry.segments.length, 0);
  return { segments, bytes: diskUsage(directory).byteLength };
}
