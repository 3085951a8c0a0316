/**
 * The structure of a value: JSON text, in which what JSON has no word for is a tagged node `{"$": [tag, …]}`. An object
 * of the user's with a key `$` is tagged as well, so that the two cannot be mistaken.
 *
 *     n  a number JSON lacks, as text    u  undefined           b  bigint, as text      d  Date, ms or null
 *     x  RegExp: source, flags           m  Map: k, v, k, v …   s  Set
 *     h  sparse array: length, i, v, i, v …
 *     o  object: 1 without prototype or 0, then k, v, k, v …    r  index into the shared values
 *     y  short binary: kind, base64      c  binary in a column: section, name, kind
 *     p  array packed: [kind, length, section, names, words]    t  rows: count, then name, packed …
 *     a  tuples: count, then packed …; since version 2
 */
import { AtcError } from '../errors.js';
import { isBinaryKind } from './binary.js';

export type Node = unknown;
export type Nodes = Node[];

export const TAG = '$';
export const TUPLES_TAG = 'a';

/** Digits of a BigInt. Reading a longer one takes seconds, and no price has it. */
export const MAX_BIGINT_DIGITS = 2 ** 20;

/** Of a number that JSON lacks. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

export function damaged(what: string): AtcError {
  return new AtcError('CORRUPT', `the structure of a value is damaged: ${what}; rebuild the entry`);
}

export function text(node: Node): string {
  if (typeof node !== 'string') throw damaged(`${JSON.stringify(node)} where text should be`);
  return node;
}

export function whole(node: Node): number {
  if (!Number.isInteger(node)) throw damaged(`${JSON.stringify(node)} where a whole number should be`);
  return node as number;
}

/** What JSON cannot express. */
const UNUSUAL_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
};

export function unusualNumber(name: string): number {
  if (!Object.hasOwn(UNUSUAL_NUMBERS, name)) throw damaged(`the number ${JSON.stringify(name)}`);
  return UNUSUAL_NUMBERS[name];
}

export function date(node: Node): Date {
  if (node === null) return new Date(Number.NaN);
  const found = new Date(whole(node));
  if (Number.isNaN(found.getTime())) throw damaged(`the time ${String(node)}`);
  return found;
}

export function binaryKindOf(node: Node): string {
  if (!isBinaryKind(node)) throw damaged(`binary kind ${JSON.stringify(node)}`);
  return node;
}

export function bigint(digits: string): bigint {
  if (digits.length > MAX_BIGINT_DIGITS || !/^-?\d+$/.test(digits)) throw damaged('a bigint without digits');
  return BigInt(digits);
}

export function regExp(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    throw new AtcError('CORRUPT', `a regular expression of a value is damaged: /${source}/${flags}`, { cause });
  }
}
