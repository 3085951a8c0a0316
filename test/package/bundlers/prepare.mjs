// Makes a folder with real bundlers, the built package and its dependencies, without its optional ones: as a user has
// them. Cached.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');

/** The folder, or why there is none: a registry that cannot be reached must not fail a test run. */
export function prepareBundlers() {
  const folder = path.join(root, '.cache/bundlers');
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const own = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'));
  const wanted = JSON.stringify({ ...own, dependencies: { ...manifest.dependencies, ...own.dependencies } });
  try {
    const stamp = path.join(folder, 'installed.json');
    if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'package.json'), wanted);
      const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
      const options = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
      execFileSync(npm, ['install', ...options], { cwd: folder, stdio: 'pipe', encoding: 'utf8', timeout: 300_000 });
      writeFileSync(stamp, wanted);
    }
    const target = path.join(folder, 'node_modules/atc-memory');
    rmSync(target, { recursive: true, force: true });
    for (const name of ['package.json', 'dist']) {
      cpSync(path.join(root, name), path.join(target, name), { recursive: true });
    }
    return { folder };
  } catch (error) {
    return {
      reason: String(error?.stderr ?? error?.message ?? error)
        .trim()
        .split('\n')
        .at(-1),
    };
  }
}
