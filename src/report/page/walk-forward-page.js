/** The page of a walk-forward analysis: what was chosen in each window, and what came of it afterwards. */
import { bars, largest } from './bars.js';
import { button, choice, themeToggle, zoomButtons } from './controls.js';
import { definitionOf } from './definitions.js';
import { element, section, sparkline } from './dom.js';
import { count, none, percent, price, ratio, signClass } from './format.js';
import { deriveLines, unpackSeries } from './series.js';
import { figureText } from './study-data.js';
import { table } from './tables.js';
import { colour, watchTheme } from './theme.js';
import { tile } from './tiles.js';
import { TimeCharts } from './time-charts.js';

const plain = (value) => (Number.isFinite(value) ? value : null);
const four = (value) => price(Number(value.toPrecision(4)));

export function walkForwardPage(root, page) {
  const { symbols, windows } = page;
  const area = element('div');
  let selected = symbols.findIndex(({ series }) => series !== null);
  let charts;
  let lines;
  const draw = (range) => {
    charts?.destroy();
    area.replaceChildren();
    charts = new TimeCharts(lines.timeMs);
    addCharts(charts, area, lines);
    if (range === undefined) charts.showAll();
    else charts.zoom(range.min, range.max);
  };
  const redraw = () => lines === undefined || draw(charts.range);
  const select = async (index) => {
    if (index < 0) return;
    selected = index;
    const chooser = document.getElementById('symbol');
    if (chooser !== null) chooser.value = String(index);
    const unpacked = deriveLines(await unpackSeries(symbols[index].series), 0);
    if (index !== selected) return;
    lines = unpacked;
    draw();
  };
  root.append(
    element(
      'header',
      {},
      element('h1', {}, document.title),
      element(
        'p',
        { class: 'note' },
        `${count(windows.length)} windows: parameters are chosen by ${page.objective} on the rows before each, and ` +
          'traded on the rows in it.',
      ),
      element('div', { class: 'controls' }, themeToggle(redraw)),
    ),
    tiles(page, symbols[0]),
    section(
      'charts',
      'Out of sample',
      [
        'All test windows joined, each traded with what was chosen before it.',
        element('span', { class: 'screen' }, ' Drag to zoom, double-click to see all.'),
      ],
      controls(symbols, selected, select, () => charts),
      area,
    ),
    windowSection(page),
    section('symbols', 'Symbols', 'The joined test windows of each.', symbolTable(symbols, select)),
  );
  select(selected);
  watchTheme(redraw);
}

function tiles({ efficiency, symbols, objective }) {
  const mean = (of) => {
    const values = symbols.map(({ trading }) => of(trading)).filter(Number.isFinite);
    return values.length === 0 ? null : values.reduce((a, b) => a + b) / values.length;
  };
  const which = symbols.length === 1 ? '' : ' Mean over the symbols.';
  const one = (key, label, format, tone) =>
    tile(
      label,
      format(mean((trading) => trading[key])),
      `buy and hold ${format(mean(({ buyAndHold }) => buyAndHold[key]))}`,
      `${definitionOf(key)}${which}`,
      tone === undefined ? '' : tone(mean((trading) => trading[key])),
    );
  return element(
    'dl',
    { class: 'tiles' },
    one('totalReturn', 'Return out of sample', percent, signClass),
    one('sharpe', 'Sharpe out of sample', ratio),
    one('maxDrawdown', 'Largest drawdown', percent),
    tile(
      'Efficiency',
      ratio(plain(efficiency)),
      `${objective} after / before`,
      'Mean objective in the test windows over the mean in the training windows: 1 loses nothing.',
    ),
  );
}

function controls(symbols, selected, select, charts) {
  const options = symbols.flatMap(({ symbol, series }, k) => (series === null ? [] : [[k, symbol]]));
  const chooser = symbols.length > 1 ? choice('symbol', 'Symbol', options, selected, (k) => select(Number(k))) : [];
  return element('div', { class: 'controls' }, ...chooser, ...zoomButtons(charts));
}

