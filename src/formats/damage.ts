/** Refusals of a source file: where, what was found, what helps. */
import { AtcError } from '../errors.js';

/** What messages count in a file. */
export type LineUnit = 'line' | 'row' | 'JSON row';

/** A line of a file, the first line is 1; a row where the format has no lines. */
export interface FileLine {
  readonly path: string;
  readonly line?: number;
  /** As the file calls it. */
  readonly column?: string;
  /** What `line` counts, default lines. */
  readonly unit?: LineUnit;
}

/** The file is not what it has to be: CORRUPT. */
export function fileDamage(at: FileLine, what: string, cause?: unknown): AtcError {
  const { path, line, column } = at;
  return new AtcError('CORRUPT', `${locationText(at)}: ${what}`, { path, line, column, cause });
}

/** The file is fine, and an option is missing or wrong: ARGUMENT. */
export function optionNeeded(at: FileLine, what: string): AtcError {
  const { path, line, column } = at;
  return new AtcError('ARGUMENT', `${locationText(at)}: ${what}`, { path, line, column });
}

/** `prices.csv: line 3, column "close"`. */
export function locationText({ path, line, column, unit = 'line' }: FileLine): string {
  if (line === undefined) return column === undefined ? path : `${path}: column "${column}"`;
  return column === undefined ? `${path}: ${unit} ${line}` : `${path}: ${unit} ${line}, column "${column}"`;
}
