/**
 * Long work lets the event loop run now and then, so that signals, timers and requests of the host are served: also
 * Ctrl-C.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

const TURN_MS = 50;

export class Turns {
  #last = performance.now();
  readonly #signal: AbortSignal | undefined;
  readonly #turnMs: number;

  /** `turnMs`: how long the event loop may wait. */
  constructor(signal?: AbortSignal, turnMs = TURN_MS) {
    this.#signal = signal;
    this.#turnMs = turnMs;
  }

  /** The loop has waited long enough. Asked first, because a promise per block costs more than the question. */
  get due(): boolean {
    return performance.now() - this.#last > this.#turnMs;
  }

  /** Throws the signal's reason when it was aborted. */
  async take(): Promise<void> {
    this.#signal?.throwIfAborted();
    await nextTurn();
    this.#last = performance.now();
    this.#signal?.throwIfAborted();
  }
}
