/**
 * One text per list of arguments: what results are cached under. Objects with the same entries in another order are the
 * same.
 */

import { AtcError } from '../../errors.js';
import { isPlainDate, isPlainObject } from '../../value/packed-values.js';

/** Throws UNSUPPORTED for arguments that have no text of their own: functions, signals, class instances. */
export function argumentKey(args: readonly unknown[]): string {
  return JSON.stringify(args.map((argument, i) => tagged(argument, `argument ${i + 1}`, 0)));
}

/** What the text would leave out, and the provider may look at: symbols, hidden properties, properties of a list. */
function hasUnnamed(value: object): boolean {
  const names = Reflect.ownKeys(value);
  if (Array.isArray(value)) return names[names.length - 1] !== 'length';
  return names.length !== Object.keys(value).length;
}

/** Types are distinguished: 1, '1', 1n and true are four different keys. */
function tagged(value: unknown, path: string, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return { n: Object.is(value, -0) ? '-0' : String(value) };
    case 'boolean':
      return value;
    case 'undefined':
      return { u: 0 };
    case 'bigint':
      return { b: String(value) };
    case 'object':
      if (value === null) return null;
      if (depth > 16) break;
      if (isPlainDate(value)) return { d: value.getTime() };
      if (hasUnnamed(value)) break;
      if (Array.isArray(value)) return { a: Array.from(value, (item, i) => tagged(item, `${path}[${i}]`, depth + 1)) };
      if (isPlainObject(value)) {
        const entries = Object.keys(value)
          .sort()
          .map((key) => [key, tagged(value[key], `${path}.${key}`, depth + 1)]);
        return { o: entries };
      }
  }
  throw new AtcError(
    'UNSUPPORTED',
    `${path} has no text to store a result under; give what identifies it with key(args)`,
  );
}
