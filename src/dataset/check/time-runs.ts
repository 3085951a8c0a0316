/** The times of a symbol as runs of one distance: what a check remembers of millions of rows on a grid. */

/** Times start, start + step, …, `count` of them; the last one begins the next run. */
export interface TimeRun {
  readonly start: number;
  readonly step: number;
  /** Distances, at least 1. */
  readonly count: number;
}

/** Runs remembered; ticks have more and no grid. */
const MAX_RUNS = 1 << 20;

export class TimeRuns {
  readonly #starts: number[] = [];
  readonly #steps: number[] = [];
  readonly #counts: number[] = [];
  firstMs = Number.NaN;
  lastMs = Number.NaN;
  /** Too irregular for runs: there is no grid to look for gaps on. */
  isIrregular = false;

  /** Times ascend. */
  add(ms: number): void {
    if (Number.isNaN(this.firstMs)) {
      this.firstMs = ms;
    } else {
      const step = ms - this.lastMs;
      const last = this.#steps.length - 1;
      if (this.#steps[last] === step) this.#counts[last] += 1;
      else if (last + 1 === MAX_RUNS) this.isIrregular = true;
      else {
        this.#starts.push(this.lastMs);
        this.#steps.push(step);
        this.#counts.push(1);
      }
    }
    this.lastMs = ms;
  }

  *[Symbol.iterator](): Generator<TimeRun> {
    for (let k = 0; k < this.#starts.length; k += 1) {
      yield { start: this.#starts[k], step: this.#steps[k], count: this.#counts[k] };
    }
  }

  /**
   * The most frequent distance of two rows; undefined when less than half of the distances are multiples of it, or
   * there is none.
   */
  usualStep(): number | undefined {
    const counts = new Map<number, number>();
    let total = 0;
    for (const { step, count } of this) {
      counts.set(step, (counts.get(step) ?? 0) + count);
      total += count;
    }
    let usual: number | undefined;
    for (const [step, count] of counts) if (usual === undefined || count > counts.get(usual)!) usual = step;
    if (usual === undefined || this.isIrregular) return undefined;
    let onGrid = 0;
    for (const [step, count] of counts) if (step % usual === 0) onGrid += count;
    return onGrid * 2 > total ? usual : undefined;
  }
}
