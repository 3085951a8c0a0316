/** How the methods of a store take and hand out values: the map that wrapping goes by. */
import { requireKnownOptions } from '../../arguments.js';
import { AtcError, shown } from '../../errors.js';

/**
 * How a method hands out values: `value` itself · `list` of values · `record` of values by key · `entry` an object with
 * a
 * `value` · `entries` an iterator or array of [key, value] · `values` an iterator of values · `dump` an array of
 * [key, { value }] · `visit` a callback's first argument, and the result · `event` the last argument, not the result.
 * Promises and async iterators of them as well. With `{ raw: true }` as second argument, values are entries (Keyv).
 */
export type ReadShape =
  | 'value'
  | 'list'
  | 'record'
  | 'entry'
  | 'entry-list'
  | 'entries'
  | 'values'
  | 'dump'
  | 'visit'
  | 'event';

export const READ_SHAPES: readonly ReadShape[] = [
  'value',
  'list',
  'record',
  'entry',
  'entry-list',
  'entries',
  'values',
  'dump',
  'visit',
  'event',
];

/**
 * Where a method takes values: the position of the argument that is one (counted from 0), or the position of a list
 * whose items hold one each.
 */
export type WriteShape =
  | number
  | {
      /** Position of the list, counted from 0. */
      readonly at: number;
      /**
       * Name of the property of an item that is the value: `{ at: 0, each: 'value' }` for `setMany([{ key, value }])`.
       */
      readonly each: string;
    }
  | {
      /** Position of the list, counted from 0. */
      readonly at: number;
      /** The items are `[key, { value }]`, as lru-cache's `dump` gives and its `load` takes them. */
      readonly dump: true;
    };

/** Which methods of a store take values and which give them back; docs/services.md has an example. */
export interface StoreMethods {
  /** By method name: where in the result the values are. */
  readonly reads: Readonly<Record<string | symbol, ReadShape>>;
  /** By method name: which argument holds the values, counted from 0. */
  readonly writes: Readonly<Record<string | symbol, WriteShape>>;
  /** Methods and accessors that look like reads and are none, or that only call mapped methods. */
  readonly others?: readonly (string | symbol)[];
}

export const PLAIN_METHODS: StoreMethods = { reads: { get: 'value' }, writes: { set: 1 } };

/**
 * A shape that is not known would hand out nothing. Throws ARGUMENT for whatever is no method map; `where` opens the
 * message.
 */
export function requireMethods(methods: Partial<StoreMethods> | undefined, where: string): void {
  requireKnownOptions(methods, ['reads', 'writes', 'others'], `${where}: methods`);
  const { reads, writes, others = [] } = methods ?? {};
  requireMap(reads, `${where}: methods.reads`);
  requireMap(writes, `${where}: methods.writes`);
  for (const name of Reflect.ownKeys(reads ?? {})) {
    const shape = reads?.[name];
    if (READ_SHAPES.includes(shape as ReadShape)) continue;
    const message = `methods.reads.${String(name)} is ${shown(shape)}; allowed: ${READ_SHAPES.join(', ')}`;
    throw new AtcError('ARGUMENT', message);
  }
  for (const name of Reflect.ownKeys(writes ?? {})) {
    if (isWriteShape(writes?.[name])) continue;
    const allowed = "the position of an argument, { at, each: 'property' } or { at, dump: true }";
    throw new AtcError('ARGUMENT', `methods.writes.${String(name)} is not the position of values; allowed: ${allowed}`);
  }
  if (!Array.isArray(others) || others.some((name) => typeof name !== 'string' && typeof name !== 'symbol')) {
    throw new AtcError('ARGUMENT', `${where}: methods.others must be a list of names`);
  }
}

function requireMap(map: unknown, where: string): void {
  if (map === undefined || (typeof map === 'object' && map !== null && !Array.isArray(map))) return;
  throw new AtcError('ARGUMENT', `${where} must be an object of shapes by method name`);
}

function isWriteShape(shape: unknown): shape is WriteShape {
  const isPosition = (at: unknown) => typeof at === 'number' && Number.isInteger(at) && at >= 0;
  if (typeof shape !== 'object' || shape === null) return isPosition(shape);
  const { at, each, dump } = shape as { at?: unknown; each?: unknown; dump?: unknown };
  return isPosition(at) && (typeof each === 'string' || dump === true);
}
