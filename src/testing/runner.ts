/** The test runner of the caller: jest, vitest, node:test, or anything with `describe` and `test`. */
import { AtcError, shown } from '../errors.js';
import { isObject } from '../services/override.js';

/** What is used of it; `import * as runner from 'node:test'`, vitest's module and jest's globals all fit. */
export interface SuiteRunner {
  /** Groups tests. */
  describe(name: string, body: () => void): unknown;
  /** Registers a test. */
  test?(name: string, body: () => Promise<void>): unknown;
  /** The same, where there is no `test`. */
  it?(name: string, body: () => Promise<void>): unknown;
}

/** Registers a test; its body gets the way to report that it was left out. */
export type Register = (name: string, body: (leaveOut: (why: string) => void) => Promise<void>) => void;

/** Registers what `body` registers as a group, and after it the notice of what was left out. ARGUMENT for no runner. */
export function registerGroup(runner: SuiteRunner, group: string, body: (register: Register) => void): void {
  const test = isObject(runner) ? (runner.test ?? runner.it) : undefined;
  if (typeof test !== 'function' || typeof runner.describe !== 'function') {
    const needed = '{ describe, test } of jest, vitest or node:test';
    throw new AtcError('ARGUMENT', `cacheStoreSuite needs ${needed}, got ${shown(runner)}`);
  }
  const leftOut: string[] = [];
  runner.describe(group, () => {
    body((name, run) => {
      // Without a parameter: jest would take one for a callback, and vitest for fixtures.
      test.call(runner, name, async (...given: unknown[]) => {
        const context = given[0] as { skip?: (why: string) => unknown } | undefined;
        await run((why) => {
          leftOut.push(`${name} (${why})`);
          if (typeof context?.skip === 'function') context.skip(why);
        });
      });
    });
    test.call(runner, 'what could not be tried is reported', async () => {
      if (leftOut.length > 0) console.warn(`${group}, left out:\n${leftOut.join('\n')}`);
    });
  });
}
