/** Bars of a histogram: an axis of its own, no zoom. */
import uPlot from 'uplot';
import { axis } from './axes.js';
import { element } from './dom.js';
import { count, none, percent } from './format.js';
import { chartWidth, onPaper } from './paper.js';
import { colour } from './theme.js';

/** Returns what removes it. */
export function histogram(parent, { edges, counts }, unit) {
  const box = element('div', {
    class: 'chart',
    role: 'img',
    'aria-label': `Histogram of ${count(counts.reduce((a, b) => a + b, 0))} returns`,
  });
  parent.append(box);
  const middles = counts.map((_, k) => (edges[k] + edges[k + 1]) / 2);
  const bin = (index) => (index == null ? none : `${percent(edges[index])} to ${percent(edges[index + 1])}`);
  const plot = new uPlot(
    {
      width: chartWidth(box),
      height: 220,
      scales: { x: { time: false }, y: { range: (_, __, max) => [0, max * 1.05] } },
      cursor: { drag: { x: false, y: false } },
      axes: [axis((value) => percent(value, 1)), axis(count, 64)],
      series: [
        { label: 'return', value: (_, __, ___, index) => bin(index) },
        {
          label: unit,
          stroke: colour('own'),
          fill: colour('own-soft'),
          width: 1,
          paths: uPlot.paths.bars({ size: [0.95, 60] }),
          points: { show: false },
          value: (_, value) => (value == null ? none : count(value)),
        },
      ],
    },
    [middles, counts],
    box,
  );
  const observer = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width > 0 && !onPaper()) plot.setSize({ width: contentRect.width, height: plot.height });
  });
  observer.observe(box);
  return () => {
    observer.disconnect();
    plot.destroy();
    box.remove();
  };
}
