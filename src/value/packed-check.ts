/** Columns as they are read back: each of the type, and with the values, that a writer gives them. */
import { dtypeOf, type TypedArray } from '../dtype.js';
import type { PackedValues } from './packed-values.js';

/** Farthest time that a Date holds, in ms from 1970. */
const MAX_TIME_MS = 8.64e15;

/** The column of a kind. `damaged` makes the error for what no writer writes. */
export function checkColumns(
  kind: unknown,
  columns: readonly TypedArray[],
  words: unknown,
  damaged: (what: string) => Error,
): PackedValues {
  const [values, absence] = columns;
  const one = [values] as const;
  const is = (...dtypes: string[]) => {
    if (!dtypes.includes(dtypeOf(values) as string))
      throw damaged(`a column of ${dtypeOf(values)} for ${String(kind)}`);
  };
  switch (kind) {
    case 'number':
      is('float64');
      return { kind, columns: one };
    case 'bigint':
      is('int64');
      return { kind, columns: one };
    case 'date':
      is('float64');
      if (!every(values, isTime)) throw damaged('a time that no Date holds');
      return { kind, columns: one };
    case 'boolean':
      is('uint8');
      if (!every(values, (flag) => flag <= 1)) throw damaged('a boolean that is neither 0 nor 1');
      return { kind, columns: one };
    case 'nullable':
      is('float64');
      if (dtypeOf(absence) !== 'uint8' || !every(absence, (code) => code <= 2))
        throw damaged('an unknown kind of absence');
      return { kind, columns: [values, absence as Uint8Array] };
    case 'text':
      is('uint8', 'uint16', 'uint32');
      if (!Array.isArray(words) || words.some((word) => typeof word !== 'string')) {
        throw damaged('a dictionary without words');
      }
      if (!every(values, (code) => code < words.length)) throw damaged(`a word beyond a dictionary of ${words.length}`);
      return { kind, columns: one, words: words as string[] };
    default:
      throw damaged(`packed kind ${JSON.stringify(kind)}`);
  }
}

function isTime(ms: number): boolean {
  return Number.isNaN(ms) || (Math.abs(ms) <= MAX_TIME_MS && Number.isInteger(ms));
}

function every(values: TypedArray, test: (value: number) => boolean): boolean {
  for (let i = 0; i < values.length; i++) if (!test(values[i] as number)) return false;
  return true;
}
