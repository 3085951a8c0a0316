/** A line of numbers in one line of text. */

const STEPS = '▁▂▃▄▅▆▇█';

/** At most `width` characters: each is the mean of its part, between the lowest and the highest of all. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const known = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (known.length === 0) return '';
  const columns = Math.min(width, known.length);
  const means = Array.from({ length: columns }, (_, k) => {
    const part = known.slice(Math.floor((k * known.length) / columns), Math.floor(((k + 1) * known.length) / columns));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const low = means.reduce((a, b) => Math.min(a, b));
  const high = means.reduce((a, b) => Math.max(a, b));
  const step = (value: number) => (high > low ? Math.round(((value - low) / (high - low)) * (STEPS.length - 1)) : 0);
  return means.map((value) => STEPS[step(value)]).join('');
}
