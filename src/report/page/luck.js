/** How much of the best trial of a study is luck. */
import { element, section } from './dom.js';
import { count, none, percent, ratio, signClass } from './format.js';
import { figureText } from './study-data.js';
import { tile } from './tiles.js';

const finite = (value) => (Number.isFinite(value) ? value : null);

const DSR =
  'Deflated Sharpe ratio (Bailey and López de Prado 2014): probability that the true Sharpe ratio of the best is ' +
  'above what the best of so many trials without skill would show; below 95 % it is no evidence of skill.';
const PBO =
  'Probability of backtest overfitting (Bailey, Borwein, López de Prado and Zhu 2015, CSCV): how often the best of ' +
  'one half of the history is below the median in the other half.';

export function studyTiles({ page, goal, ranked, trial }) {
  const { report } = page;
  const { luck, holdout, buyAndHold, best } = report;
  const value = goal.values[ranked[0]];
  const parts = [
    tile(
      `Best ${goal.name}`,
      goal.text(value),
      `trial ${count(trial[ranked[0]])} of ${count(report.trials)}`,
      goal.title,
    ),
    tile(
      'Its return',
      percent(finite(best.figures.totalReturn)),
      `buy and hold ${percent(finite(buyAndHold.totalReturn))}`,
      'Mean over the symbols of the last equity over the first, minus 1.',
      signClass(finite(best.figures.totalReturn)),
    ),
  ];
  if (luck !== undefined) {
    parts.push(
      tile('Deflated Sharpe', percent(finite(luck.deflatedSharpe), 1), 'above 95 %: evidence of skill', DSR),
      tile('Overfitting', percent(finite(luck.overfitting.probability), 1), 'PBO; 50 % is a coin', PBO),
    );
  }
  if (holdout !== undefined) {
    const made = finite(holdout.figures.totalReturn);
    parts.push(
      tile(
        'Holdout return',
        percent(made),
        `buy and hold ${percent(finite(holdout.buyAndHold.totalReturn))}`,
        `What the best trial made of the last ${percent(holdout.share, 0)} of the history, which no trial saw.`,
        signClass(made),
      ),
    );
  }
  return element('dl', { class: 'tiles' }, ...parts);
}

export function luckSection({ page, goal }) {
  const { luck, sensitivity, holdout, buyAndHold, front } = page.report;
  const of = (value) => figureText(goal.name, value ?? Number.NaN);
  const rows = [
    [
      'Around the best',
      `median ${of(sensitivity.median)}, worst ${of(sensitivity.worst)}`,
      `${goal.name} of the ${sensitivity.neighbours} nearest trials.`,
    ],
    [
      'Buy and hold',
      `return ${percent(finite(buyAndHold.totalReturn))}, Sharpe ${ratio(finite(buyAndHold.sharpe))}`,
      'One long position over the same rows.',
    ],
  ];
  if (luck !== undefined) {
    rows.push(
      ['Deflated Sharpe ratio', percent(finite(luck.deflatedSharpe), 1), DSR],
      [
        'As the only trial',
        percent(finite(luck.probabilisticSharpe), 1),
        'Probabilistic Sharpe ratio: the same against a true ratio of 0, as if nothing else had been tried.',
      ],
      [
        'Effective trials',
        `${luck.effectiveTrials.toFixed(1)} of ${count(page.trials)}`,
        `Independent trials that these correlated ones amount to (mean correlation ${ratio(luck.meanCorrelation)}).`,
      ],
      [
        'Probability of overfitting',
        percent(finite(luck.overfitting.probability), 1),
        `${PBO} ${count(luck.overfitting.combinations)} ways to halve the history, ` +
          `${count(luck.overfitting.trials)} trials.`,
      ],
    );
  }
  if (page.goals.length > 1) {
    rows.push([
      'Pareto front',
      `${count(front.length)} trials`,
      'No other trial beats them in every objective: ' +
        `${front.slice(0, 20).join(', ')}${front.length > 20 ? ', …' : ''}.`,
    ]);
  }
  if (holdout !== undefined) {
    rows.push([
      'Holdout',
      `return ${percent(finite(holdout.figures.totalReturn))}, Sharpe ${ratio(finite(holdout.figures.sharpe))}`,
      `The best trial on the last ${percent(holdout.share, 0)} of the history, which no trial saw.`,
    ]);
  }
  return section(
    'luck',
    'How much of the best is luck',
    'So many trials find something good in any history.',
    element(
      'dl',
      { class: 'facts' },
      ...rows.map(([name, value, words]) =>
        element(
          'div',
          {},
          element('dt', {}, name),
          element('dd', { class: 'value' }, value ?? none),
          element('dd', { class: 'note' }, words),
        ),
      ),
    ),
  );
}
