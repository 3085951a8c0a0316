/** What is wrong with the times of rows: their order, and numbers that are seconds where UTC ms are due. */

/** Times of these sizes, read as seconds, are the years 1985 to 2103; as ms they are 6 January to 18 February 1970. */
const FIRST_SECONDS = 5e8;
const LAST_SECONDS = 4.2e9;
/** 1973 in seconds. A series that begins before it is taken for seconds only when its steps are whole minutes. */
const EARLY_SECONDS = 1e8;

/**
 * Watches the times of one series. They are seconds beyond doubt when all of them would lie within the first weeks of
 * 1970 and their steps would be no whole seconds: candles of a minute are 60 apart. A series of 1970 itself, whose
 * steps are whole seconds of ms, is none of these.
 */
export class SecondsWatch {
  #firstMs = Number.NaN;
  #lastMs = Number.NaN;
  /** Greatest common divisor of the steps so far; 0 before there is one. */
  #step = 0;

  /** Takes the next time of a series in ascending order. */
  see(ms: number): void {
    // Every row of usual history ends here.
    if (this.#lastMs > LAST_SECONDS) return;
    if (Number.isNaN(this.#firstMs)) this.#firstMs = ms;
    else if (ms <= LAST_SECONDS) this.#step = Number.isInteger(ms) ? divisor(this.#step, ms - this.#lastMs) : 1;
    this.#lastMs = ms;
  }

  /** What is wrong with the series; undefined where nothing is. */
  get problem(): string | undefined {
    if (!(this.#lastMs >= FIRST_SECONDS && this.#lastMs <= LAST_SECONDS)) return undefined;
    const step = this.#step;
    // A single row has no step: it is in doubt as long as it could be a whole second of 1970.
    const distance = step === 0 ? this.#firstMs : step;
    if (distance % 1000 === 0 || (this.#firstMs < EARLY_SECONDS && step % 60 !== 0)) return undefined;
    const asMs = new Date(this.#lastMs).toISOString();
    const asSeconds = new Date(this.#lastMs * 1000).toISOString();
    const what = `the timestamps look like seconds: ${this.#lastMs} would be ${asMs}, and is ${asSeconds} in seconds`;
    return `${what}; timestamps are UTC ms, so multiply them by 1000`;
  }
}

/** The same for a whole column. */
export function secondsProblem(times: ArrayLike<number | bigint>): string | undefined {
  // The last one is the largest: one look tells usual history.
  if (!(Number(times[times.length - 1]) <= LAST_SECONDS)) return undefined;
  const watch = new SecondsWatch();
  for (let row = 0; row < times.length; row += 1) watch.see(Number(times[row]));
  return watch.problem;
}

/** What is wrong with a time after the one before it. */
export function orderProblem(ms: number, before: number): string {
  if (!Number.isFinite(ms)) return `the timestamp is ${ms}, not a number of ms`;
  if (ms === before) return `the timestamp ${isoTime(ms)} is there twice; remove one of the rows`;
  const what = `the timestamp ${isoTime(ms)} comes after ${isoTime(before)}; sort the rows by time, oldest first`;
  return `${what}${clockHint(ms, before)}`;
}

/** Local times go back by up to an hour where the clock is put back. */
function clockHint(ms: number, before: number): string {
  if (before - ms > 3_600_000) return '';
  return '; if they are local times of an hour that comes twice (daylight saving), name their zone (timezone)';
}

function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms}` : date.toISOString();
}

function divisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return Math.abs(a);
}
