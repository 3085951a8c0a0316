/** Many accounts at once against one account alone: every bit of every figure. */
import { CHUNK, LANES } from '../../src/backtest/account-layout.js';
import { Accounts } from '../../src/backtest/accounts.js';
import { TradingAccount } from '../../src/backtest/trading.js';

function uniform(seed: number) {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

function randomCase(seed: number) {
  const random = uniform(seed * 7919);
  const rows = 1 + Math.floor(random() * 5000);
  const isSpread = seed % 5 === 0;
  let price = isSpread ? 2 : 40;
  const gaps = random() < 0.5 ? 0.05 : 0;
  const closes = Float64Array.from({ length: rows }, () => {
    if (isSpread) price += 0.2 * (random() - 0.5);
    else price *= 1 + (seed % 7 === 0 ? 1.6 : 0.05) * (random() - 0.5);
    return random() < gaps ? Number.NaN : price;
  });
  const count = 1 + Math.floor(random() * 20);
  const turnover = random() * 0.5;
  const signals = Array.from({ length: count }, () => {
    let position = 0;
    return Float64Array.from({ length: rows }, () => {
      if (random() < turnover) position = Math.floor(random() * 3) - 1;
      return position * 0.5;
    });
  });
  const fee = [0, 0.001, 0.6][seed % 3];
  return { closes, signals, costs: { fee, slippage: seed % 2 === 0 ? 0 : 0.0005 }, random };
}

describe.each([true, false])('wasm %s', (wasm) => {
  test.each(Array.from({ length: 60 }, (_, k) => k + 1))(
    'figures have the bits of single accounts, seed %i',
    (seed) => {
      const { closes, signals, costs, random } = randomCase(seed);
      const times = closes.map((_, row) => row * 3_600_000);
      const accounts = new Accounts(signals.length, costs, { wasm });
      for (let from = 0; from < closes.length; ) {
        const to = Math.min(closes.length, from + 1 + Math.floor(random() * CHUNK));
        accounts.begin(closes.subarray(from, to));
        for (let group = 0; group < accounts.groups; group++) {
          for (let lane = 0; lane < LANES; lane++) {
            const signal = signals[group * LANES + lane];
            for (let row = from; row < to; row++) {
              accounts.positions[(row - from) * LANES + lane] = signal === undefined ? 0 : Math.sign(signal[row]);
            }
          }
          accounts.trade(group);
        }
        from = to;
      }
      for (const [index, signal] of signals.entries()) {
        const alone = new TradingAccount(costs);
        alone.push(times, closes, signal);
        const figures = accounts.statistics(index, times[accounts.firstPriced], times[accounts.lastPriced]);
        expect(figures).toEqual(alone.statistics());
      }
    },
  );
});

test('a close that gives no finite return is refused before anything is traded', () => {
  const accounts = new Accounts(3);
  accounts.begin(Float64Array.of(1, 2));
  expect(() => accounts.begin(Float64Array.of(0, 1))).toThrow(/close at row 3 is 1 after 0/);
  expect(accounts.rows).toBe(2);
});
