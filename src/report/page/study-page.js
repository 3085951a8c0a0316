/** The page of a study: its trials, and how much of the best is luck. */
import { choice, themeToggle } from './controls.js';
import { element, section } from './dom.js';
import { count } from './format.js';
import { luckSection, studyTiles } from './luck.js';
import { pairHeatmap } from './pair-heatmap.js';
import { drawnRows, parallel } from './parallel.js';
import { scatter } from './scatter.js';
import { StudyData } from './study-data.js';
import { table } from './tables.js';
import { watchTheme } from './theme.js';
import { TrialSelection } from './trial-selection.js';

export async function studyPage(root, page) {
  root.append(element('header', {}, element('h1', {}, document.title)));
  const study = await StudyData.read(page);
  const selection = new TrialSelection(study);
  let plots = [];
  const redraw = () => {
    for (const { redraw: again } of plots) again();
  };
  selection.onChange(redraw);
  root
    .querySelector('header')
    .append(
      element('p', { class: 'note' }, describe(study)),
      element('div', { class: 'controls' }, themeToggle(redraw)),
    );
  root.append(
    studyTiles(study),
    luckSection(study),
    ...heatmapSection(study),
    scatterSection(study, selection, (made) => {
      plots = [...plots.filter(({ isScatter }) => !isScatter), { ...made, isScatter: true }];
    }),
    parallelSection(study, selection, (made) => plots.push(made)),
    section(
      'trials',
      'Trials',
      `Best first by ${study.goal.name}. Figures are means over the symbols.`,
      trialTable(study),
    ),
  );
  redraw();
  watchTheme(redraw);
}

function describe({ page, trial }) {
  const { strategy, sampler, symbols, symbol, costs, holdout } = page.identity;
  const rate = (costs?.fee ?? 0) + (costs?.slippage ?? 0);
  const [goal, ...others] = page.goals;
  const parts = [
    `Strategy ${strategy}, ${count(page.trials)} trials (${sampler}) over ${symbol ?? `${count(symbols)} symbols`}`,
    `${goal.direction === 'maximize' ? 'highest' : 'lowest'} ${[goal, ...others].map(({ name }) => name).join(', ')}`,
    rate === 0 ? 'no costs' : `costs of ${(rate * 100).toPrecision(2)} % of what is traded`,
  ];
  if (holdout > 0) parts.push(`the last ${Math.round(holdout * 100)} % of the history held back`);
  const left = page.trials - trial.length;
  const some = left > 0 ? ` The best and evenly spaced others are drawn, ${count(trial.length)} in all.` : '';
  return `${parts.join(', ')}.${some}`;
}

function heatmapSection(study) {
  const { parameters, figures } = study;
  if (parameters.length < 2) return [];
  const area = element('div');
  const chosen = { across: parameters.at(-1), down: parameters.at(-2), value: study.goal, pick: 'best' };
  const draw = () => area.replaceChildren(pairHeatmap(study, chosen.across, chosen.down, chosen.value, chosen.pick));
  const of = (id, label, axes, key) =>
    choice(
      id,
      label,
      axes.map(({ name }, k) => [k, name]),
      axes.indexOf(chosen[key]),
      (k) => {
        chosen[key] = axes[Number(k)];
        draw();
      },
    );
  draw();
  const picks = [
    ['best', 'best of each pair'],
    ['median', 'median of each pair'],
  ];
  return [
    section(
      'heatmap',
      'Two parameters',
      'The stronger the colour, the better; the best is outlined. A peak with nothing around it is noise.',
      element(
        'div',
        { class: 'controls' },
        ...of('down', 'Down', parameters, 'down'),
        ...of('across', 'Across', parameters, 'across'),
        ...of('value', 'Value', figures, 'value'),
        ...choice('pick', 'Of several trials', picks, chosen.pick, (pick) => {
          chosen.pick = pick;
          draw();
        }),
      ),
      area,
    ),
  ];
}

function scatterSection(study, selection, onPlot) {
  const area = element('div');
  const { axes, parameters, goal } = study;
  const chosen = { x: parameters[0] ?? axes[0], y: goal };
  let made;
  const draw = () => {
    made?.destroy();
    made = scatter(study, chosen.x, chosen.y, selection);
    area.replaceChildren(made.box);
    onPlot(made);
    made.redraw();
  };
  const of = (id, label, key) =>
    choice(
      id,
      label,
      axes.map(({ name }, k) => [k, name]),
      axes.indexOf(chosen[key]),
      (k) => {
        chosen[key] = axes[Number(k)];
        draw();
      },
    );
  draw();
  return section(
    'scatter',
    'Every trial',
    'A point a trial, the stronger its colour the better by the first objective; the best has a ring. Point at one ' +
      'to read it.',
    element('div', { class: 'controls' }, ...of('x', 'Across', 'x'), ...of('y', 'Up', 'y')),
    area,
    selection.readout,
  );
}

function parallelSection(study, selection, onPlot) {
  const goals = study.page.goals.map(({ name }) => study.axis(name, 'figure'));
  const made = parallel(study, [...study.parameters, ...goals], selection);
  onPlot(made);
  const drawn = drawnRows(study).length;
  const some = drawn < study.trial.length ? ` ${count(drawn)} of the trials are drawn, the best among them.` : '';
  return section(
    'parallel',
    'Parallel coordinates',
    'A line a trial, the stronger its colour the better; the best is the thick one. Point at one to read it ' +
      `above.${some}`,
    made.box,
  );
}

function trialTable(study) {
  const column = ({ name, values, text, title, categories }) => ({
    label: name,
    title,
    numeric: categories === undefined,
    value: (row) => (Number.isNaN(values[row]) ? null : categories === undefined ? values[row] : text(values[row])),
    text: (row) => text(values[row]),
  });
  const number = {
    label: 'Trial',
    title: 'Its number in the study, from 0',
    numeric: true,
    value: (row) => study.trial[row],
    text: (row) => count(study.trial[row]),
  };
  return table('Trials', [number, ...study.axes.map(column)], study.ranked, { filter: true });
}
