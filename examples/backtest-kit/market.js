// A made-up exchange: minutes of a random walk, the same on every machine, so that results can be compared.
const MINUTE = 60_000;

/**
 * Two decimals for prices, five for volumes, as exchanges give them. `days` of candles from `start`, and two days
 * around.
 */
export function createMarket(start, days) {
  const first = start - 2 * 1440 * MINUTE;
  let state = 12_345;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let price = 42_000;
  const candles = Array.from({ length: (days + 4) * 1440 }, (_, i) => {
    const open = price;
    price = Math.max(1000, price + (random() - 0.5) * 60 + 20 * Math.sin(i / 300));
    return {
      timestamp: first + i * MINUTE,
      open: Number(open.toFixed(2)),
      high: Number((Math.max(open, price) + random() * 10).toFixed(2)),
      low: Number((Math.min(open, price) - random() * 10).toFixed(2)),
      close: Number(price.toFixed(2)),
      volume: Number((random() * 50).toFixed(5)),
    };
  });
  const market = {
    /** Requests that reached the exchange: what a cache saves. */
    requests: 0,
    async getCandles(_symbol, interval, since, limit) {
      if (interval !== '1m') throw new Error(`this exchange has minutes only, not ${interval}`);
      market.requests++;
      const from = (since.getTime() - first) / MINUTE;
      return candles.slice(from, from + limit).map((candle) => ({ ...candle }));
    },
  };
  return market;
}
