/**
 * Every function and class of every entry point, called with arguments of the wrong kind: what it throws is an AtcError
 * with a code, never a TypeError, a RangeError or an error of Node. Accepting an argument is fine; what a call starts
 * is closed again.
 */
import { readFileSync } from 'node:fs';
import { ENTRIES, FUNCTIONS, isClass, RIGHT, useFolder } from './entries.js';
import { failureOf, tryAll } from './kinds.js';

useFolder();

/** Throws for everything that is done with it. */
const throwing = () =>
  new Proxy(
    {},
    {
      get: () => {
        throw new RangeError('trap');
      },
      ownKeys: () => {
        throw new RangeError('trap');
      },
      getOwnPropertyDescriptor: () => {
        throw new RangeError('trap');
      },
    },
  );

test('every entry point of the package is looked at, and every function with arguments has right ones', () => {
  const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const due = Object.keys(exports).filter((name) => name !== './package.json');
  expect(ENTRIES.map(([name]) => name).sort()).toEqual(due.sort());
  const without = FUNCTIONS.filter(([, name, target]) => target.length > 1 && RIGHT[name] === undefined);
  expect(without.map(([entry, name]) => `${entry} ${name}`)).toEqual([]);
});

test.each(FUNCTIONS)('%s %s', async (_entry, name, target) => {
  const call = (args: unknown[]) => () => (isClass(target) ? Reflect.construct(target, args) : target(...args));
  const failures = await tryAll(
    (args) => call(args)(),
    () => RIGHT[name]?.() ?? [undefined],
  );
  const failure = await failureOf(call([throwing()]));
  if (failure !== undefined && !failure.includes('trap')) failures.push(`a Proxy that throws: ${failure}`);
  expect(failures).toEqual([]);
});
