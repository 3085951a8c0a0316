// Histories for benches: random walks in cents, a minute a bar, the same on every machine. They are made piece by piece, so that they may be larger
// than memory.

/** Rows per piece. */
const PIECE_ROWS = 65_536;
const MINUTE_MS = 60_000;

/** Deterministic numbers in [0, 1): the upper bits of a linear congruential generator. */
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** Pieces { symbol, columns } of `symbols` histories, one symbol after the other. `columns`: 'close' or 'candles'. */
export function* histories({ symbols, rows, columns = 'close' }) {
  for (let k = 0; k < symbols; k++) {
    const symbol = `S${String(k).padStart(4, '0')}`;
    const random = uniform(20_240_229 + 7919 * k);
    let cents = 100_000 + 10_000 * (k % 300);
    for (let from = 0; from < rows; from += PIECE_ROWS) {
      const length = Math.min(PIECE_ROWS, rows - from);
      const timestamp = new Float64Array(length);
      const close = new Float64Array(length);
      const candles =
        columns === 'close' ? {} : Object.fromEntries(['open', 'high', 'low', 'volume'].map((c) => [c, close.slice()]));
      const { open, high, low, volume } = candles;
      for (let i = 0; i < length; i++) {
        const before = cents;
        cents = Math.max(1000, Math.round(cents * (1 + 0.001 * (random() + random() + random() - 1.5))));
        timestamp[i] = 1_600_000_000_000 + (from + i) * MINUTE_MS;
        close[i] = cents / 100;
        if (open === undefined) continue;
        open[i] = before / 100;
        high[i] = (Math.max(before, cents) + Math.floor(random() * 40)) / 100;
        low[i] = (Math.min(before, cents) - Math.floor(random() * 40)) / 100;
        volume[i] = Math.floor(random() * random() * 5000);
      }
      const all = open === undefined ? { timestamp, close } : { timestamp, open, high, low, close, volume };
      yield { symbol, columns: all };
    }
  }
}
