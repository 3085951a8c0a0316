/** A clock that only a test moves: no entry expires because the machine is slow. */
import { jest } from '@jest/globals';

/**
 * Stops `Date.now()` and moves it by `ms`. Timers, promises and file times stay real. `afterEach(realClock)` undoes it.
 */
export function moveClock(ms: number): void {
  const now = Date.now();
  jest.useFakeTimers({
    now: now + ms,
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });
}

export function realClock(): void {
  jest.useRealTimers();
}
