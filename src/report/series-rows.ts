/** Every bar of one symbol, packed once the symbol is complete. */
import { NumberList } from './returns.js';
import { type PackedSeries, packSeries } from './series.js';

/** Beyond these a symbol is drawn from its extremes: nobody can look at more, and a page has to open. */
const MOST_BARS = 2 ** 21;

/** 24 bytes a bar until it is packed. */
export class SeriesRows {
  #timeMs = new NumberList();
  #price = new NumberList();
  #signal = new NumberList();
  #isWhole = true;

  push(timeMs: number, price: number, signal: number): void {
    if (!this.#isWhole) return;
    if (this.#timeMs.length >= MOST_BARS) {
      this.#isWhole = false;
      this.#release();
      return;
    }
    this.#timeMs.push(timeMs);
    this.#price.push(price);
    this.#signal.push(signal);
  }

  /** Lets go of the bars. Undefined where there were too many of them. */
  pack(): PackedSeries | undefined {
    if (!this.#isWhole) return undefined;
    const packed = packSeries(
      { timeMs: this.#timeMs.values, price: this.#price.values },
      { signal: this.#signal.values },
    );
    this.#release();
    return packed;
  }

  #release(): void {
    this.#timeMs = new NumberList();
    this.#price = new NumberList();
    this.#signal = new NumberList();
  }
}
