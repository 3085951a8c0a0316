/** Charts over time that share their axis, their zoom and their cursor. */
import uPlot from 'uplot';
import { element } from './dom.js';
import { percent, price } from './format.js';

const GROUP = 'report';

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function axis(values, size) {
  return {
    stroke: colour('muted'),
    grid: { stroke: colour('grid'), width: 1 },
    ticks: { stroke: colour('grid'), width: 1 },
    font: '12px system-ui, sans-serif',
    ...(values === undefined ? {} : { values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : values(tick))) }),
    ...(size === undefined ? {} : { size }),
  };
}

/** Entries and exits on a chart: triangles up and down, the exit a ring. */
function markers(trades) {
  return (plot) => {
    const { ctx } = plot;
    const { min, max } = plot.scales.x;
    const shown = trades.filter(({ entryMs, exitMs }) => exitMs / 1000 >= min && entryMs / 1000 <= max).length;
    // Smaller where they would cover the price.
    const size = Math.min(4, Math.max(1.5, plot.width / shown)) * devicePixelRatio;
    const { left, top, width, height } = plot.bbox;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    for (const trade of trades) {
      const stroke = colour(trade.side === 'long' ? 'gain' : 'loss');
      ctx.fillStyle = ctx.strokeStyle = stroke;
      ctx.lineWidth = devicePixelRatio;
      const [entry, exit] = [trade.entryMs / 1000, trade.exitMs / 1000];
      if (entry >= min && entry <= max) {
        const x = plot.valToPos(entry, 'x', true);
        const y = plot.valToPos(trade.entryPrice, 'y', true);
        const tip = trade.side === 'long' ? -size : size;
        ctx.beginPath();
        ctx.moveTo(x, y + tip);
        ctx.lineTo(x - size, y - tip);
        ctx.lineTo(x + size, y - tip);
        ctx.fill();
      }
      if (!trade.open && exit >= min && exit <= max) {
        ctx.beginPath();
        ctx.arc(plot.valToPos(exit, 'x', true), plot.valToPos(trade.exitPrice, 'y', true), size * 0.8, 0, 7);
        ctx.stroke();
      }
    }
    ctx.restore();
  };
}

/** A group of charts over one axis of time. `destroy` before another group is drawn. */
export class TimeCharts {
  #plots = [];
  #isLinking = false;
  #observer = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const plot = this.#plots.find(({ root }) => root.parentElement === target);
      if (plot !== undefined && contentRect.width > 0) plot.setSize({ width: contentRect.width, height: plot.height });
    }
  });

  /** `series`: { label, values, stroke, fill, width, stepped }; `format` is of the values. */
  add(parent, { label, timeMs, series, format, height = 240, log = false, trades = [] }) {
    const box = element('div', {
      class: 'chart',
      tabindex: '0',
      role: 'img',
      'aria-label': `${label}. Arrow keys move the cursor, + and - zoom, 0 shows all.`,
    });
    parent.append(box);
    const plot = new uPlot(
      {
        width: Math.max(box.clientWidth, 200),
        height,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
        scales: { y: log ? { distr: 3 } : {} },
        cursor: { sync: { key: GROUP, setSeries: false }, drag: { x: true, y: false } },
        legend: { live: true },
        axes: [axis(), axis(format, 64)],
        series: [
          { label: 'UTC', value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
          ...series.map((one) => ({
            label: one.label,
            stroke: one.stroke,
            fill: one.fill,
            width: one.width ?? 1.5,
            paths: one.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
            points: { show: timeMs.length < 3 },
            value: (_, value) => (value == null ? '–' : format(value)),
          })),
        ],
        hooks: {
          draw: trades.length === 0 ? [] : [markers(trades)],
          setScale: [(from, key) => key === 'x' && this.#link(from)],
        },
      },
      [timeMs.map((ms) => ms / 1000), ...series.map(({ values }) => values)],
      box,
    );
    box.addEventListener('keydown', (event) => this.#key(plot, event));
    this.#plots.push(plot);
    this.#observer.observe(box);
    return plot;
  }

  #link(from) {
    if (this.#isLinking) return;
    this.#isLinking = true;
    const { min, max } = from.scales.x;
    for (const plot of this.#plots) if (plot !== from && plot.data[0].length > 0) plot.setScale('x', { min, max });
    // uPlot commits scales in a microtask: what it reports of the others comes before this.
    setTimeout(() => {
      this.#isLinking = false;
    });
  }

  #key(plot, event) {
    const times = plot.data[0];
    const { min, max } = plot.scales.x;
    const zoom = { '+': 0.5, '=': 0.5, '-': 2 }[event.key];
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (zoom !== undefined) {
      const [half, middle] = [((max - min) / 2) * zoom, (max + min) / 2];
      plot.setScale('x', { min: Math.max(times[0], middle - half), max: Math.min(times.at(-1), middle + half) });
    } else if (event.key === '0' || event.key === 'Escape') this.showAll();
    else if (step !== undefined) {
      const at = Math.min(Math.max((plot.cursor.idx ?? plot.valToIdx(min)) + step, 0), times.length - 1);
      plot.setCursor({ left: plot.valToPos(times[at], 'x'), top: 10 });
    } else return;
    event.preventDefault();
  }

  showAll() {
    const [plot] = this.#plots;
    if (plot !== undefined) plot.setScale('x', { min: plot.data[0][0], max: plot.data[0].at(-1) });
  }

  destroy() {
    this.#observer.disconnect();
    for (const plot of this.#plots) plot.destroy();
    this.#plots = [];
  }
}

/** Bars of a histogram: an axis of its own, no zoom. Returns what removes it. */
export function histogram(parent, { edges, counts }) {
  const box = element('div', {
    class: 'chart',
    role: 'img',
    'aria-label': `Histogram of ${counts.reduce((a, b) => a + b, 0)} returns`,
  });
  parent.append(box);
  const middles = counts.map((_, k) => (edges[k] + edges[k + 1]) / 2);
  const plot = new uPlot(
    {
      width: Math.max(box.clientWidth, 200),
      height: 220,
      scales: { x: { time: false } },
      cursor: { drag: { x: false, y: false } },
      axes: [axis((value) => percent(value, 1)), axis((value) => price(value), 56)],
      series: [
        { label: 'return', value: (_, value) => (value == null ? '–' : percent(value)) },
        {
          label: 'bars',
          stroke: colour('own'),
          fill: colour('own-soft'),
          width: 1,
          paths: uPlot.paths.bars({ size: [0.95, 60] }),
          points: { show: false },
        },
      ],
    },
    [middles, counts],
    box,
  );
  const observer = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width > 0) plot.setSize({ width: contentRect.width, height: plot.height });
  });
  observer.observe(box);
  return () => {
    observer.disconnect();
    plot.destroy();
  };
}
