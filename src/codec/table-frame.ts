import { requireOptions } from '../arguments.js';
import type { Columns, TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { nearestHint } from '../nearest.js';
import type { CompressionOptions } from './compression-options.js';
import { type DecodeLimit, decodeColumns, openFrame, requireApart } from './decode-columns.js';
import { requireRange } from './frame-reader.js';
import { schemaOf } from './schema.js';
import { writeFrame } from './write-whole.js';

/** Which part of a table is decoded; only the blocks it needs are. */
export interface DecompressDataFrameOptions<Name extends string = string> extends DecodeLimit {
  /** Only these, in this order; default all. */
  readonly columns?: readonly Name[];
  /** First row, default 0. */
  readonly from?: number;
  /** Row after the last, default the table's length. */
  readonly to?: number;
  /**
   * Arrays to fill instead of new ones, by column: of its dtype, at least as long as the rows, no two over the same
   * memory. Default: a new array for every column.
   */
  readonly into?: Readonly<Partial<Record<Name, TypedArray>>>;
}

/**
 * Codes columns of equal length losslessly as one frame; prices of a candle are predicted from each other. Throws
 * ARGUMENT for unequal lengths, empty names, values that are no typed arrays, a level outside 0-9, an unknown
 * algorithm.
 */
export function compressDataFrame(columns: Columns, options: CompressionOptions = {}): Uint8Array {
  if (typeof columns !== 'object' || columns === null) {
    throw new AtcError('ARGUMENT', 'columns must be an object of typed arrays by name');
  }
  return writeFrame(schemaOf(columns), Object.values(columns), options);
}

/**
 * The columns that `compressDataFrame` was given, or some of them, or rows [from, to) of them; only what that needs is
 * decoded. A column that `into` has an array for is that array, or the beginning of it when it is longer; what an error
 * leaves in it is unspecified. Throws CORRUPT for damaged bytes, FORMAT_VERSION for those of a later version, ARGUMENT
 * for unknown columns, rows outside the table, arrays of `into` that do not fit, or new ones beyond `maxBytes`.
 */
export function decompressDataFrame<Name extends string = string>(
  bytes: Uint8Array,
  options: DecompressDataFrameOptions<Name> = {},
): Record<Name, TypedArray> {
  requireOptions(options, 'decompressDataFrame');
  const frame = openFrame(bytes, 'table');
  const names: readonly string[] = options.columns ?? frame.columns.map(({ name }) => name);
  const { from = 0, to = frame.rows } = options;
  requireRange(from, to, frame.rows);
  const into = targetsOf(bytes, names, options.into);
  const decoded = decodeColumns(frame, frame.columnIndexes(names), from, to, { maxBytes: options.maxBytes, into });
  return Object.fromEntries(names.map((name, i) => [name, decoded[i]])) as Record<Name, TypedArray>;
}

function targetsOf(
  bytes: Uint8Array,
  names: readonly string[],
  into: Readonly<Record<string, TypedArray | undefined>> = {},
): (TypedArray | undefined)[] {
  if (typeof into !== 'object' || into === null)
    throw new AtcError('ARGUMENT', 'into must be an object of typed arrays by column');
  const given = Object.keys(into).filter((name) => into[name] !== undefined);
  const unknown = given.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new AtcError(
      'ARGUMENT',
      `"into" has the column "${unknown}", which is not decoded${nearestHint(unknown, names)}`,
      {
        column: unknown,
      },
    );
  }
  if (given.length === 0) return [];
  requireApart(
    bytes,
    given.map((name) => into[name]!),
  );
  return names.map((name) => (Object.hasOwn(into, name) ? into[name] : undefined));
}
