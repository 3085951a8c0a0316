/** The page of a backtest: all symbols together or one of them. */
import { BacktestCharts } from './backtest-charts.js';
import { choice, themeToggle } from './controls.js';
import { BacktestData } from './data.js';
import { figureTable } from './definitions.js';
import { element, section } from './dom.js';
import { count, short, time } from './format.js';
import { heatmap } from './heatmap.js';
import { histogram } from './histogram.js';
import { drawdownTable, symbolTable, tradeTable } from './record-tables.js';
import { watchTheme } from './theme.js';
import { tiles } from './tiles.js';

/** Symbols without enough rows that are named. */
const NAMED = 20;

export function backtestPage(root, page) {
  const data = new BacktestData(page);
  const content = element('div');
  const isSignals = page.unit === 'signals';
  const charts = new BacktestCharts(page.unit);
  let drawHistogram = () => undefined;
  let removeHistogram = () => undefined;
  /** -1: all symbols together. */
  let selected = data.first;

  function draw() {
    const isAll = selected < 0;
    const part = data.part(selected);
    const bars = element('div');
    content.replaceChildren(
      tiles(part.statistics),
      charts.section(
        isAll
          ? 'All symbols as one account: an equal share in each, valued at the end of each day (UTC).'
          : isSignals
            ? 'Each signal is taken with the whole account; values are those at the end of each.'
            : 'Values are those at the close of each bar.',
      ),
      ...(isAll ? [symbolSection()] : []),
      section(
        'months',
        'Returns by month',
        'Equity at the end of each calendar month (UTC) over that of the month before, minus 1, in per cent.',
        heatmap(part.months, part.years),
      ),
      figureTable(part.statistics),
      section(
        'returns',
        'Distribution of returns',
        `How many ${isAll ? 'days' : page.unit} had which return, after costs.`,
        bars,
      ),
      section(
        'drawdowns',
        'Ten worst drawdowns',
        'Falls of the equity from its highest value so far, the deepest first.',
        drawdownTable(part.statistics.all.drawdowns),
      ),
      section('trades', 'Trades', tradeNote(part, isSignals), tradeTable(part.trades, isAll, isSignals)),
    );
    drawHistogram = () => {
      removeHistogram();
      removeHistogram =
        part.returns.counts.length > 0 ? histogram(bars, part.returns, isAll ? 'days' : page.unit) : () => undefined;
    };
    drawHistogram();
    charts.show(data.lines(selected), part.trades, !isAll);
  }

  /** What is drawn in colours; tables stay as they were sorted and filtered. */
  function redraw() {
    charts.redraw();
    drawHistogram();
  }

  function symbolSection() {
    const open = (one) => {
      selected = data.symbols.indexOf(one);
      document.getElementById('symbol').value = String(selected);
      draw();
      scrollTo({ top: 0 });
    };
    return section(
      'symbols',
      'Symbols',
      ['Each on its own.', element('span', { class: 'screen' }, ' Choose one for its charts.')],
      symbolTable(data.symbols, open),
    );
  }

  root.append(
    header(page, data, selected, { onTheme: redraw, onSymbol: (index) => draw((selected = index)) }),
    content,
  );
  draw();
  watchTheme(redraw);
}

function tradeNote({ trades, tradesLeftOut }, isSignals) {
  if (isSignals) return 'Closed signals, with what backtest-kit computed of each. Times are UTC.';
  const words = 'From the close at which a position was opened to the close at which it ended. Times are UTC.';
  if (tradesLeftOut === 0) return words;
  return [
    element(
      'strong',
      {},
      `The latest ${count(trades.length)} of ${count(trades.length + tradesLeftOut)} trades are listed; the figures ` +
        'are of all of them.',
    ),
    ' To list every trade, make this page with ',
    element('code', {}, 'atc backtest … --trades all'),
    ', in code with ',
    element('code', {}, 'new ReportRows({ maxTrades: Infinity })'),
    `. ${words}`,
  ];
}

function header(
  { strategy, rows, unit, firstMs, lastMs, skipped, costRate },
  { symbols },
  selected,
  { onTheme, onSymbol },
) {
  const all = symbols.length !== 1 ? [[-1, `all ${count(symbols.length)} symbols`]] : [];
  const options = [...all, ...symbols.map(({ symbol }, k) => [k, symbol])];
  const costs =
    unit === 'signals'
      ? 'costs as counted by backtest-kit'
      : costRate === 0
        ? 'no costs'
        : `costs of ${(costRate * 100).toPrecision(2)} % of what is traded`;
  const names = skipped.slice(0, NAMED).map(({ symbol }) => short(symbol));
  const others = skipped.length > NAMED ? ` and ${count(skipped.length - NAMED)} more` : '';
  const leftOut = skipped.length > 0 ? ` Left out for want of rows: ${names.join(', ')}${others}.` : '';
  return element(
    'header',
    {},
    element('h1', {}, document.title),
    element(
      'p',
      { class: 'note' },
      `Strategy ${strategy}, ${count(rows)} ${unit}, ${time(firstMs)} to ${time(lastMs)} (UTC), ${costs}.${leftOut}`,
    ),
    element(
      'div',
      { class: 'controls' },
      ...(symbols.length === 0
        ? []
        : choice('symbol', 'Symbol', options, selected, (value) => onSymbol(Number(value)))),
      themeToggle(onTheme),
    ),
  );
}
