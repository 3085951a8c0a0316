/** The objective at each pair of values of two parameters. */
import { element } from './dom.js';
import { count } from './format.js';

/** More values than these share bins of equal width. */
const MOST_VALUES = 32;
const BINS = 20;
/** Cells beyond these have no room for their number; it is in their title. */
const MOST_TEXTS = 14;

/** `pick`: 'best' or 'median' of the trials of a cell. */
export function pairHeatmap(study, across, down, value, pick) {
  const [columns, rows] = [binsOf(across), binsOf(down)];
  const cells = rows.labels.map(() => columns.labels.map(() => []));
  for (const [row] of study.trial.entries()) {
    const [x, y] = [columns.of(row), rows.of(row)];
    if (x >= 0 && y >= 0 && Number.isFinite(value.values[row])) cells[y][x].push(value.values[row]);
  }
  const picked = cells.map((line) =>
    line.map((values) => (pick === 'best' ? bestOf(values, study, value) : medianOf(values))),
  );
  const known = picked.flat().filter((one) => one !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const hasTexts = columns.labels.length <= MOST_TEXTS;
  const sign = signOf(study, value);
  const best = sign === 1 ? high : low;
  const cell = (one, trials, where) => {
    if (one === undefined) return element('td', { title: `${where}: no trial` });
    const share = high === low ? 1 : sign === 1 ? (one - low) / (high - low) : (high - one) / (high - low);
    const words = `${where}: ${value.name} ${value.text(one)}, ${pick} of ${count(trials)} trials`;
    const made = element(
      'td',
      { class: one === best ? 'number best' : 'number', title: words },
      hasTexts ? value.text(one) : element('span', { class: 'unseen' }, value.text(one)),
    );
    const strength = Math.round(share * (hasTexts ? 40 : 95));
    made.style.background = `color-mix(in srgb, var(--own) ${strength}%, var(--ground))`;
    return made;
  };
  const lines = rows.labels.map((name, y) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      ...columns.labels.map((other, x) =>
        cell(picked[y][x], cells[y][x].length, `${down.name} ${name}, ${across.name} ${other}`),
      ),
    ),
  );
  const caption = `${value.name}, ${pick} of each pair of ${down.name} (down) and ${across.name} (across)`;
  return element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    element(
      'table',
      { class: hasTexts ? 'heatmap' : 'heatmap dense' },
      element('caption', {}, caption),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, `${down.name} \\ ${across.name}`),
          ...columns.labels.map((name) => element('th', { scope: 'col', class: 'number' }, name)),
        ),
      ),
      element('tbody', {}, ...lines),
    ),
  );
}

/** Of the objectives each has its direction; of other figures more is better but for these. */
function signOf(study, { name }) {
  const goal = study.page.goals.find((one) => one.name === name);
  if (goal !== undefined) return goal.direction === 'maximize' ? 1 : -1;
  return ['maxDrawdown', 'turnover', 'trades'].includes(name) ? -1 : 1;
}

function bestOf(values, study, value) {
  if (values.length === 0) return undefined;
  return signOf(study, value) === 1 ? Math.max(...values) : Math.min(...values);
}

function medianOf(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** { labels, of(row): index or -1 }. */
function binsOf(axis) {
  const distinct = [...new Set(axis.values.filter(Number.isFinite))].sort((a, b) => a - b);
  if (distinct.length <= MOST_VALUES) {
    const index = new Map(distinct.map((value, k) => [value, k]));
    return { labels: distinct.map(axis.text), of: (row) => index.get(axis.values[row]) ?? -1 };
  }
  const place = axis.isLog === true && distinct[0] > 0 ? [Math.log, Math.exp] : [(value) => value, (value) => value];
  const [low, high] = [place[0](distinct[0]), place[0](distinct.at(-1))];
  const width = (high - low) / BINS;
  const labels = Array.from({ length: BINS }, (_, k) =>
    axis.text(Number(place[1](low + (k + 0.5) * width).toPrecision(3))),
  );
  const of = (row) => {
    const value = axis.values[row];
    return Number.isFinite(value) ? Math.min(BINS - 1, Math.floor((place[0](value) - low) / width)) : -1;
  };
  return { labels, of };
}
