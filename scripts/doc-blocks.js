// Runs the code of documentation pages, in order, in one empty folder per page:  node scripts/doc-blocks.js [--folder DIR] PAGE …
//
//   ```ts run        executed (a first line `// name.ext` also writes that file)      ```ts file   only written under that name
//   ```ts            must parse, and the names it imports from this package must exist
//   ```ts sketch     not looked at: parts are left out
//   ```sh run        executed line by line                                             ```sh        its `atc` and `npm run` lines must exist
//
// Without --folder a folder is made in which `atc` and `atc-memory` are this build. Lines `npm install …` are left to the caller.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const main = path.join(root, 'dist/esm/cli.js');

export function blocksOf(page) {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```(\w+)?([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, language = '', tags, code]) => {
    return { language, tag: tags.trim(), code, line: text.slice(0, text.indexOf(code)).split('\n').length };
  });
}

function prepare() {
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-docs-'));
  mkdirSync(path.join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync(root, path.join(folder, 'node_modules/atc-memory'), 'dir');
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
  const launcher = path.join(folder, 'node_modules/.bin/atc');
  writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 });
  return folder;
}

function execute(command, args, folder) {
  const PATH = `${path.join(folder, 'node_modules/.bin')}${path.delimiter}${process.env.PATH}`;
  return execFileSync(command, args, { cwd: folder, env: { ...process.env, PATH }, encoding: 'utf8', stdio: 'pipe' });
}

async function checkTypeScript(code) {
  const { diagnostics = [] } = ts.transpileModule(code, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, experimentalDecorators: true },
  });
  if (diagnostics.length > 0) throw new Error(ts.flattenDiagnosticMessageText(diagnostics[0].messageText, '\n'));
  for (const [, names, subpath = ''] of code.matchAll(/import \{([^}]*)\} from 'atc-memory(\/[\w-]+)?'/g)) {
    const found = await import(path.join(root, 'dist/esm', `${subpath.slice(1) || 'index'}.js`));
    for (const name of names.split(',').map((one) => one.trim().split(' as ')[0])) {
      if (name !== '' && !name.startsWith('type ') && !(name in found)) throw new Error(`no export ${name}`);
    }
  }
}

function checkShell(code) {
  for (const line of code.split('\n')) {
    const [, command] = /^(?:npx )?atc ([a-z]+)/.exec(line) ?? [];
    if (command !== undefined) {
      const help = execFileSync(process.execPath, [main, command, '--help'], { encoding: 'utf8' });
      for (const [flag] of line.replace(/#.*/, '').matchAll(/--[a-z-]+/g)) {
        if (!help.includes(flag) && flag !== '--help') throw new Error(`atc ${command} has no ${flag}`);
      }
    }
    const [, script] = /npm (?:run )?(start|test|run [\w-]+|bench|docs)\b/.exec(line) ?? [];
    if (script !== undefined && !(script.replace('run ', '') in manifest.scripts))
      throw new Error(`no script ${script}`);
  }
}

let count = 0;
async function runBlock({ language, tag, code }, folder) {
  const named = /^\/\/ ([\w.-]+\.(?:ts|js|json|csv))\n/.exec(code)?.[1];
  if (language === 'ts' && tag === 'file') return writeFileSync(path.join(folder, named), code);
  if (language === 'ts' && tag === 'run') {
    await checkTypeScript(code);
    const file = path.join(folder, `${named?.replace(/\.ts$/, '') ?? `block-${++count}`}.mjs`);
    const target = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    writeFileSync(file, ts.transpileModule(code, { compilerOptions: target }).outputText);
    return execute(process.execPath, [file], folder);
  }
  // Parts left out on purpose, with an ellipsis: no code that could be parsed.
  if (language === 'ts' && tag === 'sketch') return undefined;
  if (language === 'ts') return checkTypeScript(code);
  if (language !== 'sh') return undefined;
  checkShell(code);
  if (tag !== 'run') return undefined;
  for (const line of code.split('\n')) {
    if (line.trim() !== '' && !line.startsWith('npm install'))
      execute('sh', ['-c', line.replace(/^npx atc/, 'atc')], folder);
  }
  return undefined;
}

/** The number of blocks; throws at the first one that fails, with its place. */
export async function runPage(page, given) {
  const folder = given ?? prepare();
  try {
    const blocks = blocksOf(page);
    for (const block of blocks) {
      try {
        await runBlock(block, folder);
      } catch (error) {
        const said = [error.message, error.stderr, error.stdout].filter(Boolean).join('\n');
        throw new Error(`${page}:${block.line}: a block of ${block.language} failed: ${said}`);
      }
    }
    return blocks.length;
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const at = args.indexOf('--folder');
  const given = at < 0 ? undefined : path.resolve(args.splice(at, 2)[1]);
  for (const page of args) console.log(`${page}: ${await runPage(path.resolve(page), given)} blocks`);
}
