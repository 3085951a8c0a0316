/** `atc backtest`: the ATC strategy over history, in memory, mapped or packed; `--compare` runs all four ways. */
import { createHash } from 'node:crypto';
import { type AtcBacktestResult, backtest } from 'atc-memory/atc';
import { Command } from 'commander';
import type { RowSink } from '../../backtest/seams.js';
import { bytesOf } from '../../dtype.js';
import { compareWays } from '../compare.js';
import { EXIT } from '../exit.js';
import { interruptSignal } from '../interrupt.js';
import { peakMemoryBytes } from '../memory.js';
import { type CommonOptions, parameterOption, resolveOptions, withStorageOptions } from '../options.js';
import { reportOf } from '../report.js';

/** What one run measured of itself; `--compare` reads it from its children. */
export interface MeasuredRun {
  readonly result: AtcBacktestResult;
  /** SHA-256 over every row's timestamp, close and signal, in order. */
  readonly rowsDigest: string;
  readonly seconds: number;
  readonly peakBytes: number;
}

interface BacktestFlags extends CommonOptions {
  readonly compare?: boolean;
  readonly json?: boolean;
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
    .option('--json', 'print the result as JSON');
  return withStorageOptions(command)
    .addOption(parameterOption())
    .action(async (sources: string[], flags: BacktestFlags) => {
      if (flags.compare === true) {
        process.exitCode = (await compareWays(sources, process.argv.slice(2), flags.json === true))
          ? EXIT.done
          : EXIT.failed;
        return;
      }
      const measured = await measure(sources, flags);
      process.stdout.write(`${flags.json === true ? JSON.stringify(measured) : reportOf([measured])}\n`);
    });
}

async function measure(sources: string[], flags: BacktestFlags): Promise<MeasuredRun> {
  const options = await resolveOptions(flags);
  const digest = createHash('sha256');
  const rows: RowSink = {
    write: (_symbol, block, columns) => {
      digest.update(bytesOf(block.columns.timestamp));
      digest.update(bytesOf(block.columns.close));
      digest.update(bytesOf(columns.signal));
    },
  };
  const started = performance.now();
  const source = sources.length === 1 ? sources[0] : sources;
  const result = await backtest(source, { ...options, ...flags.param, rows, signal: interruptSignal() });
  return {
    result,
    rowsDigest: digest.digest('hex'),
    seconds: (performance.now() - started) / 1000,
    peakBytes: peakMemoryBytes(),
  };
}
