/** Whether a column looks like a compounded result at all, and a price of it to begin with. */
import { denominatorOf, MAX_PRICE, wholeChange } from './rational.js';

/** Steps looked at before anything else. */
const PROBES = 32;
/** Fewest rows worth the header. */
const FEWEST_ROWS = 64;
/** Fractions of unrelated doubles have denominators around 2^25.5; one in ten is below this. */
const SMALL_DENOMINATOR = 0x100_0000;
/** Rows at which a first price is searched, and steps it should survive there. */
const WINDOWS = 8;
const WINDOW_STEPS = 24;
const FEWEST_SURVIVED = 8;
/** Largest factor a first price and its change may share. */
const MOST_COMMON = 400;

/** The change of a row, or NaN for one without. */
function gainOf(values: Float64Array, i: number): number {
  const [last, value] = [values[i - 1], values[i]];
  return last > 0 && value > 0 && value !== last ? value / last - 1 : Number.NaN;
}

/**
 * First rows of stretches whose changes are fractions of small numbers, spread over the column; undefined where most
 * are not.
 */
export function probeSteps(values: Float64Array): readonly number[] | undefined {
  const n = values.length;
  if (n < FEWEST_ROWS) return undefined;
  const found: number[] = [];
  let probed = 0;
  for (let k = 0; k < PROBES; k++) {
    const end = Math.floor(((k + 1) * (n - 1)) / PROBES);
    let i = 1 + Math.floor((k * (n - 1)) / PROBES);
    while (i <= end && !(Math.abs(gainOf(values, i)) < 1)) i++;
    if (i > end) continue;
    probed++;
    const denominator = denominatorOf(gainOf(values, i));
    if (denominator > 1 && denominator < SMALL_DENOMINATOR) found.push(i);
  }
  return found.length > 2 && found.length * 3 >= probed * 2 ? found : undefined;
}

/** Steps that `price` survives from row `from` on, whichever sides they were. */
function survived(values: Float64Array, from: number, price: number): number {
  let prices = [price];
  let steps = 0;
  for (let i = from; i < values.length && steps < WINDOW_STEPS; i++) {
    const gain = gainOf(values, i);
    if (!(Math.abs(gain) < 1)) continue;
    const next = prices.flatMap((p) => {
      const change = wholeChange(p, gain);
      return change === 0 ? [] : [p + change, p - change].filter((q) => q > 0 && q < MAX_PRICE);
    });
    if (next.length === 0) break;
    prices = [...new Set(next)].slice(0, 8);
    steps++;
  }
  return steps;
}

/**
 * The price that explains most of the steps after it: a few small multiples of what the first change is a fraction of.
 */
export function startingPrice(values: Float64Array, probes: readonly number[]): number | undefined {
  let best = { price: 0, steps: FEWEST_SURVIVED - 1 };
  const stride = Math.max(1, Math.floor(probes.length / WINDOWS));
  for (let k = 0; k < probes.length && best.steps < WINDOW_STEPS; k += stride) {
    const grain = denominatorOf(gainOf(values, probes[k]));
    for (let multiple = 1; multiple <= MOST_COMMON && multiple * grain < MAX_PRICE; multiple++) {
      const steps = survived(values, probes[k], multiple * grain);
      if (steps > best.steps) best = { price: multiple * grain, steps };
      if (steps === WINDOW_STEPS) break;
    }
  }
  return best.price > 0 ? best.price : undefined;
}
