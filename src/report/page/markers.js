/** Entries and exits on a chart of prices: filled triangles up and down, and rings. */
import { colour } from './theme.js';

/** A hook that draws the trades within the chart's time. */
export function drawMarkers(trades) {
  return (plot) => {
    const { ctx } = plot;
    const { min, max } = plot.scales.x;
    const colours = { long: colour('gain'), short: colour('loss') };
    const shown = trades.filter(({ entryMs, exitMs }) => exitMs / 1000 >= min && entryMs / 1000 <= max);
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
