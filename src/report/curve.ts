/**
 * Lines of many bars in bounded memory: neighbouring bars share a bucket that retains the lowest and the highest value
 * of each line, and buckets are joined in pairs whenever there are too many. A line of a million bars drawn from them
 * touches every extreme that the whole line touches.
 */

/** What is drawn of every bar. */
export const LINES = ['price', 'equity', 'held', 'drawdown', 'signal'] as const;
export type Line = (typeof LINES)[number];

/** Lines over one axis of time. Plain data. */
export interface Curve {
  /**
   * Bars behind each point: at 1 every bar is a point, above it each bucket of so many gives two points, its extremes.
   */
  readonly barsPerPoint: number;
  /** UTC ms, ascending. */
  readonly timeMs: readonly number[];
  /** Closes. */
  readonly price: readonly (number | null)[];
  /** Value of the account, 1 at the start. */
  readonly equity: readonly (number | null)[];
  /** Value of buy-and-hold, 1 at the start. */
  readonly held: readonly (number | null)[];
  /** Share below the highest equity so far, 0 to 1. */
  readonly drawdown: readonly (number | null)[];
  /** What the strategy gave, by whose sign it was traded. */
  readonly signal: readonly (number | null)[];
}

interface Extremes {
  low: number;
  high: number;
  lowFirst: boolean;
}

interface Bucket {
  fromMs: number;
  toMs: number;
  bars: number;
  readonly lines: readonly Extremes[];
}

export class CurveBuilder {
  #buckets: Bucket[] = [];
  #bars = 1;

  /** At most `most` buckets, an even number. */
  constructor(readonly most: number) {}

  /** Values in the order of LINES; NaN is no value. */
  push(timeMs: number, values: readonly number[]): void {
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.bars < this.#bars) {
      last.toMs = timeMs;
      last.bars += 1;
      for (const [k, line] of last.lines.entries()) widen(line, values[k]);
      return;
    }
    if (this.#buckets.length >= this.most) this.#halve();
    const lines = values.map((value) => ({ low: value, high: value, lowFirst: true }));
    this.#buckets.push({ fromMs: timeMs, toMs: timeMs, bars: 1, lines });
  }

  /** Joins neighbours until there are at most `most` buckets. */
  reduce(most: number): void {
    while (this.#buckets.length > Math.max(most, 2)) this.#halve();
  }

  #halve(): void {
    const joined: Bucket[] = [];
    for (let k = 0; k < this.#buckets.length; k += 2) {
      const [first, second] = [this.#buckets[k], this.#buckets[k + 1]];
      if (second !== undefined) {
        first.toMs = second.toMs;
        first.bars += second.bars;
        for (const [i, line] of first.lines.entries()) join(line, second.lines[i]);
      }
      joined.push(first);
    }
    this.#buckets = joined;
    this.#bars *= 2;
  }

  curve(): Curve {
    const single = this.#bars === 1;
    const points = <T>(of: (bucket: Bucket) => readonly [T, T]) =>
      this.#buckets.flatMap((bucket) => (single || bucket.bars === 1 ? [of(bucket)[0]] : of(bucket)));
    const line = (name: Line) => {
      const k = LINES.indexOf(name);
      return points(({ lines }) => {
        const { low, high, lowFirst } = lines[k];
        return lowFirst ? [plain(low), plain(high)] : [plain(high), plain(low)];
      });
    };
    return {
      barsPerPoint: this.#bars,
      timeMs: points(({ fromMs, toMs }) => [fromMs, toMs]),
      price: line('price'),
      equity: line('equity'),
      held: line('held'),
      drawdown: line('drawdown'),
      signal: line('signal'),
    };
  }
}

function plain(value: number): number | null {
  // Plus 0: -0 is not in JSON.
  return Number.isFinite(value) ? value + 0 : null;
}

function widen(line: Extremes, value: number): void {
  if (Number.isNaN(line.low)) {
    line.low = line.high = value;
    return;
  }
  if (value < line.low) {
    line.low = value;
    line.lowFirst = false;
  }
  if (value > line.high) {
    line.high = value;
    line.lowFirst = true;
  }
}

/** `second` is later. */
function join(first: Extremes, second: Extremes): void {
  if (Number.isNaN(second.low)) return;
  if (Number.isNaN(first.low)) {
    Object.assign(first, second);
    return;
  }
  const [lower, higher] = [second.low < first.low, second.high > first.high];
  first.lowFirst = lower && higher ? second.lowFirst : lower ? false : higher ? true : first.lowFirst;
  if (lower) first.low = second.low;
  if (higher) first.high = second.high;
}
