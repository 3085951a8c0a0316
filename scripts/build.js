// Builds dist/esm and dist/cjs from one source: two runs of tsc, then rollup (CONTRIBUTING.md, "How the build works").
//   --force    even when nothing has changed since
//   --start    what `npm start` needs and no more: the command in dist/esm, without type checks and declarations
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import { bundle } from './bundle.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');

/** Every file below a directory, depth first. */
function* filesBelow(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const full = path.join(directory, entry.name);
    if (entry.isDirectory()) yield* filesBelow(full);
    else yield full;
  }
}

/** Newest modification time among the inputs of the build, in ms. */
function newestInput() {
  let newest = 0;
  for (const input of ['src', 'plugins', 'scripts/build.js', 'scripts/bundle.js', 'package.json', 'tsconfig.json']) {
    const full = path.join(root, input);
    const files = statSync(full).isDirectory() ? filesBelow(full) : [full];
    for (const file of files) newest = Math.max(newest, statSync(file).mtimeMs);
  }
  return newest;
}

async function compile(directory, options) {
  const project = path.join(directory, 'tsconfig.build.json');
  writeFileSync(project, JSON.stringify(options, null, 2));
  try {
    await new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [tsc, '-p', project], { cwd: directory, stdio: 'inherit' });
      child.on('error', reject);
      child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`tsc ended with code ${code}`))));
    });
  } finally {
    rmSync(project, { force: true });
  }
}

function buildEsm() {
  return compile(root, {
    extends: './tsconfig.json',
    compilerOptions: { types: ['node'], stripInternal: false, sourceMap: true, inlineSources: true },
    include: ['src', 'plugins'],
  });
}

/**
 * Declarations for CommonJS: the sources are copied under a package.json that says `commonjs`, `x.cjs.ts` takes the
 * place of `x.ts` where the two formats differ, and the package's references to itself become relative paths (a
 * folder inside dist is not the package).
 */
async function declareCjs() {
  const target = path.join(dist, 'cjs');
  mkdirSync(target, { recursive: true });
  for (const folder of ['src', 'plugins']) {
    cpSync(path.join(root, folder), path.join(target, folder), {
      recursive: true,
      filter: (source) => !source.startsWith(path.join(root, 'src/cli')),
    });
  }
  for (const file of [...filesBelow(target)]) {
    if (file.endsWith('.cjs.ts')) renameSync(file, file.replace(/\.cjs\.ts$/, '.ts'));
  }
  const subpaths = Object.entries(manifest.exports).filter(([, value]) => typeof value === 'object');
  const exportsMap = Object.fromEntries(
    subpaths.map(([key, { require }]) => [key, require.types.replace('./dist/cjs/', './').replace('.d.ts', '.js')]),
  );
  writeFileSync(
    path.join(target, 'package.json'),
    JSON.stringify({ name: manifest.name, type: 'commonjs', exports: exportsMap }),
  );
  await compile(target, {
    extends: '../../tsconfig.json',
    compilerOptions: {
      rootDir: '.',
      outDir: '.',
      verbatimModuleSyntax: false,
      emitDeclarationOnly: true,
      types: ['node'],
      typeRoots: [path.join(root, 'node_modules/@types')],
    },
    include: ['src', 'plugins'],
    exclude: [],
  });
  for (const file of [...filesBelow(target)]) {
    if (file.endsWith('.ts') && !file.endsWith('.d.ts')) rmSync(file);
    else if (file.endsWith('.d.ts')) rewriteSelfReferences(file, target, exportsMap);
  }
  writeFileSync(path.join(target, 'package.json'), '{ "type": "commonjs" }\n');
}

/** Only after from and inside import(): other strings stay as they are. */
function rewriteSelfReferences(file, target, exportsMap) {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(
    /(from |import\()(['"])atc-memory(\/[\w-]+)?\2/g,
    (whole, keyword, quote, subpath = '') => {
      const to = exportsMap[`.${subpath}`];
      if (to === undefined) return whole;
      let relative = path.relative(path.dirname(file), path.join(target, to)).replaceAll(path.sep, '/');
      if (!relative.startsWith('.')) relative = `./${relative}`;
      return `${keyword}${quote}${relative}${quote}`;
    },
  );
  if (after !== before) writeFileSync(file, after);
}

/** The sources below dist/esm without their types, one file per source as tsc writes them. */
async function transpileEsm() {
  const files = ['src', 'plugins'].flatMap((folder) => [...filesBelow(path.join(root, folder))]);
  await Promise.all(
    files
      .filter((file) => file.endsWith('.ts'))
      .map(async (file) => {
        const target = path.join(dist, 'esm', path.relative(root, file)).replace(/\.ts$/, '.js');
        const { code, map } = await transform(readFileSync(file, 'utf8'), {
          filename: file,
          sourceMaps: true,
          configFile: false,
          swcrc: false,
          jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
        });
        mkdirSync(path.dirname(target), { recursive: true });
        writeFileSync(target, code);
        writeFileSync(`${target}.map`, map);
      }),
  );
}

/** Holds the name of the build that is there: `all`, or `start`. */
const stamp = path.join(dist, '.built');
const wanted = process.argv.includes('--start') ? 'start' : 'all';

function isBuilt() {
  if (process.argv.includes('--force') || !existsSync(stamp) || statSync(stamp).mtimeMs < newestInput()) return false;
  return wanted === 'start' || readFileSync(stamp, 'utf8') === wanted;
}

async function build() {
  const started = performance.now();
  const what =
    wanted === 'start' ? 'the command, a few seconds' : 'ESM, CommonJS and declarations, about half a minute';
  console.error(`building dist (${what}; once, until a source changes) ...`);
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const parts = { manifest, modules: path.join(dist, 'esm') };
  if (wanted === 'start') {
    await transpileEsm();
    await bundle({ ...parts, directory: path.join(dist, 'esm'), folder: 'esm', isQuick: true });
  } else {
    await Promise.all([buildEsm(), declareCjs()]);
    for (const folder of ['esm', 'cjs']) await bundle({ ...parts, directory: path.join(dist, folder), folder });
  }
  writeFileSync(stamp, wanted);
  console.error(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

if (!isBuilt()) await build();
