/** The page's data as `page-data.ts` writes it, back to what `reportData` has. */

const TRADE = ['entryMs', 'exitMs', 'entryPrice', 'exitPrice', 'bars', 'return', 'mae', 'mfe', 'costs'];

function curveOf(packed) {
  let timeMs = 0;
  const curve = { ...packed, timeMs: packed.steps.map((step) => (timeMs += step * packed.unit)) };
  let peak = 1;
  curve.drawdown ??= curve.equity.map((value) => 1 - value / (peak = Math.max(peak, value)));
  for (const line of ['price', 'signal']) curve[line] ??= curve.timeMs.map(() => null);
  return curve;
}

function tradeOf(symbol, row) {
  const trade = { symbol, side: row[0] & 1 ? 'long' : 'short', open: (row[0] & 2) !== 0 };
  for (const [k, key] of TRADE.entries()) trade[key] = row[k + 1];
  return trade;
}

export function readData(packed) {
  return {
    ...packed,
    all: packed.all === null ? null : { ...packed.all, curve: curveOf(packed.all.curve) },
    symbols: packed.symbols.map((one) => ({
      ...one,
      curve: curveOf(one.curve),
      trades: one.trades.map((row) => tradeOf(one.symbol, row)),
    })),
  };
}
