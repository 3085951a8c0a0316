// Builds dist/esm and dist/cjs from one source: two runs of tsc, then rollup (CONTRIBUTING.md, "How the build works").
import { execFileSync } from 'node:child_process';
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

function compile(directory, options) {
  const project = path.join(directory, 'tsconfig.build.json');
  writeFileSync(project, JSON.stringify(options, null, 2));
  try {
    execFileSync(process.execPath, [tsc, '-p', project], { cwd: directory, stdio: 'inherit' });
  } finally {
    rmSync(project, { force: true });
  }
}

function buildEsm() {
  compile(root, {
    extends: './tsconfig.json',
    compilerOptions: { types: ['node'], stripInternal: false, sourceMap: true, inlineSources: true },
    include: ['src', 'plugins'],
  });
}

/**
 * Declarations for CommonJS: the sources are copied under a package.json that says `commonjs`, `x.cjs.ts` takes the place of `x.ts`
 * where the two formats differ, and the package's references to itself become relative paths (a folder inside dist is not the package).
 */
function declareCjs() {
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
  compile(target, {
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

const stamp = path.join(dist, '.built');
if (process.argv.includes('--force') || !existsSync(stamp) || statSync(stamp).mtimeMs < newestInput()) {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  buildEsm();
  declareCjs();
  for (const folder of ['esm', 'cjs']) {
    await bundle({ manifest, modules: path.join(dist, 'esm'), directory: path.join(dist, folder), folder });
  }
  writeFileSync(stamp, '');
}
