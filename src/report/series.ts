/**
 * Columns of numbers, one a bar, as few bytes: differences of whole numbers, low bytes apart from high ones, deflated.
 * `page/series.js` reads them with what a browser has. Values are restored with the same bits, but for `level`.
 *
 * Bytes of a column of n values: plane 0 (n bytes, the lowest of each), plane 1, and so on; columns follow each other
 * in the order of `columns`, and all of them are one raw deflate stream (RFC 1951).
 */
import { deflateEncode } from '../codec/deflate-encode.js';

/** How the values of one column became bytes. */
export interface SeriesColumn {
  readonly name: string;
  /**
   * `decimal`: value × 10^`digits` is whole, stored as the `order`-th differences, zigzag. `level`: as `decimal`, value
   * = whole / 32767 × `scale`, -32768 is none. `bits`: IEEE 754 double, little-endian, XOR the one before.
   */
  readonly kind: 'decimal' | 'level' | 'bits';
  readonly digits?: number;
  readonly scale?: number;
  readonly order?: 1 | 2;
  /** Bytes of each value. */
  readonly planes: number;
}

export interface PackedSeries {
  readonly length: number;
  readonly columns: readonly SeriesColumn[];
  readonly bytes: Uint8Array;
}

interface Coded {
  readonly column: SeriesColumn;
  readonly bytes: Uint8Array;
}

/** Second differences of whole numbers below this stay below 2^53. */
const MOST_WHOLE = 2 ** 49;
const MOST_DIGITS = 12;
const LEVELS = 32_767;
const DEFLATE_LEVEL = 6;

/**
 * `exact` columns return bit for bit, `levels` as the nearest of 65,535 steps between the largest value and its
 * negative, with their sign; NaN stays NaN, and an infinite level is the largest. All of one length.
 */
export function packSeries(
  exact: Readonly<Record<string, Float64Array>>,
  levels: Readonly<Record<string, Float64Array>> = {},
): PackedSeries {
  const coded = [
    ...Object.entries(exact).map(([name, values]) => exactColumn(name, values)),
    ...Object.entries(levels).map(([name, values]) => levelColumn(name, values)),
  ];
  const plain = new Uint8Array(coded.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of coded) {
    plain.set(bytes, at);
    at += bytes.length;
  }
  // Deflate adds five bytes to a block that it cannot make smaller.
  const room = new Uint8Array(plain.length + (plain.length >> 10) + 64);
  const bytes = room.slice(0, deflateEncode(plain, room, DEFLATE_LEVEL));
  const [first] = [...Object.values(exact), ...Object.values(levels)];
  return { length: first?.length ?? 0, columns: coded.map(({ column }) => column), bytes };
}

function exactColumn(name: string, values: Float64Array): Coded {
  const digits = digitsOf(values);
  if (digits === undefined) return bitsColumn(name, values);
  const factor = 10 ** digits;
  const whole = values.map((value) => Math.round(value * factor));
  // Times are steps of equal length, prices are not.
  const order = name === 'timeMs' ? 2 : 1;
  return { ...differences(whole, order, (planes) => ({ name, kind: 'decimal', digits, order, planes })) };
}

/** Decimal places that all values have at most; undefined where some is not such a number. */
function digitsOf(values: Float64Array): number | undefined {
  const powers = Array.from({ length: MOST_DIGITS + 1 }, (_, digits) => 10 ** digits);
  const fits = (value: number, digits: number) => {
    const whole = Math.round(value * powers[digits]);
    // Plus 0: differences do not know -0, so a column with one is stored as bits.
    return Math.abs(whole) < MOST_WHOLE && Object.is(whole / powers[digits] + 0, value);
  };
  let digits = 0;
  for (const value of values) {
    while (!fits(value, digits)) {
      digits += 1;
      if (digits > MOST_DIGITS) return undefined;
    }
  }
  return values.every((value) => fits(value, digits)) ? digits : undefined;
}

function levelColumn(name: string, values: Float64Array): Coded {
  let scale = 0;
  for (const value of values) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  if (scale === 0) scale = 1;
  const whole = values.map((value) => {
    if (Number.isNaN(value)) return -LEVELS - 1;
    const level = Math.round(Math.max(-1, Math.min(1, value / scale)) * LEVELS);
    // A position hangs on the sign.
    return level === 0 ? Math.sign(value) : level;
  });
  return differences(whole, 1, (planes) => ({ name, kind: 'level', scale, order: 1, planes }));
}

function differences(whole: Float64Array, order: 1 | 2, column: (planes: number) => SeriesColumn): Coded {
  const zigzag = new Float64Array(whole.length);
  let before = 0;
  let step = 0;
  let most = 0;
  for (let i = 0; i < whole.length; i += 1) {
    const difference = whole[i] - before;
    const stored = order === 1 ? difference : difference - step;
    before = whole[i];
    step = difference;
    zigzag[i] = stored >= 0 ? 2 * stored : -2 * stored - 1;
    if (zigzag[i] > most) most = zigzag[i];
  }
  let planes = 0;
  while (most >= 256 ** planes) planes += 1;
  const bytes = new Uint8Array(planes * whole.length);
  for (let i = 0; i < whole.length; i += 1) {
    let rest = zigzag[i];
    for (let plane = 0; plane < planes; plane += 1) {
      bytes[plane * whole.length + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
  return { column: column(planes), bytes };
}

function bitsColumn(name: string, values: Float64Array): Coded {
  const size = 8;
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(values.byteLength);
  for (let i = 0; i < values.length; i += 1) {
    for (let plane = 0; plane < size; plane += 1) {
      const at = i * size + plane;
      bytes[plane * values.length + i] = i === 0 ? raw[at] : raw[at] ^ raw[at - size];
    }
  }
  return { column: { name, kind: 'bits', planes: size }, bytes };
}
