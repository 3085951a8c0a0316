/** Charts over one axis of time that share their zoom and their cursor. */
import uPlot from 'uplot';
import { axis, logAxis, timeAxis } from './axes.js';
import { decimate, nearest } from './decimate.js';
import { element } from './dom.js';
import { none, time } from './format.js';
import { drawMarkers } from './markers.js';
import { chartWidth, onPaper } from './paper.js';

const GROUP = 'report';
/** Of all bars: the least that a zoom shows. */
const FEWEST_BARS = 8;

/** `destroy` before another group is drawn. */
export class TimeCharts {
  #charts = [];
  #times;
  #range;
  #onZoom;
  #spoken = element('p', { class: 'unseen', 'aria-live': 'polite' });
  #observer = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const chart = this.#charts.find(({ box }) => box === target);
      if (onPaper() || chart === undefined) continue;
      if (contentRect.width === 0 || contentRect.width === chart.plot.width) continue;
      chart.plot.setSize({ width: contentRect.width, height: chart.plot.height });
      this.#draw(chart);
    }
  });

  /** `times`: UTC ms of the bars of every line, ascending. `onZoom` gets the first and last bar shown. */
  constructor(times, onZoom = () => undefined) {
    this.#times = times;
    this.#onZoom = onZoom;
    this.#range = this.#whole();
  }

  #whole() {
    const [first, last] = [this.#times[0] ?? 0, this.#times[this.#times.length - 1] ?? 0];
    // A single bar has no range of its own.
    return first === last ? { min: first - 1, max: last + 1 } : { min: first, max: last };
  }

  get range() {
    return this.#range;
  }

  /**
   * `series`: { label, values: Float64Array, stroke, fill, width, stepped }; `format` is of the values. The title and
   * the note stay with the chart on paper.
   */
  add(area, { title: label, note, series, format, height = 240, isLog = false, trades = [] }) {
    const parent = element('div', { class: 'plot' }, element('h3', {}, label), element('p', { class: 'note' }, note));
    area.append(parent);
    const box = element('div', {
      class: 'chart',
      tabindex: '0',
      role: 'group',
      'aria-roledescription': 'chart',
      'aria-label': `${label}. Arrow keys move the cursor, + and - zoom, Page Up and Page Down move, 0 shows all.`,
    });
    parent.append(box);
    if (this.#charts.length === 0) parent.append(this.#spoken);
    const chart = { box, label, series, format, isLog };
    const valueAt = (k) => () => {
      const bar = this.#barOf(chart);
      return bar === undefined ? none : text(series[k].values[bar], format);
    };
    chart.plot = new uPlot(
      {
        width: chartWidth(box),
        height,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
        scales: { x: { auto: false } },
        cursor: {
          sync: { key: GROUP, setSeries: false, filters: { pub: isMove, sub: isMove } },
          drag: { x: true, y: false, setScale: false },
          points: { show: false },
          bind: { dblclick: () => () => this.showAll() },
        },
        legend: { live: true },
        axes: [timeAxis(), { ...(isLog ? logAxis(format, 64) : axis(format, 64)), space: height < 200 ? 22 : 30 }],
        series: [
          { label: 'UTC', value: () => this.#timeOf(chart) },
          ...series.map((one, k) => ({
            label: one.label,
            stroke: one.stroke,
            fill: one.fill,
            width: one.width ?? 1.5,
            paths: one.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
            points: { show: this.#times.length < 3 },
            value: valueAt(k),
          })),
        ],
        hooks: {
          draw: trades.length === 0 ? [] : [drawMarkers(trades)],
          setSelect: [(plot) => this.#select(plot)],
        },
      },
      this.#pointsOf(chart, chartWidth(box)),
      box,
    );
    this.#charts.push(chart);
    this.#draw(chart);
    box.addEventListener('keydown', (event) => this.#key(chart, event));
    this.#observer.observe(box);
  }

  #pointsOf({ series, isLog }, width) {
    const { min, max } = this.#range;
    const lines = series.map(({ values }) => values);
    const [seconds, ...points] = decimate(this.#times, lines, min, max, width);
    const drawn = isLog ? points.map((line) => line.map((value) => (value > 0 ? Math.log10(value) : null))) : points;
    return [seconds, ...drawn];
  }

  #draw(chart) {
    const { plot } = chart;
    plot.batch(() => {
      plot.setData(this.#pointsOf(chart, plot.width), false);
      plot.setScale('x', { min: this.#range.min / 1000, max: this.#range.max / 1000 });
    });
  }

  #select(plot) {
    const { left, width } = plot.select;
    if (width === 0) return;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (width > 2) this.zoom(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
  }

  /** Shows [min, max], UTC ms, in every chart: not beyond the history, and not less than some bars. */
  zoom(min, max) {
    const whole = this.#whole();
    const least = Math.min(whole.max - whole.min, ((whole.max - whole.min) / this.#times.length) * FEWEST_BARS);
    const width = Math.min(Math.max(max - min, least), whole.max - whole.min);
    const from = Math.min(Math.max((min + max - width) / 2, whole.min), whole.max - width);
    this.#range = { min: from, max: from + width };
    for (const chart of this.#charts) this.#draw(chart);
    this.#onZoom(this.#range);
  }

  showAll() {
    const { min, max } = this.#whole();
    this.zoom(min, max);
  }

  /** `factor` below 1 shows less, `shift` moves by that share of what is shown. */
  move(factor, shift = 0) {
    const { min, max } = this.#range;
    const [middle, half] = [(min + max) / 2 + shift * (max - min), ((max - min) / 2) * factor];
    this.zoom(middle - half, middle + half);
  }

  #barOf({ plot }) {
    const left = plot?.cursor.left;
    if (left === undefined || left === null || left < 0 || this.#times.length === 0) return undefined;
    return nearest(this.#times, plot.posToVal(left, 'x') * 1000);
  }

  #timeOf(chart) {
    const bar = this.#barOf(chart);
    return bar === undefined ? none : time(this.#times[bar]);
  }

  #key(chart, event) {
    const moves = { '+': [0.5], '=': [0.5], '-': [2], PageUp: [1, -0.5], PageDown: [1, 0.5] }[event.key];
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (moves !== undefined) this.move(...moves);
    else if (event.key === '0' || event.key === 'Escape') this.showAll();
    else if (step !== undefined) this.#step(chart, step);
    else return;
    event.preventDefault();
  }

  /** To the next bar, or by a pixel where that has many bars. */
  #step(chart, step) {
    const { plot, series, format } = chart;
    const from = this.#barOf(chart) ?? nearest(this.#times, this.#range.min) - step;
    const shown = nearest(this.#times, this.#range.max) - nearest(this.#times, this.#range.min);
    const bars = Math.max(1, Math.round(shown / plot.over.clientWidth));
    const bar = Math.min(Math.max(from + step * bars, 0), this.#times.length - 1);
    plot.setCursor({ left: plot.valToPos(this.#times[bar] / 1000, 'x'), top: 10 }, true, true);
    const values = series.map(({ label, values: line }) => `${label} ${text(line[bar], format)}`);
    this.#spoken.textContent = [time(this.#times[bar]), ...values].join(', ');
  }

  destroy() {
    this.#observer.disconnect();
    for (const { plot } of this.#charts) plot.destroy();
    this.#charts = [];
  }
}

/** Of the events that charts pass to each other: a zoom has its own way. */
const isMove = (type) => type === 'mousemove' || type === 'mouseleave';

function text(value, format) {
  return Number.isFinite(value) ? format(value) : none;
}
