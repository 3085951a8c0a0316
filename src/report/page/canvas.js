/** A canvas as wide as its box, sharp on every screen, drawn anew when the box changes. */
import { element } from './dom.js';
import { short } from './format.js';
import { chartWidth, density, onPaper } from './paper.js';
import { colour } from './theme.js';

/**
 * `draw(context, width, height)` in CSS pixels. `onPoint(x, y)` gets the pointer, `onKey(event)` the keyboard. Returns
 * { box, redraw, destroy }.
 */
export function canvasBox(label, height, draw, { onPoint, onKey } = {}) {
  const canvas = element('canvas');
  const box = element(
    'div',
    { class: 'chart', tabindex: '0', role: 'group', 'aria-roledescription': 'chart', 'aria-label': label },
    canvas,
  );
  const redraw = () => {
    if (box.clientWidth === 0 && !onPaper()) return;
    const width = chartWidth(box);
    canvas.width = Math.round(width * density());
    canvas.height = Math.round(height * density());
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext('2d');
    context.scale(density(), density());
    context.font = '12px system-ui, sans-serif';
    draw(context, width, height);
  };
  canvas.addEventListener('pointermove', (event) => onPoint?.(event.offsetX, event.offsetY));
  canvas.addEventListener('pointerdown', (event) => onPoint?.(event.offsetX, event.offsetY));
  box.addEventListener('keydown', (event) => onKey?.(event));
  const observer = new ResizeObserver(() => onPaper() || redraw());
  observer.observe(box);
  return { box, redraw, destroy: () => observer.disconnect() };
}

/** More than any box has room for. */
const MOST_CHARACTERS = 200;

/** Text that is cut where it has no room. */
export function label(context, text, x, y, { align = 'left', most = Number.POSITIVE_INFINITY, tone = 'muted' } = {}) {
  context.fillStyle = colour(tone);
  context.textAlign = align;
  let shown = short(text, MOST_CHARACTERS);
  while (shown.length > 1 && context.measureText(shown).width > most) shown = `${shown.slice(0, -2)}…`;
  // A rim of the ground, so that lines behind do not make it unreadable.
  context.save();
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeStyle = colour('ground');
  context.strokeText(shown, x, y);
  context.restore();
  context.fillText(shown, x, y);
}

/** From worst to best, 0 to 1. */
export function shade(share) {
  const [worst, best] = [rgbOf(colour('worst')), rgbOf(colour('own'))];
  return `rgb(${worst.map((part, k) => Math.round(part + (best[k] - part) * share)).join(' ')})`;
}

function rgbOf(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
