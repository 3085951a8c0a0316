/** Sets of times as half-open spans in UTC ms. */
import { AtcError, shown } from '../errors.js';
import type { TimeSpan } from './catalogue.js';

/** Ascending, apart from each other, without empty ones. ARGUMENT for one that ends before it begins. */
export function normaliseSpans(spans: readonly TimeSpan[]): TimeSpan[] {
  if (!Array.isArray(spans)) throw new AtcError('ARGUMENT', `spans of time must be a list, got ${shown(spans)}`);
  for (const span of spans) {
    if (!Array.isArray(span))
      throw new AtcError('ARGUMENT', `a span of time is [from, to] in UTC ms, got ${shown(span)}`);
    const [from, to] = span as unknown as TimeSpan;
    if (!(from <= to) || !Number.isFinite(to - from)) {
      throw new AtcError(
        'ARGUMENT',
        `a span of time needs from <= to, both UTC ms, got ${shown(from)} to ${shown(to)}`,
      );
    }
  }
  const joined: [number, number][] = [];
  for (const [from, to] of spans.filter(([a, b]) => a < b).sort(([a], [b]) => a - b)) {
    const last = joined[joined.length - 1];
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}
