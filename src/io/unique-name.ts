/**
 * Eight hexadecimal digits that distinguish what one process names at the same time, in all of its threads. Not secret:
 * node:crypto, which would be loaded for it by every process that opens a dataset, takes longer than opening one.
 */
export function uniqueDigits(): string {
  return Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}
