/** The nearest known name for a mistyped one, as the end of an error message. */
/** `; did you mean "close"?` when a known name is near, else `; there are: …`. Empty when nothing is known. */
export function nearestHint(wanted: string, known: readonly string[]): string {
  if (!Array.isArray(known) || known.some((name) => typeof name !== 'string')) return '';
  const nearest = typeof wanted === 'string' ? nearestName(wanted, known) : undefined;
  if (nearest !== undefined) return `; did you mean "${nearest}"?`;
  if (known.length === 0) return '';
  const shown = known.slice(0, 12).map((name) => `"${name}"`);
  return `; there are: ${shown.join(', ')}${known.length > shown.length ? ', …' : ''}`;
}

/**
 * The known name with the fewest edits (case ignored), or undefined when none is within about a third of its length.
 */
export function nearestName(wanted: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const edits = distance(wanted.toLowerCase(), name.toLowerCase());
    if (edits < fewest) {
      fewest = edits;
      best = name;
    }
  }
  return best !== undefined && fewest <= Math.max(1, Math.ceil(best.length / 3)) ? best : undefined;
}

/** Levenshtein's: insertions, deletions and replacements of one character. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, k) => k);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let k = 0; k < to.length; k++) {
      next.push(Math.min(next[k] + 1, row[k + 1] + 1, row[k] + (from[i] === to[k] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length];
}
