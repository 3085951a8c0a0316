// Builds dist/esm and dist/cjs from one source with two runs of tsc (CONTRIBUTING.md, "How the build works").
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
  for (const input of ['src', 'plugins', 'scripts/build.js', 'package.json', 'tsconfig.json']) {
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
    compilerOptions: { types: ['node'], stripInternal: false },
    include: ['src', 'plugins'],
  });
}

/**
 * CommonJS: the sources are copied under a package.json that says `commonjs`, `x.cjs.ts` takes the place of `x.ts` where the
 * two formats differ, and the package's references to itself become relative paths (a folder inside dist is not the package).
 */
function buildCjs() {
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
  const asCjs = (to) => to.replace('./dist/esm/', './').replace('./dist/cjs/', './');
  const subpaths = Object.entries(manifest.exports).filter(([, value]) => typeof value === 'object');
  const exportsMap = Object.fromEntries(subpaths.map(([key, value]) => [key, asCjs(value.require.default)]));
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
      types: ['node'],
      typeRoots: [path.join(root, 'node_modules/@types')],
    },
    include: ['src', 'plugins'],
    exclude: [],
  });
  for (const file of [...filesBelow(target)]) {
    if (file.endsWith('.ts') && !file.endsWith('.d.ts')) rmSync(file);
    else if (file.endsWith('.js') || file.endsWith('.d.ts')) rewriteSelfReferences(file, target, exportsMap);
  }
  writeFileSync(path.join(target, 'package.json'), '{ "type": "commonjs" }\n');
}

/** Only inside require(), from and import(): strings such as the brand 'atc-memory/error' stay as they are. */
function rewriteSelfReferences(file, target, exportsMap) {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(
    /(require\(|from |import\()(['"])atc-memory(\/[\w-]+)?\2/g,
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
  buildCjs();
  writeFileSync(stamp, '');
}
