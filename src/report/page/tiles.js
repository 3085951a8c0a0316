/** The figures that are looked at first. */
import { definitionOf } from './definitions.js';
import { element } from './dom.js';
import { count, percent, ratio, signClass } from './format.js';

/** `tile(label, text, note, definition, class)`: one figure in large type. */
export function tile(label, text, note, definition, tone = '') {
  return element(
    'div',
    { class: 'tile', title: definition },
    element('dt', {}, label),
    element('dd', { class: tone }, text),
    element('dd', { class: 'note' }, note),
  );
}

export function tiles({ all, buyAndHold }) {
  const beside = (key, format) => `buy and hold ${format(buyAndHold[key])}`;
  const one = (key, label, format, note, tone) => tile(label, format(all[key]), note, definitionOf(key), tone);
  return element(
    'dl',
    { class: 'tiles' },
    one('totalReturn', 'Return', percent, beside('totalReturn', percent), signClass(all.totalReturn)),
    one('cagr', 'CAGR', percent, beside('cagr', percent), signClass(all.cagr)),
    one('sharpe', 'Sharpe', ratio, beside('sharpe', ratio)),
    one('maxDrawdown', 'Largest drawdown', percent, beside('maxDrawdown', percent)),
    one('trades', 'Trades', count, `win rate ${percent(all.winRate)}`),
    one('exposure', 'Exposure', percent, `turnover ${count(all.turnover)}`),
  );
}
