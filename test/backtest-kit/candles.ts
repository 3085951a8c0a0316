/** Made-up candles, the same on every machine: prices with two decimals, volumes with five. */
export interface TestCandle {
  timestamp: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export const MINUTE = 60_000;
export const START = Date.UTC(2024, 0, 1);

const round = (value: number, digits: number) => Number(value.toFixed(digits));

export function madeCandles(count: number, from = START, stepMs = MINUTE, seed = 12_345): TestCandle[] {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let price = 42_000;
  return Array.from({ length: count }, (_, i) => {
    const open = price;
    price = Math.max(1000, price + (random() - 0.5) * 60 + 20 * Math.sin(i / 300));
    return {
      timestamp: from + i * stepMs,
      open: round(open, 2),
      high: round(Math.max(open, price) + random() * 10, 2),
      low: round(Math.min(open, price) - random() * 10, 2),
      close: round(price, 2),
      volume: round(random() * 50, 5),
    };
  });
}
