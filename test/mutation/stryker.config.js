/**
 * Mutation testing, by hand (docs/reliability.md). Not a dependency: npx fetches it.
 *
 *     ATC_MUTATE=frame npx --package @stryker-mutator/core@9.6.1 --package @stryker-mutator/jest-runner@9.6.1 \
 *       stryker run test/mutation/stryker.config.js
 */
import { chosenGroup } from './groups.js';

export default {
  testRunner: 'jest',
  plugins: [process.env.ATC_MUTATE_RUNNER ?? '@stryker-mutator/jest-runner'],
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { configFile: 'test/mutation/jest.config.js', enableFindRelatedTests: false },
  // Types are removed, not checked: no such file, nothing to rewrite.
  tsconfigFile: 'test/mutation/none.json',
  coverageAnalysis: 'perTest',
  mutate: chosenGroup().mutate,
  ignorePatterns: ['/assembly', '/docs', '/bench', '/examples'],
  concurrency: 1,
  timeoutMS: 20_000,
  reporters: ['clear-text', 'json'],
  clearTextReporter: { reportTests: false, logTests: false },
};
