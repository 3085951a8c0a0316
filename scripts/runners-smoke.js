// The recipes of docs/frameworks.md for test runners, followed literally: the packed tarball beside the real runner in an
// empty folder, with the page's test, tsconfig.json and configuration.
//   node scripts/runners-smoke.js [vitest] [ts-jest] [swc-jest]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { blocksOf } from './doc-blocks.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const page = path.join(root, 'docs/frameworks.md');
const folder = mkdtempSync(path.join(tmpdir(), 'atc-runners-'));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const [major] = process.versions.node.split('.').map(Number);
const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const versioned = (name) => `${name}@${devDependencies[name]}`;

/** The blocks of the page whose first line names the file, without that line. */
function filesOf(name) {
  const first = `// ${name}\n`;
  return blocksOf(page).flatMap(({ code }) => (code.startsWith(first) ? [code.slice(first.length)] : []));
}

function only(name, text) {
  const found = filesOf(name).filter((code) => code.includes(text));
  if (found.length !== 1) throw new Error(`${page} has ${found.length} blocks of ${name} with "${text}"`);
  return found[0];
}

const JEST = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];
const vitest = (...args) => ['node_modules/vitest/vitest.mjs', 'run', ...args];
/** Packages as npm is given them, configuration, and the commands that have to pass. */
const RUNNERS = {
  // Version 5 needs Node 22.12.
  vitest: {
    packages: [major < 22 ? 'vitest@4' : 'vitest@5'],
    runs: [vitest(), vitest('--pool', 'vmThreads')],
  },
  'ts-jest': {
    packages: [versioned('jest'), 'ts-jest@29', versioned('typescript'), versioned('@types/node')],
    config: only('jest.config.mjs', 'ts-jest'),
    runs: [JEST],
  },
  'swc-jest': {
    packages: ['jest', '@swc/jest', '@swc/core'].map(versioned),
    config: only('jest.config.mjs', '@swc/jest'),
    runs: [JEST],
  },
};

function run(command, args, cwd) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000 });
  } catch (error) {
    console.log('failed');
    console.error(error.stdout, error.stderr);
    throw error;
  }
}

function use(name, tarball) {
  const { packages, config, runs } = RUNNERS[name];
  const cwd = path.join(folder, name);
  mkdirSync(cwd);
  cpSync(tarball, path.join(cwd, 'atc-memory.tgz'));
  writeFileSync(path.join(cwd, 'package.json'), '{ "private": true, "type": "module" }\n');
  writeFileSync(path.join(cwd, 'tsconfig.json'), only('tsconfig.json', ''));
  const test = only('marks.test.ts', "from 'vitest'");
  writeFileSync(
    path.join(cwd, 'marks.test.ts'),
    name === 'vitest' ? test : test.replace("from 'vitest'", "from '@jest/globals'"),
  );
  if (config !== undefined) writeFileSync(path.join(cwd, 'jest.config.mjs'), config);
  process.stdout.write(`runners smoke: npm install atc-memory ${packages.join(' ')} … `);
  run(npm, ['install', '--no-audit', '--no-fund', '--loglevel=error', './atc-memory.tgz', ...packages], cwd);
  for (const args of runs) run(process.execPath, args, cwd);
  console.log('ok');
}

try {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !Object.hasOwn(RUNNERS, name));
  if (unknown.length > 0) throw new Error(`no such runner: ${unknown.join(', ')}`);
  execFileSync(process.execPath, [path.join(root, 'scripts/build.js')], { stdio: 'inherit' });
  run(npm, ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  for (const name of Object.keys(RUNNERS)) {
    if (asked.length === 0 || asked.includes(name)) use(name, path.join(folder, tarball));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
