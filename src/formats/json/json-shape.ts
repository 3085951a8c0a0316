/** What documents of JSON consist of, for those who look for tables in them. */
import { isTimeTitle } from '../table/time-titles.js';
import { keyOf } from '../table/title-key.js';
import { isFieldTitle } from '../table/vocabulary.js';

/** Rows as objects or as tuples. */
export interface JsonTable {
  readonly rows: readonly unknown[];
  /** Names of a tuple's cells, where the document has them. */
  readonly titles?: readonly string[];
  readonly symbol?: string;
  /** Zone of its times, where the document says it. */
  readonly zone?: string;
  /** Preset whose answer this is. */
  readonly preset?: string;
}

/** A document has the keys of a table, and its values are none. */
export class JsonShapeProblem extends Error {}

export type Json = Readonly<Record<string, unknown>>;

/** Keys under which documents name the symbol of their rows. */
const SYMBOL_KEYS = [
  'symbol',
  'ticker',
  'instrument',
  's',
  'pair',
  'Symbol',
  'instId',
  'product_id',
  '2. Symbol',
  'instrument_name',
  'dataset_code',
  'tradingSymbol',
];

/** An object with prices of its own. */
export function isCandle(record: Json): boolean {
  return ['open', 'high', 'low', 'close'].every((name) => ['string', 'number'].includes(typeof record[name]));
}

export function symbolIn(document: Json): string | undefined {
  const key = SYMBOL_KEYS.find((name) => typeof document[name] === 'string' && document[name] !== 'ok');
  return key === undefined ? undefined : (document[key] as string);
}

export function isRows(value: unknown): value is readonly unknown[] & { readonly 0: unknown } {
  if (!Array.isArray(value) || value.length === 0) return false;
  const first = value[0];
  if (Array.isArray(first)) return first.length >= 2 && !Array.isArray(first[0]) && !isObject(first[0]);
  return (
    isObject(first) &&
    Object.keys(first).some((key) => isFieldTitle(keyOf(key)) || isTimeTitle(keyOf(key)) || isObject(first[key]))
  );
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
