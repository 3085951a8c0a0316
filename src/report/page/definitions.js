/** Every figure with the words that say what it is; docs/statistics.md has the formulas. */
import { element, section } from './dom.js';
import { count, duration, percent, ratio } from './format.js';
import { table } from './tables.js';

const FIGURES = [
  ['totalReturn', 'Return', percent, 'Equity at the end over equity at the start, minus 1.'],
  ['cagr', 'CAGR', percent, 'Compound growth per year of 365.25 days; none below one day or after a total loss.'],
  [
    'volatility',
    'Volatility (a year)',
    percent,
    'Standard deviation of the returns per bar times the root of the bars per year.',
  ],
  [
    'sharpe',
    'Sharpe',
    ratio,
    'Mean return per bar over its standard deviation, times the root of the bars per year; no risk-free rate.',
  ],
  [
    'sortino',
    'Sortino',
    ratio,
    'As Sharpe, over the root mean square of the losses alone (target 0, all bars counted).',
  ],
  ['calmar', 'Calmar', ratio, 'CAGR over the largest drawdown.'],
  ['maxDrawdown', 'Largest drawdown', percent, 'Deepest fall of the equity from its highest value so far.'],
  ['averageDrawdown', 'Average drawdown', percent, 'Mean depth of all drawdowns.'],
  ['longestDrawdownMs', 'Longest drawdown', duration, 'From a high until it was reached again, or to the last bar.'],
  ['averageDrawdownMs', 'Average length', duration, 'Mean time from a high until it was reached again.'],
  ['exposure', 'Exposure', percent, 'Share of the bars with a position.'],
  ['turnover', 'Turnover', count, 'Traded value in multiples of the equity; in and out once is 2.'],
  ['skewness', 'Skewness', ratio, 'Third standardised moment of the returns per bar; below 0: rare large losses.'],
  [
    'kurtosis',
    'Excess kurtosis',
    ratio,
    'Fourth standardised moment minus 3; above 0: more extremes than a normal distribution.',
  ],
  ['valueAtRisk', 'VaR 95 % (a bar)', percent, 'The loss that 5 % of the bars reach or exceed.'],
  ['conditionalValueAtRisk', 'CVaR 95 % (a bar)', percent, 'Mean loss of those bars.'],
  ['bestBar', 'Best bar', percent, 'Highest return of one bar.'],
  ['worstBar', 'Worst bar', percent, 'Lowest return of one bar.'],
  ['trades', 'Trades', count, 'Positions opened, from flat or turned round; one may be open at the end.'],
  ['winRate', 'Win rate', percent, 'Share of the trades with a return above 0.'],
  ['averageTrade', 'Average trade', percent, 'Geometric mean of the returns of trades, after costs.'],
  ['bestTrade', 'Best trade', percent, 'Highest return of a trade.'],
  ['worstTrade', 'Worst trade', percent, 'Lowest return of a trade.'],
  ['averageTradeMs', 'Average duration', duration, 'Mean time from entry to exit.'],
  ['longestTradeMs', 'Longest duration', duration, 'Longest time from entry to exit.'],
  [
    'profitFactor',
    'Profit factor',
    ratio,
    'Sum of the winning returns over the sum of the losing ones; none without a loss.',
  ],
  ['expectancy', 'Expectancy', percent, 'Arithmetic mean of the returns of trades.'],
  [
    'sqn',
    'SQN',
    ratio,
    'System quality number: mean over standard deviation of the trades, times the root of their number.',
  ],
  ['kelly', 'Kelly share', percent, 'Win rate minus loss rate over the ratio of average win to average loss.'],
];

const SIDES = [
  ['all', 'All', 'The signal as it is'],
  ['long', 'Long', 'As if its shorts had not been traded'],
  ['short', 'Short', 'As if its longs had not been traded'],
  ['buyAndHold', 'Buy and hold', 'One long position from the first price to the last, no costs'],
];

export function definitionOf(key) {
  return FIGURES.find(([name]) => name === key)?.[3];
}

/** The section of all figures, for all, long, short and buy-and-hold. */
export function figureTable(statistics) {
  const columns = [
    {
      label: 'Figure',
      value: ([, label]) => label,
      node: ([, label, , words]) => element('span', { class: 'defined', title: words }, label),
    },
    ...SIDES.map(([side, label, title]) => ({
      label,
      title,
      numeric: true,
      value: ([key]) => statistics[side][key] ?? null,
      text: ([key, , format]) => (key in statistics[side] ? format(statistics[side][key]) : ''),
    })),
  ];
  const definitions = FIGURES.flatMap(([, label, , words]) => [element('dt', {}, label), element('dd', {}, words)]);
  return section(
    'figures',
    'Figures',
    'Long and short: the account with the other side left out.',
    table('Figures', columns, FIGURES, { sortable: false, most: FIGURES.length }),
    element(
      'details',
      {},
      element('summary', {}, 'What each figure is'),
      element('dl', { class: 'definitions' }, ...definitions),
    ),
  );
}
