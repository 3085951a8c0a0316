/** Axes of charts in the colours of the page. */
import { colour } from './theme.js';

/** `format` of a tick; the library's own dates or numbers where there is none. */
export function axis(format, size) {
  const line = { stroke: colour('grid'), width: 1 };
  return {
    stroke: colour('muted'),
    grid: line,
    ticks: line,
    font: '12px system-ui, sans-serif',
    ...(format === undefined ? {} : { values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : format(tick))) }),
    ...(size === undefined ? {} : { size }),
  };
}

const DAY = 86_400;
const DATE = '\n{YYYY}-{MM}-{DD}';
/** Of uPlot: from which step of ticks on, text, text of the first tick in a year, month, day, hour, minute, second. */
const TIMES = [
  [DAY * 365, '{YYYY}', null, null, null, null, null, null, 1],
  [DAY * 28, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [DAY, '{DD} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', DATE, null, DATE, null, null, null, 1],
  [0.001, '{HH}:{mm}:{ss}', DATE, null, DATE, null, null, null, 1],
];

/** An axis of time, 24 hours a day, dates as years, months and days. */
export function timeAxis() {
  return { ...axis(), values: TIMES };
}

/**
 * An axis of values that are drawn as their logarithms to the base of 10: 1, 2 and 5 of each power, or even steps
 * where the range has few of them.
 */
export function logAxis(format, size) {
  return {
    ...axis((tick) => format(10 ** tick), size),
    splits: (_, __, min, max) => logTicks(min, max).map(Math.log10),
  };
}

export function logTicks(min, max) {
  const [low, high] = [10 ** min, 10 ** max];
  const found = [];
  for (let power = Math.floor(min); power <= Math.ceil(max); power += 1) {
    for (const step of max - min > 4 ? [1] : [1, 2, 5]) {
      const tick = step * 10 ** power;
      if (tick >= low && tick <= high) found.push(tick);
    }
  }
  if (found.length >= 3) return found;
  const step = roundStep((high - low) / 5);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, k) => (first + k) * step);
}

/** 1, 2 or 5 times a power of 10. */
export function roundStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((step) => step * power >= rough) ?? 10);
}
