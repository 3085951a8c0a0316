/** Draws a report out of the data that the page holds. */
import { colour, histogram, TimeCharts } from './charts.js';
import { readData } from './data.js';
import { FIGURES, figureTable } from './definitions.js';
import { element, section, sparkline } from './dom.js';
import { count, duration, percent, price, ratio, time } from './format.js';
import { heatmap } from './heatmap.js';
import { table } from './tables.js';

const data = readData(JSON.parse(document.getElementById('data').textContent));
const root = document.getElementById('report');
const charts = new TimeCharts();
let removeHistogram = () => undefined;
let isLog = false;
/** -1: all symbols together. */
let selected = data.symbols.length === 1 ? 0 : -1;

const sign = (value) => (value === null || value === 0 ? '' : value > 0 ? 'gain' : 'loss');

function tiles({ all, buyAndHold }) {
  const tile = (label, text, note, tone = '') =>
    element(
      'div',
      { class: 'tile' },
      element('dt', {}, label),
      element('dd', { class: tone }, text),
      element('dd', { class: 'note' }, note),
    );
  return element(
    'dl',
    { class: 'tiles' },
    tile('Return', percent(all.totalReturn), `buy and hold ${percent(buyAndHold.totalReturn)}`, sign(all.totalReturn)),
    tile('CAGR', percent(all.cagr), `buy and hold ${percent(buyAndHold.cagr)}`, sign(all.cagr)),
    tile('Sharpe', ratio(all.sharpe), `buy and hold ${ratio(buyAndHold.sharpe)}`),
    tile('Largest drawdown', percent(all.maxDrawdown), `buy and hold ${percent(buyAndHold.maxDrawdown)}`),
    tile('Trades', count(all.trades), `win rate ${percent(all.winRate)}`),
    tile('Exposure', percent(all.exposure), `turnover ${count(all.turnover)}`),
  );
}

function drawCharts(area, shown) {
  charts.destroy();
  area.replaceChildren();
  const { curve, trades = [] } = shown;
  const { timeMs } = curve;
  const heading = (title, note) => area.append(element('h3', {}, title), element('p', { class: 'note' }, note));
  const own = { stroke: colour('own') };
  const held = { stroke: colour('held') };
  heading('Equity', 'Value of 1 at the start, against one long position held all the time.');
  charts.add(area, {
    label: 'Equity against buy and hold',
    timeMs,
    log: isLog,
    height: 280,
    format: (value) => price(Number(value.toPrecision(4))),
    series: [
      {
        label: 'strategy',
        values: isLog ? curve.equity.map((value) => (value > 0 ? value : null)) : curve.equity,
        ...own,
      },
      {
        label: 'buy and hold',
        values: isLog ? curve.held.map((value) => (value > 0 ? value : null)) : curve.held,
        ...held,
      },
    ],
  });
  heading('Underwater', 'Share below the highest equity so far.');
  charts.add(area, {
    label: 'Drawdown',
    timeMs,
    height: 160,
    format: (value) => percent(value, 1),
    series: [
      {
        label: 'drawdown',
        values: curve.drawdown.map((value) => (value === null ? null : -value)),
        stroke: colour('loss'),
        fill: colour('loss-soft'),
      },
    ],
  });
  if (curve.price.some((value) => value !== null)) {
    heading('Price', 'Filled triangles are entries (up: long, down: short), rings are exits.');
    charts.add(area, {
      label: 'Price with entries and exits',
      timeMs,
      height: 280,
      format: price,
      trades,
      series: [{ label: 'close', values: curve.price, ...held, width: 1 }],
    });
  }
  if (curve.signal.some((value) => value !== null)) {
    heading('Signal', 'Its sign is the position from that close on.');
    charts.add(area, {
      label: 'Signal',
      timeMs,
      height: 140,
      format: (value) => price(Number(value.toPrecision(4))),
      series: [{ label: 'signal', values: curve.signal, ...own, width: 1, stepped: true }],
    });
  }
}

