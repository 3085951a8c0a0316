/** Titles as they are compared. */

/**
 * A title as it is compared: lower case, without `<>`, quotes, a leading number (`1. open`), white space at its ends, a
 * colon or one underscore behind it (`__name__` is a name).
 */
export function keyOf(title: string): string {
  return title
    .replace(/^\ufeff/, '')
    .trim()
    .toLowerCase()
    .replace(/^<(.*)>$/, '$1')
    .replace(/^["'](.*)["']$/, '$1')
    .replace(/^\d+[ab]?[.:] (?=\S)/, '')
    .replace(/\s+/g, ' ')
    .replace(/(?:[ :]|(?<!_)_(?!_))+$/, '')
    .trim();
}

/** Words before the name of a price that say which candle it is of: `TradingSessionHighPx`, `daily_open`. */
const SPAN = /^(?:trading[ _]?)?(?:session|day|daily|bar|candle|kline|period|interval|today'?s?)[ _]?(?=[a-z])/;

/** The currency of a price, behind its name: `close_usd`, `Close (USD)`. Of volumes it says which one it is. */
const CURRENCY = /^((?!vol).*)[ _]\(?(?:usd|usdt|usdc|busd|eur|gbp|jpy|inr|krw|cny|chf|aud|cad|btc)\)?$/;

/** The last part of a title: `AAPL.Close`, `Candlestick.Time`, `mid.o`, `TradingSessionHighPx`, `close_usd`. */
export function lastPartOf(key: string): string {
  const dot = key.lastIndexOf('.');
  const part = dot <= 0 || dot === key.length - 1 ? key : key.slice(dot + 1);
  return part.replace(SPAN, '').replace(CURRENCY, '$1');
}
