/** Trials as points: any parameter or figure against any other. */
import { canvasBox, label, shade } from './canvas.js';
import { scaleOf } from './scale.js';
import { colour } from './theme.js';

const HEIGHT = 320;
const EDGE = { left: 76, right: 16, top: 12, bottom: 40 };
/** Pixels from a point that still mean it. */
const NEAR = 24;

/** `across` and `down`: axes of the study. `selection`: see trial-selection.js. */
export function scatter(study, across, down, selection) {
  let places = [];
  const draw = (context, width, height) => {
    const x = scaleOf(across, EDGE.left, width - EDGE.right, Math.max(2, Math.floor(width / 110)));
    const y = scaleOf(down, height - EDGE.bottom, EDGE.top);
    grid(context, x, y, width, height);
    label(context, across.name, (EDGE.left + width) / 2, height - 6, {
      align: 'center',
      most: width - EDGE.left - EDGE.right,
      tone: 'text',
    });
    places = Array.from(study.trial, (_, row) => [x.at(across.values[row]), y.at(down.values[row])]);
    const size = places.length > 2000 ? 2 : 3.5;
    // Worst first: the best are not covered.
    for (const row of study.ranked.toReversed()) point(context, places[row], size, shade(study.merit[row]));
    ring(context, places[study.ranked[0]], 7, colour('gain'));
    if (selection.row !== undefined) ring(context, places[selection.row], 7, colour('text'));
  };
  const nearest = (x, y) => {
    let [found, least] = [undefined, NEAR ** 2];
    for (const [row, place] of places.entries()) {
      const distance = (place[0] - x) ** 2 + (place[1] - y) ** 2;
      if (distance < least) [found, least] = [row, distance];
    }
    return found;
  };
  return canvasBox(
    `${down.name} against ${across.name}, a point a trial. Arrow keys go through the trials from the best on.`,
    HEIGHT,
    draw,
    { onPoint: (x, y) => selection.select(nearest(x, y)), onKey: (event) => selection.key(event) },
  );
}

function grid(context, x, y, width, height) {
  context.strokeStyle = colour('grid');
  context.lineWidth = 1;
  context.beginPath();
  for (const { value, text } of x.ticks) {
    const at = Math.round(x.at(value)) + 0.5;
    context.moveTo(at, EDGE.top);
    context.lineTo(at, height - EDGE.bottom);
    label(context, text, at, height - EDGE.bottom + 16, { align: 'center', most: 100 });
  }
  for (const { value, text } of y.ticks) {
    const at = Math.round(y.at(value)) + 0.5;
    context.moveTo(EDGE.left, at);
    context.lineTo(width - EDGE.right, at);
    label(context, text, EDGE.left - 8, at + 4, { align: 'right', most: EDGE.left - 12 });
  }
  context.stroke();
}

function point(context, [x, y], size, fill) {
  if (Number.isNaN(x + y)) return;
  context.fillStyle = fill;
  context.beginPath();
  context.arc(x, y, size, 0, 7);
  context.fill();
}

function ring(context, [x, y], size, stroke) {
  if (Number.isNaN(x + y)) return;
  context.strokeStyle = stroke;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, size, 0, 7);
  context.stroke();
}
