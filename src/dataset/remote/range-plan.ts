/** Which ranges of a file to request for the parts that are wanted of it. */

/** Bytes [offset, offset + length) of a file. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** One request, and the parts it brings. */
export interface PlannedRange<Part extends Extent> {
  readonly from: number;
  readonly to: number;
  /** In the order of their offsets. */
  readonly parts: readonly Part[];
}

/** No request is longer, so that a read can be stopped and its memory is bounded; a single part may be. */
const MAX_RANGE_BYTES = 4 << 20;

/**
 * Joins parts that lie side by side, and those with at most `maxGap` bytes between them that nobody asked for: as much
 * as another request would cost. The gaps of a plan take at most `maxGaps` bytes together.
 */
export function planRanges<Part extends Extent>(
  parts: readonly Part[],
  maxGap: number,
  maxGaps: number,
): PlannedRange<Part>[] {
  const sorted = [...parts].sort((a, b) => a.offset - b.offset);
  const ranges: { from: number; to: number; parts: Part[] }[] = [];
  let gaps = 0;
  for (const part of sorted) {
    const end = part.offset + part.length;
    const last = ranges[ranges.length - 1];
    const gap = last === undefined ? 0 : part.offset - last.to;
    const fits = gap <= maxGap && gaps + gap <= maxGaps;
    if (last === undefined || !fits || end - last.from > MAX_RANGE_BYTES) {
      ranges.push({ from: part.offset, to: end, parts: [part] });
      continue;
    }
    gaps += Math.max(0, gap);
    last.to = Math.max(last.to, end);
    last.parts.push(part);
  }
  return ranges;
}
