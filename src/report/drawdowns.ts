/** Falls of an equity from its highest value, in one pass. */

/** From a high of the equity until it is reached again. Times are UTC ms. */
export interface Drawdown {
  /** Largest fall, as a share of the high, 0 to 1. */
  readonly depth: number;
  /** Bar of the high. */
  readonly peakMs: number;
  /** Bar of the lowest value. */
  readonly troughMs: number;
  /** First bar at or above the high; null while it is not reached. */
  readonly recoveredMs: number | null;
  /** Bars from the high to the recovery, or to the last bar. */
  readonly bars: number;
  /** The same in ms. */
  readonly durationMs: number;
}

const LISTED = 10;

export class Drawdowns {
  /** Depth at the last bar, 0 to 1. */
  now = 0;
  #peak = 1;
  #peakMs = Number.NaN;
  #peakBar = 0;
  #trough = Number.NaN;
  #troughMs = Number.NaN;
  #bar = 0;
  #lastMs = Number.NaN;
  #ended: Drawdown[] = [];
  #count = 0;
  #depths = 0;
  #durations = 0;
  #longest = 0;

  /**
   * The first call is the start, the high of an account that only loses. Two calls of one time are one bar: its costs
   * come after its price.
   */
  push(timeMs: number, value: number): void {
    if (Number.isNaN(this.#peakMs)) this.#peakMs = timeMs;
    else if (timeMs !== this.#lastMs) this.#bar += 1;
    this.#lastMs = timeMs;
    if (value >= this.#peak) {
      if (this.now > 0) this.#end(this.#open(timeMs));
      this.#peak = value;
      this.#peakMs = timeMs;
      this.#peakBar = this.#bar;
      this.now = 0;
      return;
    }
    if (this.now === 0 || value < this.#trough) {
      this.#trough = value;
      this.#troughMs = timeMs;
    }
    this.now = 1 - value / this.#peak;
  }

  #open(recoveredMs: number | null): Drawdown {
    return {
      depth: 1 - this.#trough / this.#peak,
      peakMs: this.#peakMs,
      troughMs: this.#troughMs,
      recoveredMs,
      bars: this.#bar - this.#peakBar,
      durationMs: this.#lastMs - this.#peakMs,
    };
  }

  #end(one: Drawdown): void {
    this.#count += 1;
    this.#depths += one.depth;
    this.#durations += one.durationMs;
    this.#longest = Math.max(this.#longest, one.durationMs);
    this.#ended = deepest([...this.#ended, one]);
  }

  /** What there was so far, the one that is not over included. Depths are 0 and averages NaN where nothing fell. */
  summary() {
    const open = this.now > 0 ? [this.#open(null)] : [];
    const worst = deepest([...this.#ended, ...open]);
    const count = this.#count + open.length;
    const sum = (key: 'depth' | 'durationMs', before: number) => open.reduce((all, one) => all + one[key], before);
    return {
      worst,
      maximum: worst[0]?.depth ?? 0,
      average: sum('depth', this.#depths) / count,
      averageMs: sum('durationMs', this.#durations) / count,
      longestMs: open.reduce((most, { durationMs }) => Math.max(most, durationMs), this.#longest),
    };
  }
}

function deepest(all: Drawdown[]): Drawdown[] {
  return all.sort((a, b) => b.depth - a.depth || a.peakMs - b.peakMs).slice(0, LISTED);
}
