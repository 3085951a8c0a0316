/** `atc backtest`: the ATC strategy over history, in memory, mapped or packed; `--compare` runs all four ways. */
import type { BacktestProgress, HistoryOptions } from 'atc-memory';
import { backtest } from 'atc-memory/atc';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { EquityPath } from '../../backtest/equity-path.js';
import type { RowSink } from '../../backtest/seams.js';
import { RowsDigest } from '../../dataset/rows-digest.js';
import { AtcError } from '../../errors.js';
import { writeFileAtomicSync } from '../../io/atomic-file.js';
import { hasColours } from '../colour.js';
import { compareWays } from '../compare.js';
import { EXIT } from '../exit.js';
import { listFiles } from '../files-read.js';
import { backtestOnFleet } from '../fleet-backtest.js';
import { interruptSignal } from '../interrupt.js';
import type { MeasuredRun } from '../measured-run.js';
import { peakMemoryBytes } from '../memory.js';
import {
  type CommonOptions,
  parameterOption,
  resolveOptions,
  shareOption,
  withStorageOptions,
  workersOption,
} from '../options.js';
import { printOut, printPainted } from '../output.js';
import { createProgress } from '../progress.js';
import { type FleetFlags, refuseWithRedis, withFleetOptions } from '../redis-options.js';
import { reportOf } from '../report.js';
import { isPage, reportFile, requireReportFile } from '../report-file.js';

interface BacktestFlags extends CommonOptions, FleetFlags {
  readonly compare?: boolean;
  readonly digest?: boolean;
  readonly json?: boolean;
  /** Which of several runs this is. */
  readonly progress?: string;
  readonly listFiles?: boolean;
  readonly keepCopies?: boolean;
  readonly rows?: string;
  readonly report?: string;
  readonly trades?: number;
  readonly workers?: number;
  readonly fee?: number;
  readonly slippage?: number;
  readonly param: Record<string, string>;
}

export function backtestCommand(): Command {
  const command = new Command('backtest')
    .description('run the ATC strategy over CSV files or a dataset')
    .argument('<sources...>', 'CSV files (one or many symbols), or one dataset directory')
    .option(
      '--compare',
      'run it in memory, mapped, compressed and both, each in its own process, and compare every bit',
    )
    .option(
      '--keep-copies',
      'leave the copies of this run for the next one, which uses them while the files are unchanged',
    )
    .option('--rows <directory>', 'write every bar (timestamp, price, signal) to a new packed dataset')
    .option('--report <file>', 'write the results to a .json or .csv file, or a page with charts to a .html file')
    .addOption(tradesOption())
    .addOption(workersOption())
    .addOption(shareOption('--fee <share>', 'fee of every trade, as a share: 0.001 is 0.1 %'))
    .addOption(shareOption('--slippage <share>', 'what every trade loses against the close, as a share'))
    .option('--json', 'print the result as JSON');
  return withFleetOptions(withStorageOptions(command))
    .addOption(parameterOption())
    .addOption(new Option('--digest', 'add a SHA-256 over all rows to the JSON').hideHelp())
    .addOption(new Option('--progress <what>', 'show progress with --json too, under this name').hideHelp())
    .addOption(new Option('--list-files', 'list the files with --json too').hideHelp())
    .action(async (sources: string[], flags: BacktestFlags) => {
      if (flags.report !== undefined) requireReportFile(flags.report);
      if (flags.trades !== undefined && !isPage(flags.report)) {
        throw new AtcError('ARGUMENT', '--trades lists trades in a page: give --report FILE.html as well');
      }
      const { compare, workers, redis } = flags;
      if (compare === true && isPage(flags.report)) {
        throw new AtcError(
          'ARGUMENT',
          '--compare measures memory, which a page needs too: make the page in a run of its own',
        );
      }
      if (redis !== undefined) refuseWithRedis({ compare, workers });
      if (flags.compare === true) {
        process.exitCode = (await compareWays(process.argv.slice(2), flags.json === true)) ? EXIT.done : EXIT.failed;
        return;
      }
      const page = isPage(flags.report) ? await import('../../report/index.js') : undefined;
      const { fee, slippage, trades: maxTrades } = flags;
      const pageRows = page === undefined ? undefined : new page.ReportRows({ fee, slippage, maxTrades });
      const isDrawn = flags.json !== true && hasColours();
      const paths = isDrawn ? new Map<string, EquityPath>() : undefined;
      const measured = await measure(sources, flags, pageRows, paths);
      if (flags.report !== undefined) {
        const text =
          page === undefined || pageRows === undefined
            ? reportFile(flags.report, measured.result)
            : page.reportHtml(measured.result, { rows: pageRows });
        writeFileAtomicSync(flags.report, text);
      }
      if (flags.json === true) printOut(JSON.stringify(measured));
      else {
        const all = isDrawn ? pageRows?.collected().all.curve : undefined;
        printPainted(reportOf(measured, { paths, all }));
      }
    });
}

