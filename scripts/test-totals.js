// Prints jest's totals as one plain line; fails when no test ran, or when one failed.
import { readFileSync } from 'node:fs';

const {
  numPassedTests: passed,
  numFailedTests: failed,
  numFailedTestSuites: failedSuites,
} = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(`${passed} passed, ${Math.max(failed, failed === 0 ? failedSuites : 0)} failed`);
if (failed > 0 || failedSuites > 0 || passed === 0) process.exitCode = 1;
