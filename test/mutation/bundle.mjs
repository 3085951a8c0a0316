/**
 * The tests of a group in one folder of JavaScript, with every mutant of its files in them behind a switch. Stryker's
 * instrumenter creates the mutants; it is no dependency: npx fetches it and adds its folder to PATH.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from '@swc/core';
import { rollup } from 'rollup';
import base from '../../jest.config.js';

const INSTRUMENTER = '@stryker-mutator/instrumenter';
const root = path.resolve(import.meta.dirname, '../..');
const [project] = base.projects;
const [, swcOptions] = Object.values(project.transform)[0];

async function loadInstrumenter() {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder.endsWith('.bin'));
  const found = folders.map((folder) => path.dirname(folder)).find((at) => existsSync(path.join(at, INSTRUMENTER)));
  if (found === undefined) {
    throw new Error(`run it by: npx --package ${INSTRUMENTER}@9.6.1 node test/mutation/run.mjs <group>`);
  }
  const file = createRequire(path.join(found, 'x.js')).resolve(INSTRUMENTER);
  return (await import(pathToFileURL(file).href)).Instrumenter;
}

/** The files with their switches, and what each switch changes. */
async function instrument(names) {
  const Instrumenter = await loadInstrumenter();
  const nothing = () => {};
  const logger = { debug: nothing, info: nothing, warn: console.warn, isDebugEnabled: () => false };
  const sources = names.map((name) => ({ name, mutate: true, content: readFileSync(path.join(root, name), 'utf8') }));
  const options = { plugins: null, excludedMutations: [], ignorers: [] };
  const { files, mutants } = await new Instrumenter(logger).instrument(sources, options);
  return { contents: new Map(files.map(({ name, content }) => [path.join(root, name), content])), mutants };
}

/** The file that an import of a source or a test means; null for a package. */
function resolveImport(specifier, importer) {
  if (importer === undefined) return path.resolve(root, specifier);
  for (const [pattern, target] of Object.entries(project.moduleNameMapper)) {
    const match = specifier.startsWith('.') ? null : new RegExp(pattern).exec(specifier);
    if (match !== null) return target.replace('<rootDir>', root).replace('$1', match[1]);
  }
  if (!specifier.startsWith('.')) return null;
  const file = path.resolve(path.dirname(importer), specifier);
  const source = file.replace(/\.js$/, '.ts');
  return existsSync(source) ? source : file;
}

/**
 * Writes the tests into `folder`, which lies in the repository, so that packages are found. Returns their files there
 * and the mutants.
 */
export async function bundleTests({ mutate, tests }, folder) {
  const { contents, mutants } = await instrument(mutate);
  rmSync(folder, { recursive: true, force: true });
  const plugin = {
    name: 'sources',
    resolveId(specifier, importer) {
      if (specifier === '@jest/globals') return path.join(import.meta.dirname, 'jest-globals.mjs');
      return resolveImport(specifier, importer) ?? { id: specifier, external: true };
    },
    async load(file) {
      if (!file.endsWith('.ts')) return null;
      const content = contents.get(file) ?? readFileSync(file, 'utf8');
      const { code } = await transform(content, { ...swcOptions, filename: file, swcrc: false, sourceMaps: false });
      // A file of the bundle lies elsewhere.
      return code
        .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(file)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href));
    },
  };
  const input = Object.fromEntries(tests.map((file, k) => [`test-${k}`, file]));
  const bundle = await rollup({ input, plugins: [plugin], treeshake: false, onwarn: () => {} });
  await bundle.write({ dir: folder, format: 'es', entryFileNames: '[name].mjs', chunkFileNames: 'shared-[hash].mjs' });
  await bundle.close();
  return { mutants, files: Object.keys(input).map((name) => path.join(folder, `${name}.mjs`)) };
}
