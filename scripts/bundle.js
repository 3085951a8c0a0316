// Puts the modules that tsc has written together: one file per entry point, one for what they share, one per command of `atc`.
// Two hundred small files take longer to find, read and link than to run.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { rollup } from 'rollup';

/** Files that nobody imports by name: the command, what worker threads run, and what the benchmark's processes run. They lie beside the entry points. */
const PROGRAMS = {
  cli: 'src/cli/main.js',
  worker: 'src/backtest/worker.js',
  strategy: 'plugins/atc/strategy.js',
  'bench-job': 'src/cli/bench/job-process.js',
};
/** What the published formats have: the command is ESM only. */
const FORMATS = { esm: { format: 'es', without: [] }, cjs: { format: 'cjs', without: ['cli', 'bench-job'] } };

/** Entry points by name, from `exports`: `./dist/esm/<name>.js` is made of the module whose types stand beside it. */
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

/** Bundles the ES modules below `modules` into `directory`, as `folder` ('esm' or 'cjs') has them. */
export async function bundle({ manifest, modules, directory, folder }) {
  const { format, without } = FORMATS[folder];
  const entries = entriesOf(manifest, modules);
  const programs = Object.entries(PROGRAMS).filter(([name]) => !without.includes(name));
  const input = { ...entries, ...Object.fromEntries(programs.map(([name, file]) => [name, path.join(modules, file)])) };
  const build = await rollup({
    input,
    // Another package's import must not be kept alive in a chunk that has no use for it.
    treeshake: { moduleSideEffects: 'no-external' },
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id) && !/^atc-memory(\/|$)/.test(id),
    plugins: [ownModules({ manifest, entries, folder })],
    onLog(_, log) {
      throw new Error(`rollup: ${log.message}`);
    },
  });
  await build.write({
    dir: directory,
    format,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    sourcemap: true,
    exports: 'named',
    interop: 'auto',
    generatedCode: 'es2015',
    hoistTransitiveImports: false,
    manualChunks: sharedChunks(input),
  });
  await build.close();
}

/** References of the package to itself, the files that differ between the formats, and source maps back to the TypeScript. */
function ownModules({ manifest, entries, folder }) {
  return {
    name: 'own-modules',
    resolveId(id, importer) {
      if (/^atc-memory(\/|$)/.test(id))
        return entries[id === manifest.name ? 'index' : id.slice(manifest.name.length + 1)];
      if (importer === undefined || !id.startsWith('.')) return null;
      const file = path.resolve(path.dirname(importer), id);
      const twin = file.replace(/\.js$/, '.cjs.js');
      return folder === 'cjs' && existsSync(twin) ? twin : file;
    },
    async load(id) {
      const [code, map] = await Promise.all([readFile(id, 'utf8'), readFile(`${id}.map`, 'utf8')]);
      return { code: code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'), map: JSON.parse(map) };
    },
  };
}

/**
 * Everything that the main entry point needs is one chunk, and what the command needs of it before it knows which command is another;
 * rollup alone would cut both up by who else needs which part.
 */
function sharedChunks({ index, cli }) {
  let core;
  let base;
  return (id, { getModuleInfo }) => {
    if (core === undefined) {
      core = reachable(index, getModuleInfo);
      base = cli === undefined ? new Set() : reachable(cli, getModuleInfo);
    }
    if (id === index || !core.has(id)) return undefined;
    return base.has(id) ? 'base' : 'core';
  };
}

/** `module` and what it imports, directly and indirectly, other than by `import()`. */
function reachable(module, getModuleInfo, found = new Set()) {
  if (found.has(module)) return found;
  found.add(module);
  for (const next of getModuleInfo(module)?.importedIds ?? []) reachable(next, getModuleInfo, found);
  return found;
}
