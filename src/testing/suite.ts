/** The conformance suite of cache stores. */
import { AtcError, shown } from '../errors.js';
import { registerBasics } from './basics.js';
import { registerBeyond } from './beyond.js';
import { registerCoding } from './coding.js';
import { registerGroup, type SuiteRunner } from './runner.js';
import { type CacheStoreFactory, type CacheStoreSuiteOptions, subjectsOf } from './subject.js';

/**
 * Registers the tests that a store has to pass so that `@Compressed` and `withCompression` can wrap it, or, with
 * `compression: false`, so that it does by itself what they do:
 *
 * ```ts
 * cacheStoreSuite({ describe, test }, () => new OwnStore());
 * ```
 *
 * Under jest, vitest or node:test. Every test makes stores of its own. What a store cannot do, or what the options do
 * not say how to try, is left out with a notice. Throws ARGUMENT for what is no runner or factory.
 */
export function cacheStoreSuite<Store extends object>(
  runner: SuiteRunner,
  make: CacheStoreFactory<Store>,
  options: CacheStoreSuiteOptions<Store> = {},
): void {
  if (typeof make !== 'function') {
    throw new AtcError('ARGUMENT', `cacheStoreSuite needs a function that makes a store, got ${shown(make)}`);
  }
  if (typeof options !== 'object' || options === null) {
    throw new AtcError('ARGUMENT', `the options of cacheStoreSuite must be an object, got ${shown(options)}`);
  }
  const subjects = subjectsOf(make, options);
  registerGroup(runner, options.name ?? 'CacheStore conformance', (register) => {
    registerBasics(register, subjects, options);
    registerCoding(register, subjects, options);
    registerBeyond(register, subjects, options);
  });
}
