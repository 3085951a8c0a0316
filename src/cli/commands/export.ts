/** `atc export`: a dataset to the files of others. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { type ExportOptions, exportDataset } from '../../dataset/export/export-dataset.js';
import { timeBound } from '../../formats/options.js';
import { interruptSignal } from '../interrupt.js';
import { asOfOption } from '../options.js';
import { printOut } from '../output.js';
import { createProgress } from '../progress.js';
import { formatBytes, formatNumber } from '../text.js';

interface Flags {
  readonly out: string;
  readonly format?: ExportOptions['format'];
  readonly layout?: ExportOptions['layout'];
  readonly symbols?: string[];
  readonly columns?: string[];
  readonly from?: number;
  readonly to?: number;
  readonly interval?: string;
  readonly partial?: ExportOptions['partial'];
  readonly exchange?: string;
  readonly security?: ExportOptions['security'];
  readonly compression?: ExportOptions['compression'];
  readonly asOf?: string;
  readonly json?: boolean;
}

const FORMATS = ['csv', 'ndjson', 'parquet', 'arrow', 'feather', 'npy', 'freqtrade', 'ccxt', 'backtest-kit', 'lean'];

export function exportCommand(): Command {
  const list = (text: string) => text.split(',').map((name) => name.trim());
  return new Command('export')
    .description('write a dataset as files of another format')
    .argument('<dataset>', 'a dataset directory')
    .requiredOption('--out <path>', 'the file (its ending says the format) or the folder to make; it must not exist')
    .addOption(new Option('--format <name>', 'default: by the ending, else csv').choices(FORMATS))
    .addOption(
      new Option('--layout <name>', 'one file for all, one a symbol, or folders as Hive has them').choices([
        'file',
        'symbols',
        'hive',
      ]),
    )
    .option('--symbols <names>', 'only these, comma-separated', list)
    .option('--columns <names>', 'only these, comma-separated; the timestamp is always there', list)
    .addOption(new Option('--from <time>', 'only candles at or after this time (ISO, UTC)').argParser(bound('from')))
    .addOption(new Option('--to <time>', 'only candles before this time').argParser(bound('to')))
    .option('--interval <length>', 'longer candles: 5m, 1h, 1d, 1w, 1M')
    .addOption(
      new Option('--partial <how>', 'with --interval: the last candle while its time is not over').choices([
        'include',
        'omit',
      ]),
    )
    .option('--exchange <name>', 'name in the folders of backtest-kit and LEAN, default binance, of equities usa')
    .addOption(new Option('--security <kind>', 'of LEAN, default crypto').choices(['crypto', 'equity']))
    .addOption(
      new Option('--compression <name>', 'of Parquet, default snappy').choices(['snappy', 'gzip', 'zstd', 'none']),
    )
    .addOption(asOfOption())
    .option('--json', 'print the outcome as JSON')
    .action(async (directory: string, { out, from, to, json, ...flags }: Flags) => {
      const progress = createProgress('export', 'rows', { quiet: json === true });
      const report = await exportDataset(directory, out, {
        ...flags,
        fromMs: from,
        toMs: to,
        signal: interruptSignal(),
        onRows: progress.update,
      }).finally(progress.stop);
      const { format, files, rows, bytes } = report;
      printOut(
        json === true
          ? JSON.stringify(report)
          : `${out}: ${format}, ${formatNumber(rows, 'row')}, ${formatBytes(bytes)} in ` +
              `${formatNumber(files.length, 'file')}`,
      );
    });
}

function bound(name: 'from' | 'to') {
  return (text: string): number => {
    try {
      return timeBound(name, text)!;
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
}
