// The code of documentation pages, executed:  node scripts/doc-blocks.js [--folder DIR] PAGE …
//
//   ```ts, ```js     a module of its own, run in the page's folder; ts is checked against the built types first
//                    (scripts/doc-types.js). A first line `// name.ext` also writes the file;
//                    a `.cjs` is run as it is
//   ```json, ```yaml a configuration, which `atc config` has to take
//   ```sh            run line by line. Lines `npm install …` are left to scripts/guide-smoke.js,
//                    which installs the tarball
//   ```js bundler    left to test/package/bundlers.test.ts, which has the bundlers
//   ```ts runner     left to scripts/runners-smoke.js, which has vitest and jest; json too
//   ```sh clone      run line by line in the root of this clone
//   ```sh ci         commands of .ci/run, which runs them; here only that they are there
//   ``` alone        a layout of bytes or files: no code
//
// What a block takes for granted stands before it in a comment that readers do not see: `<!-- setup`, TypeScript,
// `-->`. It is put before the code of a block of TypeScript, and run by itself before any other.
//
// A page has one folder, in which `atc` and `atc-memory` are this build; with --folder it is the caller's. Blocks
// that need backtest-kit run beside the real one, or are left out, with a notice, where that cannot be installed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { prepareHost } from '../test/backtest-kit/host/prepare.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const main = path.join(root, 'dist/esm/cli.js');
/** How the code is compiled, here and in scripts/doc-types.js. */
export const COMPILER_OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

/** `{ language, tag, code, setup, line }` of every block of a page, in order. */
export function blocksOf(page) {
  const text = readFileSync(page, 'utf8');
  const pattern = /(?:<!-- setup\n([\s\S]*?)-->\s*)?^```(\w+)?([^\n]*)\n([\s\S]*?)^```$/gm;
  return [...text.matchAll(pattern)].map(({ 1: setup = '', 2: language = '', 3: tag, 4: code, index }) => {
    return { language, tag: tag.trim(), code, setup, line: text.slice(0, index).split('\n').length };
  });
}

function needsHost({ code, setup }) {
  return /['"](atc-memory\/)?backtest-kit['"]/.test(code + setup);
}

/** Below this package, so that what it uses in development is found; the build is linked as a user has it. */
function prepareFolder() {
  const parent = path.join(root, '.cache/docs');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(path.join(parent, 'page-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(root, path.join(folder, 'node_modules/atc-memory'), 'dir');
  return folder;
}

/** A package and the command, as npm would put them there. */
function furnish(folder) {
  mkdirSync(path.join(folder, 'node_modules/.bin'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
  const launcher = path.join(folder, 'node_modules/.bin/atc');
  writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 });
}

function execute(command, args, folder) {
  const PATH = `${path.join(folder, 'node_modules/.bin')}${path.delimiter}${process.env.PATH}`;
  return execFileSync(command, args, { cwd: folder, env: { ...process.env, PATH }, encoding: 'utf8', stdio: 'pipe' });
}

let modules = 0;
function runModule(code, folder) {
  const file = path.join(folder, `block-${++modules}.mjs`);
  writeFileSync(
    file,
    ts.transpileModule(code, { fileName: 'block.mts', compilerOptions: COMPILER_OPTIONS }).outputText,
  );
  execute(process.execPath, [file], folder);
}

function runShell(code, folder) {
  for (const line of code.split('\n')) {
    if (line.trim() === '' || line.startsWith('npm install')) continue;
    execute('sh', ['-ec', line.replace(/^npx atc/, 'atc')], folder);
  }
}

/** In a folder of its own: the page's own configuration may be another one. */
function checkConfiguration(code, extension, folder) {
  const own = mkdtempSync(path.join(folder, 'config-'));
  writeFileSync(path.join(own, 'package.json'), '{}');
  writeFileSync(path.join(own, `atc.config.${extension}`), code);
  execute(process.execPath, [main, 'config'], own);
}

function checkCommandsOfGate(code) {
  const gate = readFileSync(path.join(root, '.ci/run'), 'utf8').split('\n');
  const commands = code.split('\n').flatMap((line) => line.replace(/#.*/, '').split('&&'));
  for (const command of commands.map((one) => one.trim()).filter(Boolean)) {
    if (!gate.some((line) => line.startsWith(command))) throw new Error(`.ci/run does not run ${command}`);
  }
}

function runBlock({ language, tag, code, setup }, folder) {
  if (tag === 'bundler' || tag === 'runner') return;
  const name = /^\/\/ ([\w.-]+\.(?:ts|mjs|cjs))\b/.exec(code)?.[1];
  if (name !== undefined) writeFileSync(path.join(folder, name), code);
  if (name?.endsWith('.cjs')) return execute(process.execPath, [name], folder);
  if (language === 'ts' || language === 'js') return runModule(`${setup}\n${code}`, folder);
  if (setup !== '') runModule(setup, folder);
  if (language === 'json' || language === 'yaml') return checkConfiguration(code, language, folder);
  if (language === 'sh' && tag === 'ci') return checkCommandsOfGate(code);
  if (language === 'sh') return runShell(code, tag === 'clone' ? root : folder);
  if (language !== '') throw new Error(`blocks of ${language} are not run`);
}

/** How many blocks were run; throws at the first one that fails, with its location. */
export function runPage(page, given) {
  const blocks = blocksOf(page);
  const host = blocks.some(needsHost) ? prepareHost() : undefined;
  const folder = given ?? (host?.folder === undefined ? prepareFolder() : mkdtempSync(path.join(host.folder, 'page-')));
  let done = 0;
  try {
    if (given === undefined) furnish(folder);
    for (const block of blocks) {
      if (host?.reason !== undefined && needsHost(block)) {
        console.log(`${page}:${block.line}: not run, there is no backtest-kit here: ${host.reason}`);
        continue;
      }
      try {
        runBlock(block, folder);
      } catch (error) {
        const details = [error.message, error.stderr, error.stdout].filter(Boolean).join('\n');
        throw new Error(`${page}:${block.line}: a block of ${block.language} failed: ${details}`);
      }
      done++;
    }
    return done;
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const at = args.indexOf('--folder');
  const given = at < 0 ? undefined : path.resolve(args.splice(at, 2)[1]);
  for (const page of args) console.log(`${page}: ${runPage(path.resolve(page), given)} blocks`);
}
