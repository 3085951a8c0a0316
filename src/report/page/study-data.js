/** The trials of a study as `study-html.ts` writes them. */
import { definitionOf } from './definitions.js';
import { count, none, percent, price } from './format.js';
import { unpackSeries } from './series.js';

const SHARES = ['totalReturn', 'cagr', 'maxDrawdown', 'exposure', 'winRate'];
const COUNTS = ['trades', 'turnover'];

/** How a figure is written. */
export function figureText(name, value) {
  if (!Number.isFinite(value)) return none;
  if (SHARES.includes(name)) return percent(value);
  return COUNTS.includes(name) ? count(value) : value.toFixed(3);
}

export class StudyData {
  /** By rows of the page: what trials are compared by, { name, kind, values, text, title }. */
  axes;
  /** Numbers of the trials in the study. */
  trial;
  /** Rows from best to worst by the first objective. */
  ranked;
  /** Of each row, 0 (worst) to 1 (best), by rank. */
  merit;

  static async read(page) {
    return new StudyData(page, await unpackSeries(page.columns));
  }

  constructor(page, columns) {
    this.page = page;
    this.trial = columns.trial;
    const parameters = page.parameters.map(({ name, values, isLog }) => ({
      name,
      kind: 'parameter',
      isLog,
      categories: values,
      values: columns[`parameter:${name}`],
      text: (value) => (Number.isNaN(value) ? none : values === undefined ? price(value) : values[value]),
      title: 'Parameter of the strategy',
    }));
    const figures = page.figures.map((name) => ({
      name,
      kind: 'figure',
      values: columns[`figure:${name}`],
      text: (value) => figureText(name, value),
      title: `${definitionOf(name) ?? 'Figure of the strategy.'} Mean over the symbols.`,
    }));
    this.axes = [...parameters, ...figures];
    this.#rank();
  }

  get parameters() {
    return this.axes.filter(({ kind }) => kind === 'parameter');
  }

  get figures() {
    return this.axes.filter(({ kind }) => kind === 'figure');
  }

  /** The first objective. */
  get goal() {
    return this.axis(this.page.goals[0].name, 'figure');
  }

  get sign() {
    return this.page.goals[0].direction === 'maximize' ? 1 : -1;
  }

  axis(name, kind) {
    return this.axes.find((one) => one.name === name && one.kind === kind);
  }

  #rank() {
    const { values } = this.goal;
    const merit = (row) => (Number.isNaN(values[row]) ? Number.NEGATIVE_INFINITY : this.sign * values[row]);
    this.ranked = Array.from(values, (_, row) => row).sort((a, b) => {
      const [x, y] = [merit(a), merit(b)];
      return x < y ? 1 : x > y ? -1 : a - b;
    });
    this.merit = new Float64Array(values.length);
    for (const [rank, row] of this.ranked.entries()) this.merit[row] = 1 - rank / Math.max(1, values.length - 1);
  }

  /** One trial in words: its parameters and objectives. */
  words(row) {
    const shown = [...this.parameters, ...this.page.goals.map(({ name }) => this.axis(name, 'figure'))];
    const known = shown.filter(({ values }) => !Number.isNaN(values[row]));
    const figures = known.map(({ name, values, text }) => `${name} ${text(values[row])}`);
    return `Trial ${this.trial[row]}: ${figures.join(', ')}`;
  }
}
