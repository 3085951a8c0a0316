/** Figures of a window that moves along the bars. */

const YEAR_MS = 365.25 * 86_400_000;
/** Bars that a person may want: days, weeks, a quarter, a year, and the same for shorter bars. */
const WINDOWS = [20, 60, 125, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000];

export function barsPerYear({ timeMs }) {
  return (timeMs.length - 1) / ((timeMs[timeMs.length - 1] - timeMs[0]) / YEAR_MS);
}

/** Windows that fit in the history at least three times, and the one nearest to a quarter of a year. */
export function windowsOf(lines) {
  const fitting = WINDOWS.filter((bars) => bars * 3 < lines.timeMs.length);
  const quarter = barsPerYear(lines) / 4;
  const wanted = fitting.reduce(
    (best, bars) => (Math.abs(Math.log(bars / quarter)) < Math.abs(Math.log(best / quarter)) ? bars : best),
    fitting[0],
  );
  return { windows: fitting, wanted };
}

/**
 * Volatility (standard deviation with n - 1, a year) and Sharpe ratio (mean over it) of the last `bars` returns of the
 * equity; NaN before there are as many, and a Sharpe ratio without variation.
 */
export function rolling(lines, bars) {
  const { equity } = lines;
  const root = Math.sqrt(barsPerYear(lines));
  const volatility = new Float64Array(equity.length).fill(Number.NaN);
  const sharpe = new Float64Array(equity.length).fill(Number.NaN);
  const rates = new Float64Array(equity.length);
  for (let i = 1; i < equity.length; i += 1) rates[i] = equity[i - 1] > 0 ? equity[i] / equity[i - 1] - 1 : 0;
  let [sum, squares] = [0, 0];
  for (let i = 1; i < equity.length; i += 1) {
    sum += rates[i];
    squares += rates[i] ** 2;
    if (i > bars) {
      sum -= rates[i - bars];
      squares -= rates[i - bars] ** 2;
    }
    if (i < bars) continue;
    // Rounding errors of a million additions and subtractions are not variation: start again now and then.
    if (i % 4096 === 0) [sum, squares] = sums(rates, i - bars + 1, i + 1);
    const variance = (squares - (sum * sum) / bars) / (bars - 1);
    const deviation = variance > 1e-18 ? Math.sqrt(variance) : 0;
    volatility[i] = deviation * root;
    if (deviation > 0) sharpe[i] = (sum / bars / deviation) * root;
  }
  return { volatility, sharpe };
}

function sums(rates, from, to) {
  let [sum, squares] = [0, 0];
  for (let i = from; i < to; i += 1) {
    sum += rates[i];
    squares += rates[i] ** 2;
  }
  return [sum, squares];
}
