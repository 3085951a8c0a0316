/** Years down, months across, coloured by return. */
import { element } from './dom.js';
import { none, percent } from './format.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function heatmap(months, years) {
  const returns = new Map(months.map((one) => [one.period, one.return]));
  const most = Math.max(...months.map((one) => Math.abs(one.return ?? 0)), 1e-9);
  const cell = (value, isTotal = false) => {
    const made = element(
      'td',
      { class: isTotal ? 'number total' : 'number' },
      value === undefined ? '' : value === null ? none : percent(value, 1).replace(' %', ''),
    );
    if (value !== undefined && value !== null && !isTotal) {
      const strength = Math.round(Math.min(Math.sqrt(Math.abs(value) / most), 1) * 45);
      made.style.background = `color-mix(in srgb, var(--${value < 0 ? 'loss' : 'gain'}) ${strength}%, transparent)`;
    }
    return made;
  };
  const rows = years.map((year) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, year.period),
      ...MONTHS.map((_, k) => cell(returns.get(`${year.period}-${String(k + 1).padStart(2, '0')}`))),
      cell(year.return, true),
    ),
  );
  const heads = ['Year', ...MONTHS, 'Year'].map((label) => element('th', { scope: 'col' }, label));
  return element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Returns by month in per cent' },
    element(
      'table',
      { class: 'heatmap' },
      element('caption', {}, 'Returns in per cent'),
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...rows),
    ),
  );
}
