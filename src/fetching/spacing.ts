/** Whether candles are of the interval that was asked for, by the distances of their opens. */
import { AtcError } from '../errors.js';
import { type Interval, isoTime, lengthText } from './interval.js';

/** Distances from which a rule can be seen, and the share of them that shows it. */
const LEAST_DISTANCES = 7;
const SHARE = 0.9;
const HOUR_MS = 3_600_000;

/**
 * CORRUPT for opens that are closer than the interval, off the grid of the others, or all of them another distance
 * apart. `phase` is an open that is known to be right. Times ascend.
 */
export function requireSpacing(symbol: string, times: ArrayLike<number>, interval: Interval, phase?: number): void {
  const refuse = (what: string): never => {
    const message = `${symbol}: ${what}: these are no candles of ${interval.text}`;
    throw new AtcError('CORRUPT', message, { key: 'interval' });
  };
  const { shortestMs, longestMs } = interval;
  const other = usualDistance(times);
  if (other !== undefined && (other < shortestMs || other > longestMs + (shortestMs < longestMs ? HOUR_MS : 0))) {
    refuse(`the source answers with candles ${lengthText(other)} apart from ${isoTime(times[0])} on`);
  }
  const grid = longestMs === shortestMs && shortestMs <= HOUR_MS ? shortestMs : undefined;
  for (let i = 0; i < times.length; i++) {
    if (i > 0 && times[i] - times[i - 1] < shortestMs) {
      refuse(`the candles of ${isoTime(times[i - 1])} and ${isoTime(times[i])} are closer than that`);
    }
    if (grid !== undefined && phase !== undefined && (times[i] - phase) % grid !== 0) {
      refuse(`the candle of ${isoTime(times[i])} does not lie on the grid of the one of ${isoTime(phase)}`);
    }
  }
}

/** The distance that nearly all neighbours have, where there are enough of them. */
function usualDistance(times: ArrayLike<number>): number | undefined {
  const count = times.length - 1;
  if (count < LEAST_DISTANCES) return undefined;
  const middle = Math.floor(count / 2);
  for (const candidate of [times[1] - times[0], times[middle + 1] - times[middle], times[count] - times[count - 1]]) {
    let alike = 0;
    for (let i = 1; i <= count; i++) if (times[i] - times[i - 1] === candidate) alike++;
    if (alike >= SHARE * count) return candidate;
  }
  return undefined;
}
