/** `atc scan`: all symbols of a dataset by their last signal, strongest first. */
import { type AtcBacktestResult, backtest } from 'atc-memory/atc';
import { Command, Option } from 'commander';
import { listFiles } from '../files-read.js';
import { interruptSignal } from '../interrupt.js';
import {
  type CommonOptions,
  parameterOption,
  resolveOptions,
  shareOption,
  withStorageOptions,
  workersOption,
} from '../options.js';
import { printOut } from '../output.js';
import { createProgress } from '../progress.js';
import { formatCount, formatPercent, formatTable, formatTime } from '../text.js';

interface ScanFlags extends CommonOptions {
  readonly minSignal: number;
  readonly workers?: number;
  readonly json?: boolean;
  readonly param: Record<string, string>;
}

/** What the original's scanner leaves out: too weak to be called a trend. */
const MIN_SIGNAL = 0.01;

export function scanCommand(): Command {
  const command = new Command('scan')
    .description('rank the symbols of a dataset by their last signal')
    .argument('<sources...>', 'CSV files (one or many symbols), or one dataset directory')
    .addOption(shareOption('--min-signal <size>', 'leave out weaker signals, up or down').default(MIN_SIGNAL))
    .addOption(workersOption())
    .addOption(new Option('--json', 'print the ranking as JSON'));
  return withStorageOptions(command)
    .addOption(parameterOption())
    .action(async (sources: string[], flags: ScanFlags) => {
      const options = await resolveOptions(flags);
      const quiet = flags.json === true;
      const reading = createProgress('read', 'rows', { quiet });
      const progress = createProgress('scan', 'rows', { quiet });
      const result = await listFiles({ quiet }, (onFile) =>
        backtest(sources.length === 1 ? sources[0] : sources, {
          ...options,
          ...flags.param,
          workers: flags.workers,
          onRows: reading.update,
          onFile,
          onProgress: ({ rowsDone, rowsTotal }) => progress.update(rowsDone, rowsDone / rowsTotal),
          signal: interruptSignal(),
        }).finally(() => {
          reading.stop();
          progress.stop();
        }),
      );
      const ranking = rank(result, flags.minSignal);
      printOut(flags.json === true ? JSON.stringify(ranking) : textOf(ranking, result));
    });
}

type Ranked = ReturnType<typeof rank>[number];

/** Strongest upward signal first, strongest downward one last; equal ones in the order of the dataset. */
function rank({ symbols }: AtcBacktestResult, minSignal: number) {
  return symbols
    .map(({ symbol, summary, lastMs, lastClose, trading }) => ({
      symbol,
      signal: summary.signal,
      trend: summary.trend,
      lastMs,
      lastClose,
      totalReturn: trading.totalReturn,
    }))
    .filter(({ signal }) => Math.abs(signal) >= minSignal)
    .sort((a, b) => b.signal - a.signal);
}

function textOf(ranking: readonly Ranked[], result: AtcBacktestResult): string {
  const table = formatTable(
    ['symbol', 'signal', 'close', 'at', 'return'],
    ranking.map(({ symbol, signal, lastClose, lastMs, totalReturn }) => [
      symbol,
      signal.toFixed(4),
      String(lastClose),
      formatTime(lastMs),
      formatPercent(totalReturn),
    ]),
  );
  const weak = result.symbols.length - ranking.length;
  const short = result.skipped.length;
  const left = [
    weak > 0 ? `${formatCount(weak)} with a weaker signal` : '',
    short > 0 ? `${formatCount(short)} with too few rows` : '',
  ];
  const omitted = left.filter((text) => text !== '').join(', ');
  return omitted === '' ? table : `${table}\nleft out: ${omitted}`;
}