function drawdownTable(rows) {
  return table(
    'Ten worst drawdowns',
    [
      { label: 'Depth', numeric: true, value: ({ depth }) => depth, text: ({ depth }) => percent(depth) },
      { label: 'High', value: ({ peakMs }) => peakMs, text: ({ peakMs }) => time(peakMs) },
      { label: 'Low', value: ({ troughMs }) => troughMs, text: ({ troughMs }) => time(troughMs) },
      {
        label: 'Recovered',
        value: ({ recoveredMs }) => recoveredMs,
        text: ({ recoveredMs }) => (recoveredMs === null ? 'not yet' : time(recoveredMs)),
      },
      {
        label: 'Duration',
        numeric: true,
        value: ({ durationMs }) => durationMs,
        text: ({ durationMs }) => duration(durationMs),
      },
      { label: 'Bars', numeric: true, value: ({ bars }) => bars, text: ({ bars }) => count(bars) },
    ],
    rows,
  );
}

function tradeTable(trades) {
  const share = (label, key, title) => ({
    label,
    title,
    numeric: true,
    value: (trade) => trade[key],
    text: (trade) => percent(trade[key]),
    class: (trade) => (key === 'return' ? sign(trade[key]) : ''),
  });
  return table(
    'Trades',
    [
      { label: 'Entry', value: ({ entryMs }) => entryMs, text: ({ entryMs }) => time(entryMs) },
      { label: 'Exit', value: ({ exitMs }) => exitMs, text: ({ exitMs, open }) => (open ? 'open' : time(exitMs)) },
      ...(selected < 0 ? [{ label: 'Symbol', value: ({ symbol }) => symbol }] : []),
      { label: 'Side', value: ({ side }) => side },
      share('Return', 'return', 'After costs'),
      { label: 'Bars', numeric: true, value: ({ bars }) => bars, text: ({ bars }) => count(bars) },
      {
        label: 'Entry price',
        numeric: true,
        value: ({ entryPrice }) => entryPrice,
        text: ({ entryPrice }) => price(entryPrice),
      },
      {
        label: 'Exit price',
        numeric: true,
        value: ({ exitPrice }) => exitPrice,
        text: ({ exitPrice }) => price(exitPrice),
      },
      share('MAE', 'mae', 'Maximum adverse excursion: lowest return before costs at a close while it was held'),
      share('MFE', 'mfe', 'Maximum favourable excursion: highest return before costs at a close while it was held'),
      share('Costs', 'costs', 'Fees and slippage as a share of the equity'),
    ],
    trades,
    { filter: true },
  );
}

function symbolTable() {
  const of = (key, label, format) => ({
    label,
    numeric: true,
    value: ({ statistics }) => statistics.all[key],
    text: ({ statistics }) => format(statistics.all[key]),
    class: ({ statistics }) => (key === 'totalReturn' ? sign(statistics.all[key]) : ''),
  });
  return table(
    'Symbols',
    [
      {
        label: 'Symbol',
        value: ({ symbol }) => symbol,
        node: (row) =>
          element(
            'button',
            { type: 'button', class: 'link', onclick: () => select(data.symbols.indexOf(row)) },
            row.symbol,
          ),
      },
      {
        label: 'Equity',
        value: ({ statistics }) => statistics.all.totalReturn,
        node: ({ curve, symbol }) => sparkline(curve.equity, `equity of ${symbol}`),
      },
      of('totalReturn', 'Return', percent),
      {
        label: 'Buy and hold',
        numeric: true,
        value: ({ statistics }) => statistics.buyAndHold.totalReturn,
        text: ({ statistics }) => percent(statistics.buyAndHold.totalReturn),
      },
      of('sharpe', 'Sharpe', ratio),
      of('maxDrawdown', 'Drawdown', percent),
      of('trades', 'Trades', count),
      of('winRate', 'Win rate', percent),
      of('exposure', 'Exposure', percent),
    ],
    data.symbols,
    { filter: true },
  );
}

function select(index) {
  selected = index;
  document.getElementById('symbol').value = String(index);
  draw();
  scrollTo({ top: 0 });
}

