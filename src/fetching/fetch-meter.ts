/** How far a fetch is, and how long the rest takes at its present pace. */
import type { FetchProgress } from './options.js';
import type { Requests } from './requests.js';
import type { SymbolHistory } from './symbol-history.js';

/** A share of the work this small predicts nothing about the rest. */
const LEAST_SHARE = 0.002;
/** What is missing is counted span by span: not for every page of a large history. */
const COUNT_EVERY_MS = 50;

export class FetchMeter {
  readonly #requests: Requests;
  readonly #onProgress: ((progress: FetchProgress) => void) | undefined;
  #histories: readonly SymbolHistory[] = [];
  #total = 0;
  #missing = 0;
  #countedAt = Number.NEGATIVE_INFINITY;
  #since = 0;
  #symbol = '';

  constructor(requests: Requests, onProgress: ((progress: FetchProgress) => void) | undefined) {
    this.#requests = requests;
    this.#onProgress = onProgress;
  }

  begin(histories: readonly SymbolHistory[]): void {
    this.#histories = histories;
    this.#total = this.#count();
    this.#since = performance.now();
  }

  /** `symbol`: whose page has come; left out when something else has changed. */
  report(symbol = this.#symbol): void {
    this.#symbol = symbol;
    if (this.#onProgress === undefined) return;
    const now = performance.now();
    if (now - this.#countedAt >= COUNT_EVERY_MS) {
      this.#missing = this.#count();
      this.#countedAt = now;
    }
    const share = this.#total === 0 ? 1 : Math.min(1, Math.max(0, 1 - this.#missing / this.#total));
    const elapsed = now - this.#since;
    const { sent, repeated, pausedUntil } = this.#requests;
    this.#onProgress({
      symbol,
      rows: this.#histories.reduce((sum, { added }) => sum + added, 0),
      requests: sent,
      repeated,
      share,
      remainingMs: share < LEAST_SHARE ? undefined : Math.round((elapsed * (1 - share)) / share),
      waitingUntil: pausedUntil > Date.now() ? pausedUntil : undefined,
    });
  }

  #count(): number {
    return this.#histories.reduce((sum, { missing }) => sum + missing, 0);
  }
}
