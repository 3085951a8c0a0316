// Totals of jest's JSON files as plain lines:  node scripts/test-totals.js FILE … A test that is in several files
// counts once: failed if it failed in one of them, passed if it passed in one. The line before the last says how many
// were left out and why, the last is `N passed, N failed`. Exit 1 when a test or a file of tests failed, or when none
// passed.
import { readFileSync } from 'node:fs';

const UNNAMED = 'a program, a package or the build is missing, see the warnings of the tests';

/** Outcomes by test: file, which of the projects that run it, full name, and which of several tests of that name. */
function outcomesOf(files) {
  const outcomes = new Map();
  let broken = 0;
  for (const file of files) {
    const runs = new Map();
    const numbered = (counts, name) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return `${name}\0${counts.get(name)}`;
    };
    for (const { name, status, assertionResults } of JSON.parse(readFileSync(file, 'utf8')).testResults) {
      if (status === 'failed' && !assertionResults.some((one) => one.status === 'failed')) broken += 1;
      const run = numbered(runs, name);
      // What an earlier run left out of this file, this one had another chance to run.
      for (const [id, { outcome }] of outcomes)
        if (id.startsWith(`${run}\0`) && outcome === 'pending') outcomes.delete(id);
      const titles = new Map();
      for (const { fullName, title, status: outcome } of assertionResults) {
        const id = `${run}\0${numbered(titles, fullName)}`;
        const before = outcomes.get(id)?.outcome;
        const known = [before, outcome].includes('failed')
          ? 'failed'
          : [before, outcome].find((one) => one === 'passed');
        outcomes.set(id, { title, outcome: known ?? outcome });
      }
    }
  }
  return { outcomes: [...outcomes.values()], broken };
}

const { outcomes, broken } = outcomesOf(process.argv.slice(2));
const count = (wanted) => outcomes.filter(({ outcome }) => outcome === wanted).length;
const [passed, failed] = [count('passed'), count('failed') + broken];
const reasons = new Map();
for (const { title, outcome } of outcomes) {
  if (outcome === 'passed' || outcome === 'failed') continue;
  const reason = /^left out: (.*)$/.exec(title)?.[1] ?? UNNAMED;
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}
const left = [...reasons].map(([reason, tests]) => `${tests} (${reason})`);
console.log(`left out: ${left.length === 0 ? 'none' : left.join('; ')}`);
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || passed === 0) process.exitCode = 1;
