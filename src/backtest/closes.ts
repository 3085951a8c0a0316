/** Closes as the numbers that returns are computed with, and what a return is. */
import { type Dtype, dtypeOf, type TypedArray } from '../dtype.js';
import { AtcError, type AtcErrorCode, shown } from '../errors.js';
import type { TableBlock } from '../table.js';

/** The fault is the caller's for bars that are handed over, and the data's for stored history. */
export type PriceFault = Extract<AtcErrorCode, 'ARGUMENT' | 'CORRUPT'>;

/**
 * The return of one bar, as a share of the value that the price before stood for: of |previous|, so that a rise is
 * positive whatever the signs (WTI from -37.63 to 10.01 is +1.27, a spread from -10 to -5 is +0.5).
 */
export function barReturn(previous: number, close: number): number {
  return previous > 0 ? close / previous - 1 : 1 - close / previous;
}

/**
 * Refuses closes that give no finite return: an infinite price, a price after one of 0, and a step that overflows. NaN
 * is a bar without a price and is passed over.
 *
 * @param previous The last price before them, NaN for none.
 * @param firstRow Row number of `closes[0]`, for the message.
 */
export function requireReturns(closes: ArrayLike<number>, previous: number, firstRow: number, fault: PriceFault): void {
  let before = previous;
  for (let i = 0; i < closes.length; i += 1) {
    const close = closes[i];
    // The usual step first: both above 0 and less than a factor of 2^512 apart.
    if (typeof close === 'number' && close > 1e-150 && close < 1e150 && before > 1e-150 && before < 1e150) {
      before = close;
      continue;
    }
    if (typeof close !== 'number') {
      throw new AtcError(fault, `close at row ${firstRow + i} is ${shown(close)}; allowed: a number, or NaN for none`, {
        column: 'close',
      });
    }
    if (Number.isNaN(close)) continue;
    if (!Number.isNaN(before) && (before === 0 || !Number.isFinite(barReturn(before, close)))) {
      const why = before === 0 ? 'nothing can be bought at a price of 0' : 'the step between them overflows';
      throw new AtcError(
        fault,
        `close at row ${firstRow + i} is ${close} after ${before}: that is no finite return (${why}); ` +
          'use NaN where there is no price, or shift the prices of a spread',
        { column: 'close' },
      );
    }
    if (!Number.isFinite(close)) {
      throw new AtcError(fault, `close at row ${firstRow + i} is ${close}; allowed: a finite price, or NaN for none`, {
        column: 'close',
      });
    }
    before = close;
  }
}

/**
 * A block whose `close` is float64, the one type that strategies and statistics compute with; the same block where it
 * is already, or where widening changes no value and no operator (float32, integers up to 32 bits stay for the
 * strategy).
 *
 * @throws AtcError CORRUPT for a 64-bit integer beyond 2^53, which float64 cannot tell from its neighbours.
 */
export function withNumericClose(block: TableBlock): TableBlock {
  const dtype = dtypeOf(block.columns.close);
  if (dtype !== 'int64' && dtype !== 'uint64') return block;
  const close = widened(block.columns.close, dtype, block.start).subarray(0, block.length);
  return { ...block, columns: { ...block.columns, close } };
}

function widened(column: TypedArray, dtype: Dtype, firstRow: number): Float64Array {
  return Float64Array.from(column as ArrayLike<number | bigint>, (value, row) => {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new AtcError(
      'CORRUPT',
      `close at row ${firstRow + row} is ${value} (${dtype}): whole numbers beyond 2^53 lose digits as float64; ` +
        'scale them down',
      { column: 'close' },
    );
  });
}
