import { AtcError } from '../errors.js';

/** A line of a file, the first line is 1. */
export interface CsvLine {
  readonly path: string;
  readonly line: number;
}

/** Says what is wrong where in a CSV file; `column` as the file calls it. */
export function csvDamage(path: string, line: number, what: string, column?: string): AtcError {
  const where = column === undefined ? `line ${line}` : `line ${line}, column "${column}"`;
  return new AtcError('CORRUPT', `${path}: ${where}: ${what}`, { path, line, column });
}
