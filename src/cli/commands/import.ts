/** `atc import`: files of others (or another dataset) to a dataset directory. */
import { Command } from 'commander';
import type { CompressionAlgorithm, CompressionLevel } from '../../codec/codec.js';
import { loadConfig } from '../../config/load.js';
import { writeDataset } from '../../dataset/dataset.js';
import { type FileReport, importOptionsOf } from '../../formats/options.js';
import { diskUsage } from '../../io/disk-usage.js';
import { describeFile, type ImportFlags, listPresets, withImportOptions } from '../import-options.js';
import { interruptSignal } from '../interrupt.js';
import { algorithmOption, levelOption } from '../options.js';
import { escapeLine } from '../output.js';
import { createProgress } from '../progress.js';
import { formatBytes, formatCount, formatNumber } from '../text.js';

/** Lines about single files; the rest is counted. */
const MAX_LINES = 40;

interface Flags extends ImportFlags {
  readonly out?: string;
  readonly list?: boolean;
  readonly packed?: boolean;
  readonly level?: CompressionLevel;
  readonly algorithm?: CompressionAlgorithm;
  readonly json?: boolean;
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
      process.stdout.write(listPresets());
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
  const progress = createProgress('import', 'rows', { quiet: flags.json === true });
  const files: FileReport[] = [];
  const dataset = await writeDataset(flags.out, sources.length === 1 ? sources[0] : sources, {
    ...importOptionsOf(flags),
    layout: flags.packed === true ? 'packed' : 'mapped',
    level: config.compressionLevel,
    algorithm: config.compressionAlgorithm,
    signal: interruptSignal(),
    onRows: progress.update,
    onFile: (file) => files.push(file),
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
    sources: files,
  };
  if (flags.json !== true) {
    for (const file of files.slice(0, MAX_LINES)) process.stdout.write(`${escapeLine(describeFile(file))}\n`);
    if (files.length > MAX_LINES)
      process.stdout.write(`… and ${formatNumber(files.length - MAX_LINES, 'more file', 'more files')}\n`);
  }
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(outcome)}\n`
      : `${flags.out}: ${dataset.layout}, ${formatCount(outcome.symbols)} symbol${outcome.symbols === 1 ? '' : 's'}, ` +
          `${formatCount(rows)} rows, ${formatBytes(byteLength)} in ${formatCount(fileCount)} files\n`,
  );
}
