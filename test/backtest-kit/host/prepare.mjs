// Makes a folder with the real backtest-kit and this package's build side by side, as a user's project has them. Cached
// between runs.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');

/** Packages of the host that must be there for it to load. */
const NEEDED = ['backtest-kit', 'di-kit', 'di-scoped', 'di-singleton', 'functools-kit', 'get-moment-stamp'];

/**
 * The folder to run programs in, or why there is none: a registry without the package must not fail a test run.
 * `refresh` brings the built package up to date.
 */
export function prepareHost() {
  const folder = path.join(root, '.cache/backtest-kit-host');
  try {
    install(folder);
    link(folder);
    return { folder };
  } catch (error) {
    return {
      reason: String(error?.stderr ?? error?.message ?? error)
        .trim()
        .split('\n')
        .slice(-3)
        .join(' '),
    };
  }
}

function install(folder) {
  const wanted = readFileSync(path.join(here, 'package.json'), 'utf8');
  const stamp = path.join(folder, 'installed.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(here, 'package.json'), path.join(folder, 'package.json'));
  cpSync(path.join(here, 'di-singleton'), path.join(folder, 'di-singleton'), { recursive: true });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
  execFileSync(npm, ['install', ...options], { cwd: folder, stdio: 'pipe', encoding: 'utf8', timeout: 300_000 });
  const missing = NEEDED.filter((name) => !existsSync(path.join(folder, 'node_modules', name)));
  if (missing.length > 0) throw new Error(`npm install left out ${missing.join(', ')}`);
  writeFileSync(stamp, wanted);
}

/** A copy, not a link: modules are resolved from where a file really lies, and the host lies beside the copy. */
function link(folder) {
  const built = path.join(root, 'dist/.built');
  if (!existsSync(built)) throw new Error('dist is missing: npm run build first');
  const target = path.join(folder, 'node_modules/atc-memory');
  const stamp = path.join(target, 'dist/.built');
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(built).mtimeMs) return;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  cpSync(path.join(root, 'package.json'), path.join(target, 'package.json'));
  cpSync(path.join(root, 'dist'), path.join(target, 'dist'), { recursive: true, preserveTimestamps: false });
}
