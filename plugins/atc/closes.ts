/** What a close may be: a finite number above 0, or NaN where there is none. Returns on a zero price would be infinite. */
import { AtcError } from 'atc-memory';

/**
 * @param firstBar Bar number of `closes[0]`, for the message.
 * @param symbol Given when the closes come from stored history: then the data is at fault (CORRUPT) and not the caller (ARGUMENT).
 */
export function checkCloses(closes: Float64Array, firstBar: number, symbol?: string): void {
  for (let index = 0; index < closes.length; index++) {
    const close = closes[index];
    if ((close > 0 && close < Number.POSITIVE_INFINITY) || Number.isNaN(close)) continue;
    const where = symbol === undefined ? `bar ${firstBar + index}` : `row ${firstBar + index} of ${symbol}`;
    const message = `close at ${where} is ${close}; allowed: a finite price above 0, or NaN where there is none`;
    throw new AtcError(symbol === undefined ? 'ARGUMENT' : 'CORRUPT', message, { column: 'close' });
  }
}

/** By its tag: arrays of another realm are arrays too. */
export function isFloat64Array(value: unknown): value is Float64Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Float64Array]';
}
