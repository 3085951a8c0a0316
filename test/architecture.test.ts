import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** Lowest first: a file imports its own layer or one below. */
const LAYERS = [
  [
    'src/errors',
    'src/arguments',
    'src/dtype',
    'src/nearest',
    'src/bisect',
    'src/events',
    'src/feature-mode',
    'src/require-now',
    'src/module-location',
    'src/remote-url',
    'src/table',
  ],
  ['src/kernels'],
  ['src/codec'],
  ['src/browser'],
  ['src/io'],
  ['src/value'],
  ['src/array'],
  ['src/formats'],
  ['src/candle-store'],
  ['src/cache-directory'],
  ['src/entries'],
  ['src/remote'],
  ['src/dataset'],
  ['src/fetching'],
  ['src/config'],
  ['src/services'],
  ['src/testing'],
  ['src/backtest'],
  ['src/report'],
  ['src/sweep'],
  ['src/index'],
  ['plugins'],
  ['src/cli'],
];
const NATIVE = ['mmap-io', 'koffi', 'lz4-napi'];
const FILE_SYSTEM = ['node:fs', 'node:fs/promises', 'fs', 'fs/promises'];

function sourceFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name).replaceAll(path.sep, '/'));
}

interface Import {
  readonly file: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Static imports, re-exports, dynamic imports and require() calls of literal names. */
function importsOf(file: string): Import[] {
  const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      const typeOnly = ts.isImportDeclaration(node)
        ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        : node.isTypeOnly;
      found.push({ file, to: (node.moduleSpecifier as ts.StringLiteral).text, typeOnly: typeOnly === true });
    }
    if (ts.isCallExpression(node) && node.arguments.length === 1 && ts.isStringLiteral(node.arguments[0])) {
      const callee = node.expression;
      const name = ts.isIdentifier(callee) ? callee.text : '';
      if (callee.kind === ts.SyntaxKind.ImportKeyword || /^require|Require$/.test(name)) {
        found.push({ file, to: node.arguments[0].text, typeOnly: false });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function layerOf(file: string): number {
  const layer = LAYERS.findIndex((names) => names.some((name) => file === `${name}.ts` || file.startsWith(`${name}/`)));
  if (layer < 0) throw new Error(`${file} is in no layer: add it to LAYERS or move it`);
  return layer;
}

const files = [...sourceFiles('src'), ...sourceFiles('plugins')];
const imports = files.flatMap(importsOf);
const relative = imports.filter(({ to }) => to.startsWith('.'));
const external = imports.filter(({ to }) => !to.startsWith('.'));
const resolved = (one: Import) => path.posix.join(path.posix.dirname(one.file), one.to).replace(/\.js$/, '.ts');

describe('architecture', () => {
  test('the files are seen', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(imports.length).toBeGreaterThan(files.length);
  });

  test('imports point to the same layer or down', () => {
    const wrong = relative.filter((one) => layerOf(one.file) < layerOf(resolved(one)));
    expect(wrong.map((one) => `${one.file} -> ${one.to}`)).toEqual([]);
  });

  test('rooms that must not know each other do not', () => {
    const folder = (file: string) => file.split('/').slice(0, 2).join('/');
    const apart = [
      ['src/candle-store', 'src/cache-directory'],
      ['src/candle-store', 'src/entries'],
      ['src/candle-store', 'src/dataset'],
      ['src/services', 'src/backtest'],
    ];
    const wrong = relative.filter((one) => {
      const [from, to] = [folder(one.file), folder(resolved(one))];
      if (from === to) return false;
      if (from.startsWith('plugins/') && to.startsWith('plugins/')) return true;
      return apart.some((pair) => pair.includes(from) && pair.includes(to));
    });
    expect(wrong.map((one) => `${one.file} -> ${one.to}`)).toEqual([]);
  });

  test('no circle of imports, type-only ones included', () => {
    expect(circles(relative.map((one) => [one.file, resolved(one)]))).toEqual([]);
  });

  test('a circle and an import that runs up are found', () => {
    expect(
      circles([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
        ['c', 'd'],
      ]),
    ).toEqual(['a -> b -> c']);
    expect(layerOf('src/io/scratch.ts')).toBeLessThan(layerOf('src/dataset/open.ts'));
  });

  test('plugins import the package by its name, never a path into src', () => {
    const wrong = relative.filter((one) => one.file.startsWith('plugins/') && resolved(one).startsWith('src/'));
    expect(wrong.map((one) => `${one.file} -> ${one.to}`)).toEqual([]);
    const selfInSrc = external.filter(
      ({ file, to }) => file.startsWith('src/') && !file.startsWith('src/cli/') && /^atc-memory(\/|$)/.test(to),
    );
    expect(selfInSrc).toEqual([]);
  });

  test('file system and native modules stay in src/io, the shared directory of copies in its own room', () => {
    const allowed = (file: string) => file.startsWith('src/io/') || file.startsWith('src/cache-directory/');
    const wrong = external.filter(
      ({ file, to, typeOnly }) => !typeOnly && [...FILE_SYSTEM, ...NATIVE].includes(to) && !allowed(file),
    );
    expect(wrong.map((one) => `${one.file} -> ${one.to}`)).toEqual([]);
  });

  test('codec, kernels and the reader for browsers import no node modules', () => {
    const wrong = external.filter(
      ({ file, to }) => /^src\/(codec|kernels|browser)\//.test(file) && to.startsWith('node:'),
    );
    expect(wrong.map((one) => `${one.file} -> ${one.to}`)).toEqual([]);
  });

  test('inversify and cosmiconfig are each imported in one file', () => {
    const only = (module: RegExp, folder: string) =>
      external
        .filter(({ file, to }) => module.test(to) && !file.startsWith(folder))
        .map((one) => `${one.file} -> ${one.to}`);
    expect(only(/^inversify/, 'src/services/')).toEqual([]);
    expect(only(/^cosmiconfig/, 'src/config/')).toEqual([]);
  });

  test('imported = declared', () => {
    const declared = new Set([
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.optionalDependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
    ]);
    const used = new Set(
      external
        .filter(({ to }) => !to.startsWith('node:') && !/^atc-memory(\/|$)/.test(to))
        .map(({ to }) => (to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : to.split('/')[0])),
    );
    expect([...used].filter((name) => !declared.has(name))).toEqual([]);
    // Peers whose objects are handed over: nothing of them is imported, and npm still has to check their versions.
    const handedOver = ['@nestjs/cache-manager', '@nestjs/common', 'inversify', 'reflect-metadata'];
    expect([...declared].filter((name) => !used.has(name)).sort()).toEqual(handedOver);
  });

  test('no work at import: the top level of a file only declares', () => {
    const wrong: string[] = [];
    for (const file of files) {
      // main is a program, and so is the worker, which says that it is loaded; the entry points register how natives
      // are loaded, which loads nothing.
      const programs = [
        'src/cli/main.ts',
        'src/cli/bench/job-process.ts',
        'src/backtest/worker.ts',
        'src/sweep/worker.ts',
      ];
      const rooms = ['services', 'dataset', 'sweep', 'fetching', 'testing'];
      const entries = ['src/index.ts', ...rooms.map((room) => `src/${room}/index.ts`)];
      if ([...programs, ...entries].includes(file)) continue;
      const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
      for (const statement of tree.statements) {
        const works =
          ts.isExpressionStatement(statement) ||
          ts.isForStatement(statement) ||
          ts.isForOfStatement(statement) ||
          ts.isIfStatement(statement) ||
          ts.isWhileStatement(statement) ||
          ts.isTryStatement(statement);
        if (works) wrong.push(`${file}: ${statement.getText().slice(0, 60)}`);
      }
      if (/(^|[^.\w])await\s/m.test(topLevelText(tree))) wrong.push(`${file}: top-level await`);
    }
    expect(wrong).toEqual([]);
  });
});

/** Initialisers of top-level variables, without the bodies of functions and classes. */
function topLevelText(tree: ts.SourceFile): string {
  const parts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isAwaitExpression(node)) parts.push('await x');
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return parts.join('\n');
}

/** Strongly connected components of more than one file (Tarjan's algorithm), each in the order of its names. */
function circles(edges: readonly (readonly [string, string])[]): string[] {
  const next = new Map<string, string[]>();
  for (const [from, to] of edges) {
    if (!next.has(from)) next.set(from, []);
    if (!next.has(to)) next.set(to, []);
    next.get(from)!.push(to);
  }
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const found: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.get(file)!);
    open.push(file);
    for (const to of next.get(file)!) {
      if (!order.has(to)) visit(to);
      if (open.includes(to)) low.set(file, Math.min(low.get(file)!, low.get(to)!));
    }
    if (low.get(file) !== order.get(file)) return;
    const members = open.splice(open.indexOf(file));
    if (members.length > 1 || next.get(file)!.includes(file)) found.push(members.sort().join(' -> '));
  };
  for (const file of next.keys()) if (!order.has(file)) visit(file);
  return found;
}
