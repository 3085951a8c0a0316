/** `atc import`: files of others (or another dataset) to a dataset directory. */
import { Command } from 'commander';
import type { CompressionAlgorithm, CompressionLevel } from '../../codec/codec.js';
import { loadConfig } from '../../config/load.js';
import { writeDataset } from '../../dataset/dataset.js';
import { type FileReport, importOptionsOf } from '../../formats/options.js';
import { diskUsage } from '../../io/disk-usage.js';
import type { DatasetLayout } from '../../table.js';
import { listFiles } from '../files-read.js';
import { type ImportFlags, listPresets, withImportOptions } from '../import-options.js';
import { interruptSignal } from '../interrupt.js';
import { algorithmOption, levelOption } from '../options.js';
import { escapeLine, printOut } from '../output.js';
import { createProgress } from '../progress.js';
import { keepHeapSmall } from '../small-heap.js';
import { formatBytes, formatNumber } from '../text.js';

interface Flags extends ImportFlags {
  readonly out?: string;
  readonly list?: boolean;
  readonly packed?: boolean;
  readonly level?: CompressionLevel;
  readonly algorithm?: CompressionAlgorithm;
  readonly json?: boolean;
}

/** What `--json` prints. */
interface Outcome {
  readonly directory: string;
  readonly layout: DatasetLayout;
  readonly symbols: number;
  readonly rows: number;
  readonly bytes: number;
  readonly files: number;
  readonly sources: readonly FileReport[];
}

export function importCommand(): Command {
  const command = new Command('import')
    .description('turn files of market data into a dataset, mapped or packed')
    .argument('[sources...]', 'files, folders, patterns, one dataset, or - for standard input')
    .option('--out <directory>', 'the dataset to make; it must not exist')
    .option('--packed', 'compress it; without this the columns are mapped as they are')
    .addOption(levelOption())
    .addOption(algorithmOption())
    .option('--list', 'print the presets and end')
    .option('--json', 'print the outcome as JSON');
  return withImportOptions(command).action(async (sources: string[], flags: Flags) => {
    if (flags.list === true) {
      printOut(listPresets());
      return;
    }
    if (sources.length === 0) command.error("error: missing required argument 'sources'");
    const out = flags.out ?? command.error("error: required option '--out <directory>' not specified");
    await importFiles(sources, { ...flags, out });
  });
}

async function importFiles(sources: readonly string[], flags: Flags & { readonly out: string }): Promise<void> {
  const config = await loadConfig({
    overrides: { compressionLevel: flags.level, compressionAlgorithm: flags.algorithm },
  });
  keepHeapSmall();
  const progress = createProgress('import', 'rows', { quiet: flags.json === true });
  const files: FileReport[] = [];
  const dataset = await listFiles({ quiet: flags.json === true }, (onFile) =>
    writeDataset(flags.out, sources.length === 1 ? sources[0] : sources, {
      ...importOptionsOf(flags),
      layout: flags.packed === true ? 'packed' : 'mapped',
      level: config.compressionLevel,
      algorithm: config.compressionAlgorithm,
      signal: interruptSignal(),
      onRows: progress.update,
      onFile: (file) => {
        files.push(file);
        onFile(file);
      },
    }).finally(progress.stop),
  );
  const rows = dataset.catalogue.symbols.reduce((sum, entry) => sum + entry.rows, 0);
  const { byteLength, files: fileCount } = diskUsage(flags.out);
  dataset.close();
  const outcome: Outcome = {
    directory: flags.out,
    layout: dataset.layout,
    symbols: dataset.symbols.length,
    rows,
    bytes: byteLength,
    files: fileCount,
    sources: files,
  };
  printOut(flags.json === true ? JSON.stringify(outcome) : textOf(outcome));
}

function textOf({ directory, layout, symbols, rows, bytes, files }: Outcome): string {
  const counts = [formatNumber(symbols, 'symbol'), formatNumber(rows, 'row')].join(', ');
  return `${escapeLine(directory)}: ${layout}, ${counts}, ${formatBytes(bytes)} in ${formatNumber(files, 'file')}`;
}
