// A month of minutes through backtest-kit, its candles stored by atc-memory. One line is new in such a program:
// setup().
import { createHash } from 'node:crypto';
import { setup } from 'atc-memory/backtest-kit';
import { addExchangeSchema, addFrameSchema, addStrategySchema, Backtest, getCandles } from 'backtest-kit';
import { createMarket } from './market.js';

const [storage, days = '30'] = process.argv.slice(2);
const DAY = 24 * 60 * 60 * 1000;
const start = Date.UTC(2024, 0, 1);
const market = createMarket(start, Number(days));

setup(storage === undefined ? {} : { candles: storage });

addExchangeSchema({
  exchangeName: 'made-up',
  getCandles: market.getCandles,
  formatPrice: async (_symbol, price) => price.toFixed(2),
  formatQuantity: async (_symbol, quantity) => quantity.toFixed(8),
});

addStrategySchema({
  strategyName: 'with-the-trend',
  interval: '15m',
  getSignal: async (symbol) => {
    const candles = await getCandles(symbol, '1m', 60);
    const mean = candles.reduce((sum, { close }) => sum + close, 0) / candles.length;
    const last = candles[candles.length - 1].close;
    if (Math.abs(last / mean - 1) < 0.012) return null;
    const up = last > mean;
    return {
      position: up ? 'long' : 'short',
      priceTakeProfit: last * (up ? 1.01 : 0.99),
      priceStopLoss: last * (up ? 0.98 : 1.02),
      minuteEstimatedTime: 240,
      note: 'away from its mean',
    };
  },
});

addFrameSchema({
  frameName: 'month',
  interval: '1m',
  startDate: new Date(start),
  endDate: new Date(start + Number(days) * DAY),
});

const began = performance.now();
const results = [];
const context = { strategyName: 'with-the-trend', exchangeName: 'made-up', frameName: 'month' };
for await (const result of Backtest.run('BTCUSDT', context)) results.push(result);
const seconds = (performance.now() - began) / 1000;

// Ids are random in every run; everything else has to be the same, however the candles are stored.
const text = JSON.stringify(results, (key, value) => (/id$/i.test(key) ? undefined : value));
const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
const closed = results.filter(({ action }) => action === 'closed');
const profit = closed.reduce((sum, { pnl }) => sum + pnl.pnlPercentage, 0);
const cpuSeconds = (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
console.log(
  JSON.stringify({
    storage: storage ?? 'default',
    days: Number(days),
    seconds: Number(seconds.toFixed(2)),
    cpuSeconds: Number(cpuSeconds.toFixed(2)),
    requests: market.requests,
    signals: closed.length,
    profitPercent: Number(profit.toFixed(6)),
    digest,
  }),
);
// Timers of backtest-kit stay active.
process.exit(0);
