// Runs the example against the real backtest-kit: cold, then warm, then without a cache. The build must be there (npm
// run build).
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { prepareHost } from '../../test/backtest-kit/host/prepare.mjs';

const { folder, reason } = prepareHost();
if (folder === undefined) {
  console.warn(`the example of backtest-kit is left out: it cannot be installed here (${reason})`);
} else {
  const [days = '30'] = process.argv.slice(2);
  cpSync(import.meta.dirname, path.join(folder, 'example'), { recursive: true });
  const cwd = mkdtempSync(path.join(folder, 'start-'));
  const run = (storage) => {
    const args = [path.join(folder, 'example/backtest.js'), storage, days];
    const text = execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    process.stdout.write(text);
    return JSON.parse(text);
  };
  try {
    const outcomes = ['packed', 'packed', 'dummy'].map(run);
    if (new Set(outcomes.map(({ digest }) => digest)).size !== 1) throw new Error('the results differ');
    if (outcomes[1].requests !== 0) throw new Error('the warm run asked the exchange');
    console.log('the same results cold, warm and without a cache');
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
