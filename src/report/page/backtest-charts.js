/** The charts over time of a backtest. */
import { choice, toggle, zoomButtons } from './controls.js';
import { indexOf } from './decimate.js';
import { element, section } from './dom.js';
import { count, percent, price, ratio, time } from './format.js';
import { MOST_MARKED, positionsOf } from './markers.js';
import { barsPerYear, rolling, windowsOf } from './rolling.js';
import { colour } from './theme.js';
import { TimeCharts } from './time-charts.js';

const four = (value) => price(Number(value.toPrecision(4)));

export class BacktestCharts {
  #area;
  #exact;
  #charts;
  #choices;
  #isLog = false;
  #window;
  #range;
  #again = () => undefined;

  #unit;

  /** `unit`: what a point is, 'bars' or 'signals'. */
  constructor(unit) {
    this.#unit = unit;
  }

  /** Where the charts will be; `note` says what they are of. */
  section(note) {
    this.#charts?.destroy();
    this.#charts = undefined;
    this.#range = undefined;
    this.#window = undefined;
    this.#again = () => undefined;
    this.#area = element('div', {}, element('p', { class: 'note reading' }, 'Reading the bars …'));
    this.#exact = element('p', { class: 'note', id: 'exact' });
    this.#choices = element('span', { class: 'controls' });
    const log = toggle('Logarithmic', {
      id: 'log',
      isOn: this.#isLog,
      onChange: (isOn) => {
        this.#isLog = isOn;
        this.#again();
      },
    });
    return section(
      'charts',
      'Over time',
      [note, element('span', { class: 'screen' }, ' Drag to zoom, double-click to see all; every chart follows.')],
      element('div', { class: 'controls' }, ...zoomButtons(() => this.#charts), log, this.#choices),
      this.#exact,
      this.#area,
    );
  }

  /** `lines`: a promise of them. */
  async show(lines, trades, hasTrades) {
    const area = this.#area;
    const read = await lines;
    // Another symbol may have been chosen meanwhile.
    if (area !== this.#area) return;
    const { windows, wanted } = windowsOf(read);
    this.#window = wanted;
    const labels = windows.map((bars) => [bars, `${count(bars)} ${this.#unit}`]);
    if (windows.length > 0) {
      this.#choices.replaceChildren(
        ...choice('window', 'Rolling window', labels, wanted, (value) => {
          this.#window = Number(value);
          this.#again();
        }),
      );
    }
    const isWhole = read.signal !== undefined && read.barsPerPoint === 1;
    const marked = hasTrades && isWhole ? positionsOf(read) : hasTrades ? trades : [];
    this.#again = () => this.#draw(read, marked);
    this.#again();
  }

  /** In other colours or another size, with the same bars in view. */
  redraw() {
    this.#again();
  }

  #draw(lines, trades) {
    const range = this.#charts?.range;
    this.#charts?.destroy();
    this.#area.replaceChildren();
    const charts = new TimeCharts(lines.timeMs, (shown) => this.#note(lines, shown));
    this.#charts = charts;
    for (const chart of this.#list(lines, trades)) charts.add(this.#area, chart);
    if (range === undefined) charts.showAll();
    else charts.zoom(range.min, range.max);
  }

  #note({ timeMs, barsPerPoint }, { min, max }) {
    const [from, to] = [indexOf(timeMs, min), Math.max(indexOf(timeMs, max + 1) - 1, 0)];
    const what =
      barsPerPoint === 1
        ? `${count(to - from + 1)} of ${count(timeMs.length)} ${this.#unit}, every one of them in this file`
        : `the lowest and the highest of every ${count(barsPerPoint)} bars`;
    this.#exact.textContent =
      timeMs.length === 0 ? 'No bar has a price.' : `Shown: ${time(timeMs[from])} to ${time(timeMs[to])}, ${what}.`;
  }

  #list(lines, trades) {
    const own = { stroke: colour('own') };
    const held = { stroke: colour('held') };
    const list = [
      {
        title: 'Equity against buy and hold',
        note: 'Value of 1 at the start, after costs, beside one long position held all the time without costs.',
        isLog: this.#isLog,
        height: 280,
        format: four,
        series: [
          { label: 'strategy', values: lines.equity, ...own },
          { label: 'buy and hold', values: lines.held, ...held },
        ],
      },
      {
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
      },
    ];
    if (lines.price !== undefined) {
      list.push({
        title: 'Price with entries and exits',
        note:
          'Closes. Filled triangles are entries (up: long, down: short), rings are ' +
          `exits${trades.length > MOST_MARKED ? `, where at most ${count(MOST_MARKED)} positions are in view` : ''}.`,
        height: 280,
        format: price,
        trades,
        series: [{ label: 'close', values: lines.price, ...held, width: 1 }],
      });
    }
    if (lines.signal !== undefined) {
      list.push({
        title: 'Signal',
        note: 'What the strategy gave at each close; its sign is the position until the next.',
        height: 140,
        format: four,
        series: [{ label: 'signal', values: lines.signal, ...own, width: 1, stepped: true }],
      });
    }
    return this.#window === undefined || lines.barsPerPoint > 1 ? list : [...list, ...this.#rolling(lines)];
  }

  #rolling(lines) {
    const { volatility, sharpe } = rolling(lines, this.#window);
    const year = `times the root of ${count(barsPerYear(lines))} ${this.#unit} a year`;
    const bars = `the last ${count(this.#window)} ${this.#unit}`;
    return [
      {
        title: 'Rolling volatility',
        note: `Standard deviation of the returns of ${bars}, ${year}.`,
        height: 160,
        format: (value) => percent(value, 1),
        series: [{ label: 'volatility a year', values: volatility, stroke: colour('own') }],
      },
      {
        title: 'Rolling Sharpe ratio',
        note: `Mean over standard deviation of the returns of ${bars}, ${year}; no risk-free rate.`,
        height: 160,
        format: ratio,
        series: [{ label: 'Sharpe', values: sharpe, stroke: colour('own') }],
      },
    ];
  }
}
