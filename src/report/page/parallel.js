/** Trials as lines across one axis for every parameter and objective: parallel coordinates. */
import { canvasBox, label, shade } from './canvas.js';
import { scaleOf } from './scale.js';
import { colour } from './theme.js';

const HEIGHT = 340;
const EDGE = { left: 24, right: 64, top: 34, bottom: 16 };
/** Lines that can be distinguished, more or less: the best, and evenly spaced others. */
const MOST_LINES = 1500;
const MOST_BEST = 300;

/** Rows that are drawn, worst first. */
export function drawnRows({ ranked }) {
  if (ranked.length <= MOST_LINES) return ranked.toReversed();
  const others = ranked.slice(MOST_BEST);
  const step = others.length / (MOST_LINES - MOST_BEST);
  const some = Array.from({ length: MOST_LINES - MOST_BEST }, (_, k) => others[Math.floor(k * step)]);
  return [...ranked.slice(0, MOST_BEST), ...some].reverse();
}

export function parallel(study, axes, selection) {
  const rows = drawnRows(study);
  let scales = [];
  let places = [];
  const pointOf = (row, k) => {
    const y = scales[k].at(axes[k].values[row]);
    // A parameter that does not apply is at the foot.
    return Number.isNaN(y) ? HEIGHT - EDGE.bottom + 8 : y;
  };
  const line = (context, row) => {
    context.beginPath();
    for (const [k, x] of places.entries()) context[k === 0 ? 'moveTo' : 'lineTo'](x, pointOf(row, k));
    context.stroke();
  };
  const draw = (context, width, height) => {
    scales = axes.map((axis) => scaleOf(axis, height - EDGE.bottom, EDGE.top, 5));
    const step = (width - EDGE.left - EDGE.right) / Math.max(1, axes.length - 1);
    places = axes.map((_, k) => EDGE.left + k * step);
    context.lineWidth = 1;
    for (const row of rows) {
      context.globalAlpha = 0.25 + 0.6 * study.merit[row] ** 4;
      context.strokeStyle = shade(study.merit[row]);
      line(context, row);
    }
    context.globalAlpha = 1;
    context.lineWidth = 2.5;
    context.strokeStyle = colour('gain');
    line(context, study.ranked[0]);
    if (selection.row !== undefined) {
      context.strokeStyle = colour('text');
      line(context, selection.row);
    }
    for (const [k, axis] of axes.entries()) drawAxis(context, axis, scales[k], places[k], step, k);
  };
  const nearest = (x, y) => {
    const k = Math.max(
      0,
      Math.min(
        places.length - 2,
        places.findLastIndex((place) => place <= x),
      ),
    );
    if (places.length < 2) return undefined;
    const share = (x - places[k]) / (places[k + 1] - places[k]);
    let [found, least] = [undefined, 12];
    for (const row of rows) {
      const distance = Math.abs(pointOf(row, k) * (1 - share) + pointOf(row, k + 1) * share - y);
      if (distance <= least) [found, least] = [row, distance];
    }
    return found;
  };
  return canvasBox(
    `Parallel coordinates of ${axes.map(({ name }) => name).join(', ')}, a line a trial. Arrow keys go through the ` +
      'trials from the best on.',
    HEIGHT,
    draw,
    { onPoint: (x, y) => selection.select(nearest(x, y)), onKey: (event) => selection.key(event) },
  );
}

function drawAxis(context, axis, scale, x, step, k) {
  context.strokeStyle = colour('muted');
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, EDGE.top - 6);
  context.lineTo(x, HEIGHT - EDGE.bottom);
  context.stroke();
  const align = k === 0 ? 'left' : 'center';
  label(context, axis.name, k === 0 ? 4 : x, 14, { align, most: Math.max(step - 8, 40), tone: 'text' });
  for (const { value, text } of scale.ticks) {
    label(context, text, x + 5, scale.at(value) + 4, { most: Math.max(step - 12, 30), tone: 'text' });
  }
}
