// The contract tests and a TypeScript configuration on Bun and Deno, as npm installs them:
//   node scripts/runtimes-smoke.js [bun] [deno]
// Where one cannot be installed, that is printed, and nothing fails.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const folder = mkdtempSync(path.join(tmpdir(), 'atc-runtimes-'));
const COMMANDS = { bun: ['bun', []], deno: ['deno', ['run', '-A']] };
const asked = process.argv.slice(2);
const runtimes = Object.keys(COMMANDS).filter((name) => asked.length === 0 || asked.includes(name));
const tests = readdirSync(path.join(root, 'test'), { recursive: true })
  .filter((name) => name.endsWith('.contract.test.ts'))
  .sort()
  .map((name) => path.join('test', name));

/** A configuration in TypeScript, marks, a cache and mapped history, as docs/frameworks.md has them. */
const PROGRAM = `
import { applyFeatures, Compressed, createMemoryMappedArray, isCompressed, loadConfig,
  loadMemoryMappedArray } from 'atc-memory';
class CandleCache extends Map {}
Compressed()(CandleCache);
const config = await loadConfig();
const cache = applyFeatures(new CandleCache(), config);
cache.set('closes', Float64Array.from({ length: 5000 }, (_, i) => 100 + (i % 40) / 8));
if (!isCompressed(cache) || cache.get('closes')[41] !== 100.125) throw new Error('not what was set');
(await createMemoryMappedArray(Float64Array.of(1, -0, NaN), 'closes.npy', { mode: 'w+' })).close();
const mapped = await loadMemoryMappedArray('closes.npy', { mode: 'r' });
if (!Object.is(mapped.at(1), -0)) throw new Error('other bits');
console.log('mapping with', mapped.backend);
mapped.close();
`;

function use(name) {
  const cwd = path.join(folder, name);
  mkdirSync(path.join(cwd, 'node_modules'), { recursive: true });
  writeFileSync(path.join(cwd, 'package.json'), '{ "private": true, "type": "module" }');
  try {
    const options = ['install', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', path.join(cwd, 'runtime')];
    execFileSync(npm, [...options, name], { cwd, stdio: 'pipe', encoding: 'utf8', timeout: 300_000 });
  } catch (error) {
    const [line] = String(error.stderr || error.message)
      .trim()
      .split('\n');
    console.log(`runtimes: ${name} is LEFT OUT, it cannot be installed here: ${line}`);
    return;
  }
  const [command, args] = COMMANDS[name];
  const program = path.join(cwd, 'runtime/node_modules/.bin', command);
  const run = (files, from) => execFileSync(program, [...args, ...files], { cwd: from, stdio: 'inherit' });
  console.log(`runtimes: ${name} ${execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0]}`);
  symlinkSync(root, path.join(cwd, 'node_modules/atc-memory'), 'dir');
  writeFileSync(
    path.join(cwd, 'atc.config.ts'),
    "import { defineConfig } from 'atc-memory';\nexport default defineConfig({ useCompression: true as const });\n",
  );
  writeFileSync(path.join(cwd, 'program.mjs'), PROGRAM);
  run(['program.mjs'], cwd);
  run([path.join(root, 'scripts/contract-runner.js'), ...tests], root);
}

try {
  for (const name of runtimes) use(name);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
