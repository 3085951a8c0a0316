/** `atc sweep`: many backtests over one history, stored in a directory, with what of the best is luck. */
import { readSweep, type SweepProgress, type SweepResult, sweep } from 'atc-memory/sweep';
import { Command, InvalidArgumentError, Option } from 'commander';
import { AtcError } from '../../errors.js';
import { writeFileAtomicSync } from '../../io/atomic-file.js';
import { listFiles } from '../files-read.js';
import { interruptSignal } from '../interrupt.js';
import { type CommonOptions, shareOption, withStorageOptions } from '../options.js';
import { printError, printOut, printPainted } from '../output.js';
import { createProgress } from '../progress.js';
import { type FleetFlags, fleetOf, INTERRUPTED_IN_REDIS, refuseWithRedis, withFleetOptions } from '../redis-options.js';
import { requireReportFile } from '../report-file.js';
import { searchOf } from '../search.js';
import { type ShardFlag, shardOption } from '../shard-option.js';
import { type SearchFlags, wholeOption, withSearchOptions } from '../sweep-options.js';
import { sweepReport, unjudgedText } from '../sweep-report.js';
import { trialsFile } from '../trials-file.js';

interface SweepFlags extends CommonOptions, SearchFlags, FleetFlags {
  readonly out?: string;
  readonly show?: string;
  readonly shard?: ShardFlag;
  readonly merge?: readonly string[];
  readonly prune?: boolean;
  readonly holdout?: number;
  readonly slices?: number;
  readonly curves?: number | 'all';
  readonly top?: number;
  readonly report?: string;
  readonly json?: boolean;
}

export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description('run many parameters over one history; how much is luck?')
    .argument('[sources...]', 'CSV files (one or many symbols), or one dataset directory')
    .option(
      '--out <directory>',
      'store the study: it can be stopped, resumed, extended, and shared by several processes',
    )
    .option('--show <directory>', 'print a stored study; needs no history')
    .addOption(shardOption())
    .option(
      '--merge <directories...>',
      'complete --out from what shards finished in directories of their own; give the flags of the run too',
    )
    .option('--prune', 'give trials up symbol by symbol, once they are below the median of earlier ones')
    .addOption(shareOption('--holdout <share>', 'share of the history, at its end, that no trial sees'))
    .addOption(
      wholeOption(
        '--slices <count>',
        'parts of the history for the overfitting statistics, even, at most 20; default 16',
        0,
      ),
    )
    .addOption(wholeOption('--top <count>', 'trials in the table, default 10', 1))
    .addOption(
      new Option('--curves <count>', 'store the equity curves of so many of the best trials, or of all').argParser(
        curvesOf,
      ),
    )
    .option(
      '--report <file>',
      'write all trials to a .csv or .parquet file, trials and report to a .json file, or a page with charts to a ' +
        '.html file',
    )
    .option('--json', 'print the report and the best trials as JSON');
  return withFleetOptions(withStorageOptions(withSearchOptions(command))).action(
    async (sources: string[], flags: SweepFlags) => {
      if (flags.report !== undefined) requireReportFile(flags.report, ['.json', '.csv', '.parquet', '.html']);
      const result = flags.show === undefined ? await run(sources, flags) : await readSweep(flags.show);
      if (flags.report !== undefined) writeFileAtomicSync(flags.report, await trialsFile(flags.report, result));
      const { report, goals } = result;
      const json = () =>
        JSON.stringify({ finished: result.isFinished, goals, report, top: result.ranked(flags.top ?? 10) });
      if (flags.json === true) printOut(json());
      else printPainted(sweepReport(result, flags.top));
      const unjudged = flags.show === undefined ? unjudgedText(result) : undefined;
      if (unjudged !== undefined) throw new AtcError('WORKER', unjudged);
    },
  );
}

async function run(sources: readonly string[], flags: SweepFlags): Promise<SweepResult> {
  const { out, shard, merge, curves, prune, holdout, slices } = flags;
  if (sources.length === 0) throw new AtcError('ARGUMENT', 'name the history to sweep over, or --show a stored study');
  if (flags.redis !== undefined) requireFleetFlags(flags);
  const { history, ...search } = await searchOf(sources, flags);
  const quiet = flags.json === true;
  const reading = createProgress('read', 'rows', { quiet });
  const progress = createProgress('sweep', 'trials', { quiet });
  const stop = () => {
    reading.stop();
    progress.stop();
  };
  const signal = interruptSignal();
  try {
    const onProgress = ({ trialsDone, share }: SweepProgress) => progress.update(trialsDone, share);
    if (flags.redis !== undefined) {
      const { runDistributed } = await import('atc-memory/bullmq');
      const { workers: _, source, ...searched } = search;
      const study = { ...searched, history, holdout, slices, directory: out as string };
      return await runDistributed(source, study, { ...fleetOf(flags), signal, onProgress });
    }
    return await listFiles({ quiet }, (onFile) =>
      sweep({
        ...search,
        history: { ...history, onRows: reading.update, onFile },
        directory: out,
        shard,
        merge,
        curves,
        pruner: prune === true ? 'median' : undefined,
        holdout,
        slices,
        signal,
        onProgress,
      }).finally(stop),
    );
  } catch (error) {
    if (signal.aborted && out !== undefined) {
      const local = `what is finished is stored in ${out}; the same command goes on from there`;
      printError(flags.redis === undefined ? local : INTERRUPTED_IN_REDIS);
    }
    throw error;
  } finally {
    stop();
  }
}

function requireFleetFlags({ out, shard, merge, workers, prune, curves }: SweepFlags): void {
  if (out === undefined) throw new AtcError('ARGUMENT', '--redis needs --out, where the study is stored');
  refuseWithRedis({ shard, merge, workers, prune, curves });
}

function curvesOf(text: string): number | 'all' {
  if (text === 'all') return text;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number from 0, or all, is allowed.');
}
