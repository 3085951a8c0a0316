/** Refusals of a source file: where, what was found, what helps. */
import { AtcError } from '../errors.js';

/** A line of a file, the first line is 1; a row where the format has no lines. */
export interface FileLine {
  readonly path: string;
  readonly line?: number;
  /** As the file calls it. */
  readonly column?: string;
}

/** The file is not what it has to be: CORRUPT. */
export function fileDamage({ path, line, column }: FileLine, what: string, cause?: unknown): AtcError {
  return new AtcError('CORRUPT', `${locationText({ path, line, column })}: ${what}`, { path, line, column, cause });
}

/** The file is fine, and an option is missing or wrong: ARGUMENT. */
export function optionNeeded({ path, line, column }: FileLine, what: string): AtcError {
  return new AtcError('ARGUMENT', `${locationText({ path, line, column })}: ${what}`, { path, line, column });
}

/** `prices.csv: line 3, column "close"`. */
export function locationText({ path, line, column }: FileLine): string {
  if (line === undefined) return column === undefined ? path : `${path}: column "${column}"`;
  return column === undefined ? `${path}: line ${line}` : `${path}: line ${line}, column "${column}"`;
}
