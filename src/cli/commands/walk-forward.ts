/** `atc walk-forward`: parameters are chosen on one window of history and traded on the next. */
import { type WalkForwardResult, walkForward } from 'atc-memory/sweep';
import { Command, Option } from 'commander';
import { AtcError } from '../../errors.js';
import { writeFileAtomicSync } from '../../io/atomic-file.js';
import { hasColours, signedCells } from '../colour.js';
import { listFiles } from '../files-read.js';
import { interruptSignal } from '../interrupt.js';
import { type CommonOptions, shareOption, withStorageOptions } from '../options.js';
import { printOut, printPainted } from '../output.js';
import { createProgress } from '../progress.js';
import { isPage, requireReportFile } from '../report-file.js';
import { searchOf } from '../search.js';
import { sparkline } from '../sparkline.js';
import { type SearchFlags, wholeOption, withSearchOptions } from '../sweep-options.js';
import { formatPercent, formatTable } from '../text.js';

/** Cells of a terminal. */
const SPARK_WIDTH = 16;

interface WalkForwardFlags extends CommonOptions, SearchFlags {
  readonly windows?: number;
  readonly training?: number;
  readonly rolling?: boolean;
  readonly report?: string;
  readonly json?: boolean;
}

export function walkForwardCommand(): Command {
  const command = new Command('walk-forward')
    .description('choose parameters on one window, trade them on the next')
    .argument('<sources...>', 'CSV files (one or many symbols), or one dataset directory')
    .addOption(wholeOption('--windows <count>', 'test windows up to the end of the history, default 5', 1))
    .addOption(shareOption('--training <share>', 'share of the history before the first test window, default 0.5'))
    .option('--rolling', 'train on windows of the same length instead of on everything before')
    .option('--report <file>', 'write the result to a .json file, or a page with charts to a .html file')
    .addOption(new Option('--json', 'print the result as JSON'));
  return withStorageOptions(withSearchOptions(command)).action(async (sources: string[], flags: WalkForwardFlags) => {
    const { windows, training, rolling } = flags;
    if (flags.report !== undefined) requireReportFile(flags.report, ['.json', '.html']);
    const { history, ...search } = await searchOf(sources, flags);
    const reading = createProgress('read', 'rows', { quiet: flags.json === true });
    const result = await listFiles({ quiet: flags.json === true }, (onFile) =>
      walkForward({
        ...search,
        history: { ...history, onRows: reading.update, onFile },
        windows,
        training,
        anchored: rolling !== true,
        signal: interruptSignal(),
      }).finally(reading.stop),
    );
    if (flags.report !== undefined) {
      const page = isPage(flags.report) ? await import('../../report/index.js') : undefined;
      const text = page?.walkForwardHtml(result, { objective: search.objective[0].name }) ?? `${jsonOf(result)}\n`;
      writeFileAtomicSync(flags.report, text);
    }
    if (flags.json === true) printOut(jsonOf(result));
    else printPainted(textOf(result, Object.keys(search.space), search.objective[0].name));
    const [{ name }] = search.objective;
    if (result.windows.every(({ inSample }) => inSample[name] === null || inSample[name] === undefined)) {
      throw new AtcError(
        'WORKER',
        `no trial has a number for ${name} in any window: the history is too short, or its prices never change`,
      );
    }
  });
}

/** The equity curves are as long as the history: their ends are in the statistics. */
function jsonOf({ windows, symbols, efficiency }: WalkForwardResult): string {
  return JSON.stringify({ windows, symbols: symbols.map(({ symbol, trading }) => ({ symbol, trading })), efficiency });
}

function textOf({ windows, symbols, efficiency }: WalkForwardResult, swept: readonly string[], goal: string): string {
  const number = (value: number | null | undefined) =>
    value === null || value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(3);
  const share = (value: number | null | undefined) =>
    value === null || value === undefined || !Number.isFinite(value) ? '-' : formatPercent(value);
  const windowHeader = ['test rows', ...swept, `${goal} before`, `${goal} after`, 'return after'];
  const windowRows = windows.map(({ test, parameters, inSample, outOfSample }) => [
    `${test.from} to ${test.to}`,
    ...swept.map((name) => String(parameters[name] ?? '-')),
    number(inSample[goal]),
    number(outOfSample[goal]),
    share(outOfSample.totalReturn),
  ]);
  const isDrawn = hasColours();
  const header = ['symbol', 'return', 'sharpe', 'drawdown', 'trades', 'buy and hold', ...(isDrawn ? ['equity'] : [])];
  const rows = symbols.map(({ symbol, trading, equity }) => [
    symbol,
    share(trading.totalReturn),
    number(trading.sharpe),
    share(trading.maxDrawdown),
    String(trading.trades),
    share(trading.buyAndHold.totalReturn),
    ...(isDrawn ? [sparkline(Array.from(equity), SPARK_WIDTH)] : []),
  ]);
  const chosen = formatTable(
    windowHeader,
    windowRows,
    undefined,
    signedCells(windowHeader, windowRows, ['return after']),
  );
  const joined = formatTable(header, rows, undefined, signedCells(header, rows, ['return', 'sharpe', 'buy and hold']));
  return `${chosen}\n\nout of sample, joined\n${joined}\n\n${goal} after / before: ${number(efficiency)}`;
}
