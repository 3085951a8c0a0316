/** A directory name for a symbol: its number, unique, and as much of its text as any file system takes. */
export function entryName(index: number, symbol: string): string {
  const readable = symbol
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._]+/, '')
    .slice(0, 40);
  const number = String(index).padStart(5, '0');
  return readable === '' ? number : `${number}-${readable}`;
}
