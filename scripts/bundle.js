// Puts the modules that tsc has written together: one file per entry point, one for what they share, one per command
// of `atc`. Two hundred small files take longer to find, read and link than to run.
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { minify } from '@swc/core';
import MagicString from 'magic-string';
import { rollup } from 'rollup';
import ts from 'typescript';

/**
 * Files that nobody imports by name: the command, what worker threads run, and what the benchmark's processes run.
 * They lie beside the entry points.
 */
const PROGRAMS = {
  cli: 'src/cli/main.js',
  worker: 'src/backtest/worker.js',
  'sweep-worker': 'src/sweep/worker.js',
  strategy: 'plugins/atc/strategy.js',
  'sweep-strategy': 'plugins/atc/sweep/sweep-strategy.js',
  'cached-strategy': 'plugins/atc/cached-strategy.js',
  'bullmq-processor': 'plugins/bullmq/processor.js',
  'bench-job': 'src/cli/bench/job-process.js',
};
/** Entry points that share no file with others: for browsers, where each file is a request. */
const ALONE = ['browser'];
/** What would fail for the program that imports it. */
const FATAL = ['UNRESOLVED_IMPORT', 'MISSING_EXPORT', 'SHIMMED_EXPORT'];
/** What the published formats have: the command is ESM only. */
const FORMATS = { esm: { format: 'es', without: [] }, cjs: { format: 'cjs', without: ['cli', 'bench-job'] } };

/** Entry points by name, from `exports`: `./dist/esm/<name>.js` is made of the module whose types it names. */
function entriesOf(manifest, modules) {
  const entries = {};
  for (const [subpath, conditions] of Object.entries(manifest.exports)) {
    if (typeof conditions !== 'object') continue;
    const { types, default: file } = conditions.import;
    const name = subpath === '.' ? 'index' : subpath.slice(2);
    for (const [condition, folder] of [
      ['import', 'esm'],
      ['require', 'cjs'],
    ]) {
      const expected = `./dist/${folder}/${name}.js`;
      if (conditions[condition].default !== expected) {
        throw new Error(
          `package.json, exports["${subpath}"].${condition}.default is ${file}; it has to be ${expected}`,
        );
      }
    }
    entries[name] = path.join(modules, types.replace('./dist/esm/', '').replace(/\.d\.ts$/, '.js'));
  }
  return entries;
}

/**
 * Bundles the ES modules below `modules` into `directory`, as `folder` ('esm' or 'cjs') has them. `isQuick`: only to
 * be run from here, without what makes an import cheap for others.
 */
export async function bundle({ manifest, modules, directory, folder, isQuick = false }) {
  const { format, without } = FORMATS[folder];
  const entries = entriesOf(manifest, modules);
  const programs = Object.entries(PROGRAMS).filter(([name]) => !without.includes(name));
  const alone = Object.entries(entries).filter(([name]) => ALONE.includes(name));
  const shared = Object.entries(entries).filter(([name]) => !ALONE.includes(name));
  const input = {
    ...Object.fromEntries(shared),
    ...Object.fromEntries(programs.map(([name, file]) => [name, path.join(modules, file)])),
  };
  const plugins = [
    ownModules({ manifest, entries, folder, isQuick }),
    ...(isQuick ? [] : [quickToRead(format), shortLines(manifest)]),
  ];
  const output = { dir: directory, format };
  await writeBundle({ input, plugins, output: { ...output, manualChunks: sharedChunks(input) } });
  if (isQuick) return;
  for (const one of alone) {
    const [{ imports, dynamicImports }, more] = await writeBundle({
      input: Object.fromEntries([one]),
      plugins,
      output,
    });
    const found = [...imports, ...dynamicImports, ...(more === undefined ? [] : [more.fileName])];
    if (found.length > 0) throw new Error(`${one[0]}.js has to stand alone, it imports ${found.join(', ')}`);
  }
}

/** Returns the chunks, source maps left out. */
async function writeBundle({ input, plugins, output }) {
  const build = await rollup({
    input,
    // Another package's import must not stay in a chunk that has no use for it.
    treeshake: { moduleSideEffects: 'no-external' },
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id) && !/^atc-memory(\/|$)/.test(id),
    plugins,
    onLog(level, log) {
      if (FATAL.includes(log.code)) throw new Error(`rollup: ${log.message}`);
      if (level === 'warn') console.warn(`rollup: ${log.message}`);
    },
  });
  const written = await build.write({
    ...output,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    sourcemap: true,
    exports: 'named',
    interop: 'auto',
    generatedCode: 'es2015',
    hoistTransitiveImports: false,
  });
  await build.close();
  return written.output.filter(({ type }) => type === 'chunk');
}

/**
 * References of the package to itself, the files that differ between the formats, and source maps back to the
 * TypeScript.
 */
function ownModules({ manifest, entries, folder, isQuick }) {
  // Declarations say what may be loaded lazily; a quick build has none.
  const lazy = isQuick ? new Map() : asyncParts(entries.index);
  return {
    name: 'own-modules',
    resolveId(id, importer) {
      const part = importer === entries.index ? path.resolve(path.dirname(importer), id) : undefined;
      if (lazy.has(part)) return LAZY + part;
      if (/^atc-memory(\/|$)/.test(id))
        return entries[id === manifest.name ? 'index' : id.slice(manifest.name.length + 1)];
      if (importer === undefined || !id.startsWith('.')) return null;
      const file = path.resolve(path.dirname(importer), id);
      const twin = file.replace(/\.js$/, '.cjs.js');
      return folder === 'cjs' && existsSync(twin) ? twin : file;
    },
    async load(id) {
      if (id.startsWith(LAZY)) return facade(id.slice(LAZY.length), lazy.get(id.slice(LAZY.length)));
      const [code, map] = await Promise.all([readFile(id, 'utf8'), readFile(`${id}.map`, 'utf8')]);
      const text = code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
      if (!id.endsWith('.generated.js')) return { code: text, map: JSON.parse(map) };
      // Nobody debugs the base64 of a compiled module, and the maps would hold a megabyte of it.
      return { code: asOneLiteral(text), map: { ...JSON.parse(map), sourcesContent: ['// generated'] } };
    },
  };
}