function addCharts(charts, area, lines) {
  const series = [{ label: 'strategy', values: lines.equity, stroke: colour('own') }];
  if (lines.held !== undefined) series.push({ label: 'buy and hold', values: lines.held, stroke: colour('held') });
  charts.add(area, {
    title: 'Equity out of sample',
    note: 'Value of 1 at the start of the first test window, after costs.',
    height: 280,
    format: four,
    series,
  });
  charts.add(area, {
    title: 'Underwater',
    note: 'Share of the highest equity so far that is lost at each close.',
    height: 160,
    format: (value) => percent(value, 1),
    series: [
      {
        label: 'drawdown',
        values: lines.drawdown.map((value) => 0 - value),
        stroke: colour('loss'),
        fill: colour('loss-soft'),
      },
    ],
  });
}

function windowSection({ windows, objective }) {
  const parameters = [...new Set(windows.flatMap((one) => Object.keys(one.parameters)))];
  const goal = (side) => (one) => plain(one[side][objective]);
  const number = (label, title, value, format) => ({
    label,
    title,
    numeric: true,
    value,
    text: (one) => format(value(one)),
  });
  const figure = (value) => figureText(objective, value ?? Number.NaN);
  const columns = [
    number('Window', 'In order of time', (one) => windows.indexOf(one) + 1, String),
    {
      label: 'Training rows',
      title: 'Rows of the longest symbol',
      value: ({ training }) => training.from,
      text: (one) => rows(one.training),
    },
    {
      label: 'Test rows',
      title: 'Rows of the longest symbol',
      value: ({ test }) => test.from,
      text: (one) => rows(one.test),
    },
    ...parameters.map((name) => ({
      label: name,
      title: 'Chosen on the training rows',
      numeric: windows.every((one) => typeof one.parameters[name] !== 'string'),
      value: (one) => one.parameters[name] ?? null,
      text: (one) => String(one.parameters[name] ?? none),
    })),
    number(`${objective} before`, 'On the training rows, in sample', goal('inSample'), figure),
    number(`${objective} after`, 'On the test rows, out of sample', goal('outOfSample'), figure),
    number('Return after', 'On the test rows, out of sample', (one) => plain(one.outOfSample.totalReturn), percent),
  ];
  const of = (side) =>
    windows.map((one, k) => ({ label: `window ${k + 1}`, value: goal(side)(one), text: figure(goal(side)(one)) }));
  // One scale, so that before and after can be compared.
  const most = largest([...of('inSample'), ...of('outOfSample')]);
  return section(
    'windows',
    'Windows',
    'What was best before, and what it made afterwards: where the second bars are much shorter, the search found luck.',
    element(
      'div',
      { class: 'columns' },
      bars(`${objective} before (in sample)`, of('inSample'), most),
      bars(`${objective} after (out of sample)`, of('outOfSample'), most),
    ),
    table('Windows', columns, windows, { most: windows.length }),
  );
}

const rows = ({ from, to }) => `${count(from)} to ${count(to)}`;

function symbolTable(symbols, onOpen) {
  const of = (key, label, format, side = (trading) => trading) => ({
    label,
    title: definitionOf(key),
    numeric: true,
    value: ({ trading }) => plain(side(trading)[key]),
    text: ({ trading }) => format(plain(side(trading)[key])),
    class: ({ trading }) => (key === 'totalReturn' ? signClass(plain(side(trading)[key])) : ''),
  });
  const symbol = {
    label: 'Symbol',
    value: (one) => one.symbol,
    node: (one) =>
      one.series === null ? undefined : button(one.symbol, () => onOpen(symbols.indexOf(one)), { class: 'link' }),
  };
  const equity = {
    label: 'Equity',
    title: 'Value of 1 over time, from its lowest to its highest',
    value: ({ trading }) => trading.totalReturn,
    node: (one) => sparkline(one.equity, `equity of ${one.symbol}`),
  };
  return table(
    'Symbols',
    [
      symbol,
      equity,
      of('totalReturn', 'Return', percent),
      of('totalReturn', 'Buy and hold', percent, ({ buyAndHold }) => buyAndHold),
      of('sharpe', 'Sharpe', ratio),
      of('maxDrawdown', 'Drawdown', percent),
      of('trades', 'Trades', count),
    ],
    symbols,
    { filter: symbols.length > 10 },
  );
}
