/** Drawdowns, trades and symbols as tables. */
import { button } from './controls.js';
import { definitionOf } from './definitions.js';
import { sparkline } from './dom.js';
import { count, duration, percent, price, ratio, signClass, time } from './format.js';
import { table } from './tables.js';

/** A column of a number or a time by its key. */
function column(key, label, format, title, isNumeric = true) {
  return { label, title, numeric: isNumeric, value: (row) => row[key], text: (row) => format(row[key]) };
}

export function drawdownTable(rows) {
  return table(
    'Ten worst drawdowns',
    [
      column('depth', 'Depth', percent, 'Largest fall, as a share of the high'),
      column('peakMs', 'High', time, 'Bar of the high', false),
      column('troughMs', 'Low', time, 'Bar of the lowest equity', false),
      column(
        'recoveredMs',
        'Recovered',
        (ms) => (ms === null ? 'not yet' : time(ms)),
        'First bar at or above the high',
        false,
      ),
      column('durationMs', 'Duration', duration, 'From the high to the recovery, or to the last bar'),
      column('bars', 'Bars', count, 'The same in bars'),
    ],
    rows,
  );
}

export function tradeTable(trades, hasSymbols, isSignals) {
  const exit = {
    ...column('exitMs', 'Exit', time, 'Close at which it ended', false),
    text: ({ exitMs, open }) => (open ? 'open' : time(exitMs)),
  };
  const side = { label: 'Side', title: 'Long gains from a rise, short from a fall', value: ({ side: which }) => which };
  return table(
    'Trades',
    [
      column('entryMs', 'Entry', time, 'Close at which it was opened', false),
      exit,
      ...(hasSymbols ? [{ label: 'Symbol', value: ({ symbol }) => symbol }] : []),
      side,
      {
        ...column('return', 'Return', percent, 'What it made of the equity, after its costs'),
        class: (trade) => signClass(trade.return),
      },
      isSignals
        ? column('bars', 'Minutes', count, 'Minutes it was held')
        : column('bars', 'Bars', count, 'Bars it was held'),
      column('entryPrice', 'Entry price', price, 'Close of the entry'),
      column('exitPrice', 'Exit price', price, 'Close of the exit'),
      column(
        'mae',
        'MAE',
        percent,
        'Maximum adverse excursion: lowest return before costs at a close while it was held',
      ),
      column(
        'mfe',
        'MFE',
        percent,
        'Maximum favourable excursion: highest return before costs at a close while it was held',
      ),
      column('costs', 'Costs', percent, 'Fees and slippage as a share of the equity'),
    ],
    trades,
    { filter: true },
  );
}

/** `onOpen` gets the symbol that is pressed. */
export function symbolTable(symbols, onOpen) {
  const of = (key, label, format, side = 'all') => ({
    label,
    title: `${side === 'all' ? '' : 'One long position held all the time. '}${definitionOf(key)}`,
    numeric: true,
    value: ({ statistics }) => statistics[side][key],
    text: ({ statistics }) => format(statistics[side][key]),
    class: ({ statistics }) => (key === 'totalReturn' ? signClass(statistics[side][key]) : ''),
  });
  const symbol = {
    label: 'Symbol',
    value: (row) => row.symbol,
    node: (row) => button(row.symbol, () => onOpen(row), { class: 'link' }),
  };
  const equity = {
    label: 'Equity',
    title: 'Value of 1 over time, from its lowest to its highest',
    value: ({ statistics }) => statistics.all.totalReturn,
    node: (row) => sparkline(row.equity, `equity of ${row.symbol}`),
  };
  const underwater = {
    label: 'Underwater',
    title: 'Share of the highest equity so far that is lost over time, from nothing at the top to the largest',
    value: ({ statistics }) => -statistics.all.maxDrawdown,
    node: (row) => sparkline(row.fall, `drawdown of ${row.symbol}`, 'fall'),
  };
  return table(
    'Symbols',
    [
      symbol,
      equity,
      underwater,
      of('totalReturn', 'Return', percent),
      of('totalReturn', 'Buy and hold', percent, 'buyAndHold'),
      of('sharpe', 'Sharpe', ratio),
      of('maxDrawdown', 'Drawdown', percent),
      of('trades', 'Trades', count),
      of('winRate', 'Win rate', percent),
      of('exposure', 'Exposure', percent),
    ],
    symbols,
    { filter: true },
  );
}