/** How many trades of each symbol a page lists. */
function tradesOption(): Option {
  const what =
    'trades of each symbol that the page lists, the latest ones, or all (default: 2,000, fewer of many symbols)';
  return new Option('--trades <count>', what).argParser((text) => {
    if (text === 'all') return Number.POSITIVE_INFINITY;
    if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number, or all, is allowed.');
    return Number(text);
  });
}

/** Flags of copies that this run does not make would be without effect. */
function requireStorage(options: Awaited<ReturnType<typeof resolveOptions>>, flags: BacktestFlags): void {
  const { useMemoryMapped, useCompression } = options;
  const refuse = (flag: string, ways: string) => {
    throw new AtcError(
      'ARGUMENT',
      `${flag} has no effect on this run: give ${ways}, or switch it on in the configuration`,
    );
  };
  const isOff = (mode: unknown) => mode === undefined || mode === false;
  if (flags.keepCopies === true && isOff(useMemoryMapped) && isOff(useCompression)) {
    refuse('--keep-copies', '--mmap or --compress as well');
  }
  if (!isOff(useCompression)) return;
  if (flags.level !== undefined) refuse('--level', '--compress as well');
  if (flags.algorithm !== undefined) refuse('--algorithm', '--compress as well');
}

async function measure(
  sources: string[],
  flags: BacktestFlags,
  pageRows?: RowSink,
  paths?: Map<string, EquityPath>,
): Promise<MeasuredRun> {
  const options = await resolveOptions(flags);
  // Runs of --compare get the flags of all four ways.
  if (flags.digest !== true) requireStorage(options, flags);
  const digest = new RowsDigest();
  const rows: RowSink = {
    write: (_symbol, block, columns) => {
      digest.update('timestamp', block.columns.timestamp);
      digest.update('close', block.columns.close);
      digest.update('signal', columns.signal);
    },
  };
  const started = performance.now();
  const source = sources.length === 1 ? sources[0] : sources;
  const { rows: rowsDirectory, keepCopies, workers, fee, slippage } = flags;
  const quiet = flags.json === true && flags.progress === undefined;
  const which = flags.progress === undefined ? '' : ` ${flags.progress}`;
  const reading = createProgress(`read${which}`, 'rows', { quiet });
  const progress = createProgress(`backtest${which}`, 'rows', { quiet });
  // A digest and a page need every row here, on one thread. A digest is for --compare, which reads the JSON of its
  // children.
  const sink = flags.digest === true ? rows : pageRows;
  const shared = {
    ...(sink !== undefined && { rows: sink }),
    rowsDirectory,
    fee,
    slippage,
    onProgress: ({ rowsDone, rowsTotal }: BacktestProgress) => progress.update(rowsDone, rowsDone / rowsTotal),
    signal: interruptSignal(),
  };
  const run = (onFile: HistoryOptions['onFile']) =>
    flags.redis === undefined
      ? backtest(source, {
          ...options,
          ...flags.param,
          ...shared,
          onPath: paths === undefined ? undefined : (symbol, path) => void paths.set(symbol, path),
          keepCopies,
          workers,
          onRows: reading.update,
          onFile,
        })
      : backtestOnFleet(source, options, flags, shared);
  const result = await listFiles({ quiet: flags.json === true && flags.listFiles !== true }, (onFile) =>
    run(onFile).finally(() => {
      reading.stop();
      progress.stop();
    }),
  );
  return {
    result,
    rowsDigest: flags.digest === true ? digest.digest() : undefined,
    seconds: (performance.now() - started) / 1000,
    peakBytes: peakMemoryBytes(),
  };
}
