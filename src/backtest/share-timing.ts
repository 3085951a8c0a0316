/**
 * When threads beside the calling one gain time: a thread takes a while until it is as fast, and it gains nothing on a
 * machine, or in a container, whose cores are taken.
 */
import { coreTimeOfThread } from '../io/core-time.js';

/** CPU time that a thread takes until it runs at full speed, ms: loading, opening, compiling. */
const THREAD_START_MS = 150;
/** A shorter time says nothing about the machine. */
const WINDOW_MS = 25;
/** What a thread may wait for a core, of the time that it wants one, where another one is likely to be free. */
const MOST_WAITING = 0.25;

/**
 * Rows of a group, some 100 ms of ATC, that are not waited for: threads that start when a long symbol is done would find
 * little left.
 */
const LONG_ROWS = 1_000_000;

export class ShareTiming {
  readonly #rows: number;
  readonly #start = timeNow();
  #window = this.#start;

  constructor(rows: number) {
    this.#rows = rows;
  }

  /** Asked before each group of symbols; `rowsLeft` has its own rows in it. */
  threadsPay(rowsLeft: number, groupRows: number): boolean {
    if (groupRows >= LONG_ROWS && rowsLeft - groupRows >= LONG_ROWS) return true;
    const now = timeNow();
    if (now.ms - this.#window.ms < WINDOW_MS) return false;
    // One quiet moment is none, and a machine that was busy at first may have become free.
    const isFree = [this.#start, this.#window].every((from) => waitingShare(from, now) <= MOST_WAITING);
    this.#window = now;
    const leftMs = ((now.ms - this.#start.ms) / (this.#rows - rowsLeft)) * rowsLeft;
    return isFree && leftMs > THREAD_START_MS;
  }
}

const timeNow = () => ({ ms: performance.now(), ...coreTimeOfThread() });

/** 0 where the system does not tell. */
function waitingShare(from: ReturnType<typeof timeNow>, to: ReturnType<typeof timeNow>): number {
  if (from.waitedMs === undefined || to.waitedMs === undefined) return 0;
  const waitedMs = to.waitedMs - from.waitedMs;
  return waitedMs / Math.max(waitedMs + (to.ranMs ?? 0) - (from.ranMs ?? 0), 1e-6);
}
