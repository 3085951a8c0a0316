/** A walk-forward analysis as one HTML file. */
import { requireNames, requireOptions } from '../arguments.js';
import { AtcError } from '../errors.js';
import { htmlFile, type PageOptions } from './html-file.js';
import { partsOf, seriesOf } from './page-data.js';
import { packSeries } from './series.js';

/** What is shown of a walk-forward analysis; a `WalkForwardResult` of `atc-memory/sweep` has it. */
export interface WalkForwardSource {
  /** In order of time. */
  readonly windows: readonly object[];
  /** Joined test windows of each symbol. */
  readonly symbols: readonly {
    /** As the dataset spells it. */
    readonly symbol: string;
    /** Figures of the joined test windows. */
    readonly trading: object;
    /** UTC ms of each bar of the test windows. */
    readonly times: Float64Array;
    /** Equity after each of them. */
    readonly equity: Float64Array;
    /** Buy-and-hold after each of them. */
    readonly held?: Float64Array;
  }[];
  /** Mean out-of-sample objective over mean in-sample objective. */
  readonly efficiency: number | null;
}

/** How the page of a walk-forward analysis is named. */
export interface WalkForwardPageOptions extends PageOptions {
  /** The objective that chose the parameters: a figure of the windows. Default `'sharpe'`. */
  readonly objective?: string;
}

const DIGITS = 7;
const MOST_BARS = 2 ** 21;
const SPARK_POINTS = 60;

/**
 * One self-contained HTML file: the windows with what was chosen in each, in-sample beside out-of-sample, and the
 * out-of-sample equity of every symbol. Symbols beyond 2,097,152 bars together are in the tables only.
 *
 * @throws AtcError ARGUMENT for another kind of result, and for a title that is no string.
 */
export function walkForwardHtml(result: WalkForwardSource, options: WalkForwardPageOptions = {}): string {
  requireOptions(options, 'walkForwardHtml');
  if (!Array.isArray(result?.windows) || !Array.isArray(result.symbols)) {
    throw new AtcError(
      'ARGUMENT',
      'walkForwardHtml needs the result of walkForward (an object with windows and symbols)',
    );
  }
  const { windows, symbols, efficiency } = result as WalkForwardSource;
  requireNames(
    symbols.map((one) => one?.symbol),
    'walkForwardHtml: symbols of the result',
  );
  const { objective = 'sharpe' } = options;
  let bars = 0;
  const named = symbols.length === 1 ? symbols[0].symbol : `${symbols.length} symbols`;
  return htmlFile(options.title ?? `Walk-forward: ${named}`, {
    kind: 'walk-forward',
    objective,
    efficiency,
    windows,
    symbols: symbols.map(({ symbol, trading, times, equity, held }) => {
      bars += times.length;
      const lines = { timeMs: times, equity: rounded(equity), ...(held === undefined ? {} : { held: rounded(held) }) };
      return {
        symbol,
        trading,
        equity: partsOf(equity, SPARK_POINTS, (part) => part[part.length - 1]),
        series: bars > MOST_BARS ? null : seriesOf(packSeries(lines), 1),
      };
    }),
  } as { kind: string });
}

function rounded(values: Float64Array): Float64Array {
  return values.map((value) => Number(value.toPrecision(DIGITS)));
}
