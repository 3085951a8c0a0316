// The ATC kernels against the reference on many random configurations: node bench/atc-oracle.js [--runs 10000] [--seed
// 1] Runs test/atc/kernel.test.ts over the sources and prints how many configurations and bars
// were compared and the largest difference.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
});
const jest = path.join(root, 'node_modules/jest/bin/jest.js');
const run = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    jest,
    'test/atc/kernel.test',
    '--selectProjects',
    'src',
    '--testTimeout',
    String(12 * 3_600_000),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ATC_RANDOM_CASES: values.runs, ATC_RANDOM_SEED: values.seed } },
);
process.exitCode = run.status ?? 1;
