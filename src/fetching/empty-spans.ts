/** Bounds how many known-empty spans of a symbol a catalogue carries: it is read whole whenever a dataset is opened. */
import { normaliseSpans } from '../dataset/time-spans.js';
import type { Span } from './span-set.js';

/** About 130 kB of a catalogue. */
const MAX_SPANS = 4096;

/**
 * `added`, with spans on top that join neighbours where both together are too many: the nearest ones first. A joined
 * span has candles in it, and no more than those are there.
 */
export function coalesced(added: readonly Span[], present: readonly Span[]): Span[] {
  const all = normaliseSpans([...present, ...added]);
  if (all.length <= MAX_SPANS) return [...added];
  const distances = all.slice(1).map(([from], i) => from - all[i][1]);
  const widest = [...distances].sort((a, b) => a - b)[all.length - MAX_SPANS - 1];
  const bridges = distances.flatMap((distance, i): Span[] => (distance <= widest ? [[all[i][1], all[i + 1][0]]] : []));
  return [...added, ...bridges];
}
