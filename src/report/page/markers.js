/** Entries and exits on a chart of prices: filled triangles up and down, and rings. */
import { colour } from './theme.js';

/** More in view would cover the price, and take long to draw. */
export const MOST_MARKED = 3000;

/**
 * The positions that a signal was traded in, with the prices at which each began and ended: all of them, also those
 * that the table of trades leaves out.
 */
export function positionsOf({ timeMs, price, signal }) {
  const found = [];
  let open;
  for (let i = 0; i < price.length; i += 1) {
    const side = signal[i] > 0 ? 'long' : signal[i] < 0 ? 'short' : undefined;
    if (side === open?.side) continue;
    if (open !== undefined) found.push({ ...open, exitMs: timeMs[i], exitPrice: price[i], open: false });
    open = side === undefined ? undefined : { side, entryMs: timeMs[i], entryPrice: price[i] };
  }
  const last = price.length - 1;
  if (open !== undefined) found.push({ ...open, exitMs: timeMs[last], exitPrice: price[last], open: true });
  return found;
}

/** A hook that draws the trades within the chart's time. */
export function drawMarkers(trades) {
  return (plot) => {
    const { ctx } = plot;
    const { min, max } = plot.scales.x;
    const colours = { long: colour('gain'), short: colour('loss') };
    const shown = trades.filter(({ entryMs, exitMs }) => exitMs / 1000 >= min && entryMs / 1000 <= max);
    if (shown.length > MOST_MARKED) return;
    // Smaller where they would cover the price.
    const size = Math.min(5, Math.max(1.5, plot.width / shown.length)) * devicePixelRatio;
    const { left, top, width, height } = plot.bbox;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    ctx.lineWidth = devicePixelRatio;
    for (const trade of shown) {
      ctx.fillStyle = ctx.strokeStyle = colours[trade.side];
      triangle(plot, trade, size);
      if (!trade.open) ring(plot, trade, size);
    }
    ctx.restore();
  };
}

function triangle(plot, { entryMs, entryPrice, side }, size) {
  const x = plot.valToPos(entryMs / 1000, 'x', true);
  const y = plot.valToPos(entryPrice, 'y', true);
  const tip = side === 'long' ? -size : size;
  plot.ctx.beginPath();
  plot.ctx.moveTo(x, y + tip);
  plot.ctx.lineTo(x - size, y - tip);
  plot.ctx.lineTo(x + size, y - tip);
  plot.ctx.fill();
}

function ring(plot, { exitMs, exitPrice }, size) {
  plot.ctx.beginPath();
  plot.ctx.arc(plot.valToPos(exitMs / 1000, 'x', true), plot.valToPos(exitPrice, 'y', true), size * 0.8, 0, 7);
  plot.ctx.stroke();
}