/**
 * A string that is written over many lines becomes one: a thousand parts are parsed, stored and put together one by
 * one.
 */
function asOneLiteral(code) {
  return code.replace(/(['"]) \+\n\s*\1/g, '');
}

/**
 * Comments, indentation and the names of variables go, those of functions and classes stay, which stack traces show;
 * source maps lead back to the TypeScript. What is left is ASCII: a file with one character beyond Latin-1 is held
 * and scanned at two bytes a character, which takes as long as reading all of it once more.
 */
function quickToRead(format) {
  return {
    name: 'quick-to-read',
    renderChunk: (code) =>
      minify(code, {
        module: format === 'es',
        compress: false,
        mangle: { toplevel: true, keep_classnames: true, keep_fnames: true, keep_private_props: true },
        format: { comments: false, asciiOnly: true },
        sourceMap: true,
      }),
  };
}

/** Characters after which a line ends at the next statement. */
const LINE_LENGTH = 100;

/**
 * Breaks lines between statements and between members of classes. Node prints the whole line in which an uncaught
 * error was thrown: without line breaks that is the whole file, and a pipe that closes early loses the message behind
 * it.
 */
function shortLines({ peerDependenciesMeta = {} }) {
  const optional = Object.keys(peerDependenciesMeta).filter((name) => peerDependenciesMeta[name].optional);
  const isOptional = (id) => optional.some((name) => id === name || id.startsWith(`${name}/`));
  return {
    name: 'short-lines',
    renderChunk(code) {
      const broken = new MagicString(code);
      let lineStart = 0;
      const visit = (node) => {
        const isStart = ts.isStatement(node) || ts.isClassElement(node);
        // A block is where its statements begin; a line break before `{` gains nothing.
        if (isStart && !ts.isBlock(node)) {
          const start = node.getStart(tree);
          if (node.parent === tree || start - lineStart > LINE_LENGTH) {
            if (start > 0) broken.appendLeft(start, '\n');
            lineStart = start;
          }
        }
        // What may be absent: a bundler that cannot resolve it would fail, so it is left to Node.
        if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
          const [id] = node.arguments;
          if (ts.isStringLiteral(id) && isOptional(id.text)) {
            broken.appendLeft(id.getStart(tree), '/*webpackIgnore:true*//*@vite-ignore*/[').appendRight(id.end, '][0]');
          }
        }
        ts.forEachChild(node, visit);
      };
      const tree = ts.createSourceFile('chunk.js', code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
      visit(tree);
      return { code: broken.toString(), map: broken.generateMap({ hires: 'boundary' }) };
    },
  };
}

/** Marks what stands in for a module of the main entry point until one of its functions is called. */
const LAZY = '\0lazy:';

/**
 * Modules of which the main entry point exports nothing but functions that give promises, as their declarations say,
 * with the names of these. They need not be there before they are called, and most processes call few of them.
 */
function asyncParts(index) {
  const parts = new Map();
  for (const [, list, id] of readFileSync(index, 'utf8').matchAll(/^export \{([^}]*)\} from '(\.[^']+)';$/gm)) {
    // A list over several lines ends with a comma.
    const names = list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const file = path.resolve(path.dirname(index), id);
    const declarations = readFileSync(file.replace(/\.js$/, '.d.ts'), 'utf8');
    if (names.every((name) => givesPromise(name, declarations))) parts.set(file, names);
  }
  return parts;
}

function givesPromise(name, declarations) {
  const found = [...declarations.matchAll(new RegExp(`^export declare function ${name}\\b[^;]*?\\): ([^;]+);$`, 'gm'))];
  return found.length > 0 && found.every(([, result]) => result.startsWith('Promise<'));
}

function facade(file, names) {
  const from = JSON.stringify(file);
  return names
    .map((name) => `export const ${name} = async (...args) => (await import(${from})).${name}(...args);`)
    .join('\n');
}

/**
 * Everything that the main entry point needs is one chunk, but for what the entry point for reading alone needs of it
 * and what the command needs before it knows which command; rollup alone would cut all of it up by who else needs
 * which part.
 */
function sharedChunks({ index, dataset, cli }) {
  let core;
  let reading;
  let base;
  return (id, { getModuleInfo }) => {
    if (core === undefined) {
      core = reachable(index, getModuleInfo);
      reading = reachable(dataset, getModuleInfo);
      base = cli === undefined ? new Set() : reachable(cli, getModuleInfo);
    }
    if (id === index || id === dataset || !(core.has(id) || reading.has(id))) return undefined;
    if (base.has(id)) return 'base';
    return reading.has(id) ? 'reading' : 'core';
  };
}

/** `module` and what it imports, directly and indirectly, other than by `import()`. */
function reachable(module, getModuleInfo, found = new Set()) {
  if (found.has(module)) return found;
  found.add(module);
  for (const next of getModuleInfo(module)?.importedIds ?? []) reachable(next, getModuleInfo, found);
  return found;
}
