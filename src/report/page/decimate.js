/**
 * What a chart has to draw of a part of long lines: every bar where there is room, else the first bar's time and the
 * last one's of each pixel with the lowest and the highest value between them, in the order in which they came.
 */

/** First index whose time is not below `at`. */
export function indexOf(times, at) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The bar that is nearest to a time. */
export function nearest(times, at) {
  const after = Math.min(indexOf(times, at), times.length - 1);
  return after > 0 && at - times[after - 1] < times[after] - at ? after - 1 : after;
}

/**
 * Points of `lines` (array-likes, NaN for none) within [min, max], one bar more on either side. Returns arrays
 * for uPlot: seconds, then values or null. `columns`: pixels.
 */
export function decimate(times, lines, min, max, columns) {
  const from = Math.max(0, indexOf(times, min) - 1);
  const to = Math.min(times.length, indexOf(times, max) + 2);
  const plain = (value) => (Number.isFinite(value) ? value : null);
  if (to - from <= columns * 3) {
    const seconds = Array.from(times.subarray(from, to), (ms) => ms / 1000);
    return [seconds, ...lines.map((line) => Array.from(line.subarray(from, to), plain))];
  }
  const width = (max - min) / columns;
  const seconds = [];
  const drawn = lines.map(() => []);
  for (let start = from; start < to; ) {
    const column = Math.floor((times[start] - min) / width);
    const end = Math.min(to, Math.max(start + 1, indexOf(times, min + (column + 1) * width)));
    seconds.push(times[start] / 1000);
    if (end - start > 1) seconds.push(times[end - 1] / 1000);
    for (const [k, line] of lines.entries()) addExtremes(drawn[k], line, start, end);
    start = end;
  }
  return [seconds, ...drawn];
}

function addExtremes(drawn, line, start, end) {
  let [low, high] = [-1, -1];
  for (let i = start; i < end; i += 1) {
    const value = line[i];
    if (!Number.isFinite(value)) continue;
    if (low < 0 || value < line[low]) low = i;
    if (high < 0 || value > line[high]) high = i;
  }
  const [first, second] = low <= high ? [low, high] : [high, low];
  drawn.push(first < 0 ? null : line[first]);
  if (end - start > 1) drawn.push(second < 0 ? null : line[second]);
}
