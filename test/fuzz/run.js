// Any number of fuzz cases by hand:
//   node test/fuzz/run.js --cases 1000000 --seed 7 [--only column|frame|numeric|words|coder]
// Runs in batches, one process each, so that a hang is an error with its seeds and not a silence; stops at the first
// failure.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TARGETS = {
  column: 'column-codecs',
  frame: 'frame-fuzz',
  numeric: 'numeric-chunk',
  words: 'words-chunk',
  coder: 'coder-fuzz',
};
const BATCH_CASES = 25_000;
/** A batch takes one to three minutes on one slow core. */
const BATCH_MS = 30 * 60_000;

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const targets = values.only === undefined ? Object.keys(TARGETS) : [values.only];
const cases = Number(values.cases);
const firstSeed = Number(values.seed);
if (!targets.every((target) => target in TARGETS) || !(cases > 0) || !(firstSeed > 0)) {
  console.error(`usage: node test/fuzz/run.js [--cases N] [--seed N] [--only ${Object.keys(TARGETS).join('|')}]`);
  process.exit(2);
}

function runBatch(target, seed, count) {
  const jest = path.join(root, 'node_modules/jest/bin/jest.js');
  const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest, '-w', '1'];
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [...args, '--selectProjects', 'src', '--testTimeout', `${BATCH_MS}`, '--', `test/fuzz/${TARGETS[target]}`],
    {
      cwd: root,
      encoding: 'utf8',
      timeout: BATCH_MS,
      killSignal: 'SIGKILL',
      env: { ...process.env, ATC_FUZZ_CASES: `${count}`, ATC_FUZZ_SEED: `${seed}` },
    },
  );
  if (status === 0) return;
  console.error(
    `${target}: a case of seeds ${seed} to ${seed + count - 1} ${error ? `hangs (${error.message})` : 'fails'}`,
  );
  console.error(stdout + stderr);
  process.exit(1);
}

for (const target of targets) {
  for (let done = 0; done < cases; ) {
    const count = Math.min(BATCH_CASES, cases - done);
    const started = performance.now();
    runBatch(target, firstSeed + done, count);
    done += count;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(
      `${target}: ${done} of ${cases} cases from seed ${firstSeed}, none failed (${seconds} s for the last ${count})`,
    );
  }
}
