/** Numbers and tables as a person reads them. */

/** `header` and `rows` in columns; numbers (by the look of them) to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, k) => Math.max(...all.map((row) => [...row[k]].length)));
  const numeric = header.map((_, k) => rows.every((row) => /^[-+<]?[\d.,]+($|\s|%|x)|^-$/.test(row[k])));
  const line = (row: readonly string[]) =>
    row
      .map((cell, k) => (numeric[k] ? ' '.repeat(widths[k] - [...cell].length) + cell : cell.padEnd(widths[k])))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** 1234567 -> 1,234,567 */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** Powers of 1024, three significant digits: 1.21 MiB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  if (unit === 0) return `${bytes} B`;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${units[unit]}`;
}

export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** Two decimals; a dash for what is not a number (null in JSON that came from a child process). */
export function formatRatio(value: number | null): string {
  return value === null || Number.isNaN(value) ? '-' : value.toFixed(2);
}

/** UTC, without what is zero: 2020-04-17 or 2020-04-17T12:30Z. */
export function formatTime(ms: number): string {
  if (!Number.isFinite(ms)) return '-';
  const iso = new Date(ms).toISOString();
  if (iso.endsWith('T00:00:00.000Z')) return iso.slice(0, 10);
  return iso.replace(/(:00)?\.000Z$/, 'Z');
}

/** Lines of at most `width` characters; a longer word stays whole. */
export function wrap(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== '' && last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}
