/**
 * Runs bundled test files in this process, without Jest: what a mutant needs and no more, in a tenth of a second. The
 * matchers and mocks are Jest's own.
 *
 *     node test/mutation/runner.mjs '{"files": ["a.mjs"], "mutant": "12", "only": ["a.mjs 3"]}'
 *
 * With a mutant it ends with code 1 at the first test that fails, else with 0. Without one it prints a line of JSON: of
 * each test its number in its file, name, duration, failure and mutants that it reached, and the mutants that loading
 * reached.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { format } from 'node:util';
import { expect } from 'expect';
import fc from 'fast-check';
import { ModuleMocker } from 'jest-mock';

const { files, mutant, only } = JSON.parse(process.argv[2]);
const state = (globalThis.__stryker__ = { activeMutant: mutant });
fc.configureGlobal({ seed: 7 });

/** A suite: its hooks and, in the order of the file, its tests and suites. */
const suiteOf = (name, parent) => ({ name, parent, items: [], before: [], after: [], beforeEach: [], afterEach: [] });
let suite = suiteOf('');

/** Rows of `each`: a list is the arguments, anything else the only one. */
const each = (add) => (rows) => (name, run, timeout) => {
  for (const row of rows) {
    const values = Array.isArray(row) ? row : [row];
    const shown = values.slice(0, name.split('%').length - 1);
    add(format(name, ...shown), () => run(...values), timeout);
  }
};
const addTest = (name, run) => suite.items.push({ name, run });
const addSuite = (name, fill) => {
  const outer = suite;
  suite = suiteOf(name, outer);
  outer.items.push(suite);
  fill();
  suite = outer;
};
const skip = Object.assign(() => {}, { each: () => () => {} });
const hook = (kind) => (run) => suite[kind].push(run);

/** Replaces a built-in module for every import of it, as `jest.unstable_mockModule` would for later ones. */
function mockBuiltin(name, factory) {
  const builtin = createRequire(import.meta.url)(name);
  for (const [key, value] of Object.entries(factory())) if (builtin[key] !== value) builtin[key] = value;
  syncBuiltinESMExports();
}
const mocker = new ModuleMocker(globalThis);
const bound = (name) => mocker[name].bind(mocker);
const test = Object.assign(addTest, { each: each(addTest), skip });
Object.assign(globalThis, {
  expect,
  describe: Object.assign(addSuite, { each: each(addSuite), skip }),
  test,
  it: test,
  beforeAll: hook('before'),
  afterAll: hook('after'),
  beforeEach: hook('beforeEach'),
  afterEach: hook('afterEach'),
  jest: {
    spyOn: bound('spyOn'),
    fn: bound('fn'),
    restoreAllMocks: bound('restoreAllMocks'),
    unstable_mockModule: mockBuiltin,
  },
});

const results = [];
let failed = false;
let number = 0;
let file;
const suites = (one) => (one === undefined ? [] : [...suites(one.parent), one]);

async function runTest({ name, run }, around) {
  const id = `${file} ${number++}`;
  if (only !== undefined && !only.includes(id)) return;
  if (mutant === undefined) state.currentTestId = id;
  const start = performance.now();
  let failure;
  try {
    for (const { beforeEach } of around) for (const before of beforeEach) await before();
    await run();
  } catch (error) {
    failure = error;
  }
  try {
    for (const { afterEach } of around.toReversed()) for (const after of afterEach) await after();
  } catch (error) {
    failure ??= error;
  }
  if (failure !== undefined) failed = true;
  results.push({ id, file, name, ms: performance.now() - start, failure: failure && String(failure.stack ?? failure) });
}

async function runSuite(one) {
  for (const before of one.before) await before();
  for (const item of one.items) {
    if (failed && mutant !== undefined) break;
    await ('items' in item ? runSuite(item) : runTest(item, suites(one)));
  }
  state.currentTestId = undefined;
  for (const after of one.after) await after();
}

try {
  for (file of files) {
    const top = suiteOf('');
    suite = top;
    number = 0;
    await import(file);
    await runSuite(top);
  }
} catch (error) {
  if (mutant === undefined) throw error;
  failed = true;
}
if (mutant !== undefined) process.exit(failed ? 1 : 0);
const { static: loaded = {}, perTest = {} } = state.mutantCoverage ?? {};
for (const result of results) result.reached = Object.keys(perTest[result.id] ?? {});
console.log(JSON.stringify({ results, loaded: Object.keys(loaded) }));
process.exit(0);
