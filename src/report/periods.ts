/** Returns by calendar month and year, UTC. */

/** Return of one month or year. */
export interface PeriodReturn {
  /** `2024-03` or `2024`. */
  readonly period: string;
  /** Last equity in it over the last one before it, minus 1; null after a total loss. */
  readonly return: number | null;
}

/** Last values of each month, in order of time. */
export class MonthEnds {
  readonly #months: number[] = [];
  readonly #values: number[] = [];
  #untilMs = Number.NEGATIVE_INFINITY;

  push(timeMs: number, value: number): void {
    if (timeMs >= this.#untilMs) {
      const date = new Date(timeMs);
      this.#months.push(date.getUTCFullYear() * 12 + date.getUTCMonth());
      this.#values.push(value);
      this.#untilMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
    } else this.#values[this.#values.length - 1] = value;
  }

  months(): PeriodReturn[] {
    return this.#returns((month) => `${yearOf(month)}-${String((month % 12) + 1).padStart(2, '0')}`);
  }

  years(): PeriodReturn[] {
    return this.#returns(yearOf);
  }

  #returns(nameOf: (month: number) => string): PeriodReturn[] {
    const found: PeriodReturn[] = [];
    let before = 1;
    for (const [k, month] of this.#months.entries()) {
      const period = nameOf(month);
      if (k + 1 < this.#months.length && nameOf(this.#months[k + 1]) === period) continue;
      found.push({ period, return: before > 0 ? this.#values[k] / before - 1 : null });
      before = this.#values[k];
    }
    return found;
  }
}

function yearOf(month: number): string {
  return String(Math.floor(month / 12)).padStart(4, '0');
}
