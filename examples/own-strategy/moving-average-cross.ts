/** Long above the moving average, flat below it: a strategy of one's own, run like any other. */
import type { Strategy, StrategyRun, TableBlock } from 'atc-memory';

export interface CrossSummary {
  readonly above: boolean;
}

export function movingAverageCross(length = 200): Strategy<CrossSummary> {
  return {
    name: `close above its ${length}-bar average`,
    columns: ['close'],
    minimumRows: length,
    // Worker threads make the strategy again from this.
    reference: { module: import.meta.url, factory: 'movingAverageCross', parameters: [length] },
    start: () => new CrossRun(length),
  };
}

/** Holds the last `length` closes, whatever the blocks are. */
class CrossRun implements StrategyRun<CrossSummary> {
  private readonly window: Float64Array;
  private signals = new Float64Array(0);
  private bars = 0;
  private sum = 0;
  private above = false;

  constructor(length: number) {
    this.window = new Float64Array(length);
  }

  push({ length, columns }: TableBlock) {
    if (this.signals.length < length) this.signals = new Float64Array(length);
    const signal = this.signals.subarray(0, length);
    for (let i = 0; i < length; i += 1) {
      const close = Number(columns.close[i]);
      const slot = this.bars % this.window.length;
      this.sum += close - this.window[slot];
      this.window[slot] = close;
      this.bars += 1;
      this.above = this.bars >= this.window.length && close > this.sum / this.window.length;
      signal[i] = this.above ? 1 : 0;
    }
    return { signal };
  }

  finish(): CrossSummary {
    return { above: this.above };
  }
}
