/** Keyv's own contract suite (written for vitest) under jest, and the number of its tests that ran. */
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import type { Keyv } from 'keyv';

type Suite = typeof keyvTestSuite;

/**
 * Registers all tests for stores made by `store`; `KeyvClass` is what the suite constructs. `changed`: names of tests
 * whose result another version of Keyv has changed; they are left out.
 */
export function runKeyvSuite(KeyvClass: typeof Keyv, store: () => unknown, changed: readonly string[] = []): void {
  let registered = 0;
  const shim = {
    it(name: string, body: (context: { expect: typeof expect }) => unknown) {
      registered++;
      if (changed.includes(name)) return;
      // The suite uses one name twice.
      it(`${name} (${registered})`, async () => {
        await body({ expect });
      });
    },
    beforeEach,
    afterEach,
    beforeAll,
    afterAll,
    describe,
    expect,
  } as unknown as Parameters<Suite>[0];
  keyvTestSuite(shim, KeyvClass as never, store as never);
  keyvIteratorTests(shim, KeyvClass as never, store as never);
  it('the suite is complete', () => {
    expect(registered).toBe(42);
  });
}
