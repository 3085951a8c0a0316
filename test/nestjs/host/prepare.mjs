// Folders with NestJS 11 and 12 and this package's build, as a user's project has them. NestJS 12 is a development
// dependency of the package; 11 is installed, once, into a folder of its own: the two cannot live side by side.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const NEST_11 = {
  '@nestjs/cache-manager': '^3.1.3',
  '@nestjs/common': '^11.2.10',
  '@nestjs/core': '^11.2.10',
  '@nestjs/platform-express': '^11.2.10',
  'cache-manager': '^7.2.9',
  keyv: '^5.6.0',
  'reflect-metadata': '^0.2.2',
  rxjs: '^7.8.1',
};

/** The folder of each version, or why there is none: a registry that cannot be reached must not fail a test run. */
export function prepareNest() {
  return [prepare(11, NEST_11), prepare(12, {})];
}

function prepare(version, dependencies) {
  const folder = path.join(root, `.cache/nest-${version}`);
  try {
    install(folder, dependencies);
    linkPackage(folder, Object.keys(dependencies).length > 0);
    return { version, folder };
  } catch (error) {
    const lines = String(error?.stderr ?? error?.message ?? error).trim();
    return { version, reason: lines.split('\n').at(-1) };
  }
}

function install(folder, dependencies) {
  const wanted = JSON.stringify({ private: true, dependencies });
  const stamp = path.join(folder, 'installed.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), wanted);
  if (Object.keys(dependencies).length > 0) {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
    execFileSync(npm, ['install', ...options], { cwd: folder, stdio: 'pipe', encoding: 'utf8', timeout: 300_000 });
  }
  writeFileSync(stamp, wanted);
}

/** A copy where the host lies in the folder, because modules are resolved from where a file really lies. */
function linkPackage(folder, isCopy) {
  if (!existsSync(path.join(root, 'dist/.built'))) throw new Error('dist is missing: npm run build first');
  const target = path.join(folder, 'node_modules/atc-memory');
  rmSync(target, { recursive: true, force: true });
  if (!isCopy) return symlinkSync(root, target, 'dir');
  for (const name of ['package.json', 'dist'])
    cpSync(path.join(root, name), path.join(target, name), { recursive: true });
}