function controls() {
  const options = data.symbols.map(({ symbol }, k) => element('option', { value: k }, symbol));
  const choice = element(
    'select',
    { id: 'symbol', onchange: ({ target }) => select(Number(target.value)) },
    ...(data.symbols.length > 1 ? [element('option', { value: -1 }, `all ${data.symbols.length} symbols`)] : []),
    ...options,
  );
  choice.value = String(selected);
  const dark = () =>
    document.documentElement.dataset.theme === 'dark' ||
    (document.documentElement.dataset.theme === undefined && matchMedia('(prefers-color-scheme: dark)').matches);
  const theme = element(
    'button',
    {
      type: 'button',
      id: 'theme',
      'aria-pressed': String(dark()),
      onclick: () => {
        document.documentElement.dataset.theme = dark() ? 'light' : 'dark';
        theme.setAttribute('aria-pressed', String(dark()));
        draw();
      },
    },
    'Dark',
  );
  return element('div', { class: 'controls' }, element('label', { for: 'symbol' }, 'Symbol'), choice, theme);
}

const content = element('div');

function draw() {
  const shown =
    selected < 0 ? { ...data.all, trades: data.symbols.flatMap(({ trades }) => trades) } : data.symbols[selected];
  const leftOut = selected < 0 ? data.symbols.reduce((sum, one) => sum + one.tradesLeftOut, 0) : shown.tradesLeftOut;
  const { statistics, curve } = shown;
  removeHistogram();
  const area = element('div');
  const log = element(
    'button',
    {
      type: 'button',
      id: 'log',
      'aria-pressed': String(isLog),
      onclick: () => {
        isLog = !isLog;
        log.setAttribute('aria-pressed', String(isLog));
        drawCharts(area, shown);
      },
    },
    'Logarithmic',
  );
  const all = element('button', { type: 'button', id: 'all', onclick: () => charts.showAll() }, 'Show all');
  const exact =
    curve.barsPerPoint === 1
      ? 'Every bar is a point.'
      : `Lowest and highest of every ${count(curve.barsPerPoint)} bars.`;
  const bars = element('div');
  const figures = figureTable(statistics);
  const wide =
    selected < 0 ? 'All symbols as one account: an equal share in each, valued at the end of each day (UTC). ' : '';
  content.replaceChildren(
    tiles(statistics),
    section(
      'charts',
      'Over time',
      `${wide}${exact} Drag to zoom; all charts follow.`,
      element('div', { class: 'controls' }, log, all),
      area,
    ),
    ...(selected < 0 ? [section('symbols', 'Symbols', 'Choose one for its charts.', symbolTable())] : []),
    section('months', 'Returns by month', 'Calendar months, UTC.', heatmap(shown.months, shown.years)),
    section(
      'figures',
      'Figures',
      `Long and short: the account with the other side left out.`,
      table('Figures', figures.columns, figures.rows, { sortable: false }),
      element(
        'details',
        {},
        element('summary', {}, 'What each figure is'),
        element(
          'dl',
          { class: 'definitions' },
          ...FIGURES.flatMap(([, label, , words]) => [element('dt', {}, label), element('dd', {}, words)]),
        ),
      ),
    ),
    section('returns', 'Distribution of returns', selected < 0 ? 'Returns per day.' : 'Returns per bar.', bars),
    section('drawdowns', 'Ten worst drawdowns', '', drawdownTable(statistics.all.drawdowns)),
    section(
      'trades',
      'Trades',
      leftOut > 0
        ? `The latest ${count(shown.trades.length)}; ${count(leftOut)} earlier ones are in the figures only.`
        : '',
      tradeTable(shown.trades),
    ),
  );
  drawCharts(area, shown);
  removeHistogram = shown.returns.counts.length > 0 ? histogram(bars, shown.returns) : () => undefined;
}

const { firstMs, lastMs } = data;
root.append(
  element(
    'header',
    {},
    element('h1', {}, document.title),
    element(
      'p',
      { class: 'note' },
      `Strategy ${data.strategy}, ${count(data.rows)} bars, ${time(firstMs)} to ${time(lastMs)} (UTC).`,
      ...(data.skipped.length > 0
        ? [` Left out for want of rows: ${data.skipped.map(({ symbol }) => symbol).join(', ')}.`]
        : []),
    ),
    controls(),
  ),
  content,
);
draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
