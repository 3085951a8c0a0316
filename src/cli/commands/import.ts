/** `atc import`: CSV files (or another dataset) to a dataset directory. */
import { Command } from 'commander';
import type { CompressionAlgorithm, CompressionLevel } from '../../codec/codec.js';
import { loadConfig } from '../../config/load.js';
import { writeDataset } from '../../dataset/dataset.js';
import { diskUsage } from '../../io/disk-usage.js';
import { interruptSignal } from '../interrupt.js';
import { algorithmOption, levelOption } from '../options.js';
import { createProgress } from '../progress.js';
import { formatBytes, formatCount } from '../text.js';

interface ImportFlags {
  readonly out: string;
  readonly packed?: boolean;
  readonly level?: CompressionLevel;
  readonly algorithm?: CompressionAlgorithm;
  readonly json?: boolean;
}

export function importCommand(): Command {
  return new Command('import')
    .description('turn CSV files into a dataset, mapped or packed')
    .argument('<files...>', '.csv or .csv.gz files of one or many symbols, or one dataset directory')
    .requiredOption('--out <directory>', 'the dataset to make; it must not exist')
    .option('--packed', 'compress it; without this the columns are mapped as they are')
    .addOption(levelOption())
    .addOption(algorithmOption())
    .option('--json', 'print the outcome as JSON')
    .action(async (files: string[], flags: ImportFlags) => {
      const config = await loadConfig({
        overrides: { compressionLevel: flags.level, compressionAlgorithm: flags.algorithm },
      });
      const progress = createProgress('import', 'rows', { quiet: flags.json === true });
      const dataset = await writeDataset(flags.out, files.length === 1 ? files[0] : files, {
        layout: flags.packed === true ? 'packed' : 'mapped',
        level: config.compressionLevel,
        algorithm: config.compressionAlgorithm,
        signal: interruptSignal(),
        onRows: progress.update,
      }).finally(progress.stop);
      const rows = dataset.catalogue.symbols.reduce((sum, entry) => sum + entry.rows, 0);
      const { byteLength, files: fileCount } = diskUsage(flags.out);
      dataset.close();
      const outcome = {
        directory: flags.out,
        layout: dataset.layout,
        symbols: dataset.symbols.length,
        rows,
        bytes: byteLength,
        files: fileCount,
      };
      process.stdout.write(
        flags.json === true
          ? `${JSON.stringify(outcome)}\n`
          : `${flags.out}: ${dataset.layout}, ${formatCount(outcome.symbols)} symbol${outcome.symbols === 1 ? '' : 's'}, ` +
              `${formatCount(rows)} rows, ${formatBytes(byteLength)} in ${formatCount(fileCount)} files\n`,
      );
    });
}
