/** Values of an axis on a line of pixels. */
import { roundStep } from './axes.js';

/**
 * { at(value), ticks: [{ value, text }] } of an axis of trials from `start` to `end`. Values without variation are in
 * the middle, missing ones are NaN.
 */
export function scaleOf(axis, start, end, mostTicks = 6) {
  const known = axis.values.filter(Number.isFinite);
  const low = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const isLog = axis.isLog === true && low > 0;
  const place = isLog ? Math.log : (value) => value;
  const [from, to] = [place(low), place(high)];
  const at = (value) =>
    from === to
      ? Number.isFinite(value)
        ? (start + end) / 2
        : Number.NaN
      : start + ((place(value) - from) / (to - from)) * (end - start);
  return { at, ticks: ticksOf(axis, low, high, mostTicks, isLog).map((value) => ({ value, text: axis.text(value) })) };
}

function ticksOf(axis, low, high, most, isLog) {
  if (!(low <= high)) return [];
  if (axis.categories !== undefined || low === high || isLog) {
    const distinct = [...new Set(axis.values.filter(Number.isFinite))].sort((a, b) => a - b);
    const step = Math.ceil(distinct.length / most);
    return distinct.filter((_, k) => k % step === 0);
  }
  const step = roundStep((high - low) / most);
  const first = Math.ceil(low / step - 1e-9);
  // Divided by the reciprocal where the step is below 1: 3 / 10 is 0.3, 3 × 0.1 is not.
  const tick = (k) => (step < 1 ? k / Math.round(1 / step) : k * step);
  return Array.from({ length: Math.max(0, Math.floor(high / step + 1e-9) - first + 1) }, (_, k) => tick(first + k));
}
