/** Minutes of a random walk, the same on every machine. */
export function minutes(rows: number, seed = 0, { isRegular = seed % 2 === 0 } = {}): Record<string, Float64Array> {
  let state = (20_240_229 + 7919 * seed) >>> 0;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  const columns = Object.fromEntries(
    ['timestamp', 'open', 'high', 'low', 'close', 'volume'].map((name) => [name, new Float64Array(rows)]),
  );
  let cents = 100_000;
  let ms = Date.UTC(2024, 0, 3, 7, 30);
  for (let k = 0; k < rows; k += 1) {
    const before = cents;
    cents = Math.max(1000, Math.round(cents * (1 + 0.001 * (random() + random() + random() - 1.5))));
    // A minute is missing now and then.
    ms += isRegular || random() > 0.03 ? 60_000 : 120_000;
    columns.timestamp[k] = ms;
    columns.open[k] = before / 100;
    columns.high[k] = (Math.max(before, cents) + Math.floor(random() * 40)) / 100;
    columns.low[k] = (Math.min(before, cents) - Math.floor(random() * 40)) / 100;
    columns.close[k] = cents / 100;
    columns.volume[k] = Math.floor(random() * random() * 5000);
  }
  return columns;
}
