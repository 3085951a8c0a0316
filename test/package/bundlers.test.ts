/**
 * Programs bundled by the real bundlers: beside node_modules everything works; in one file without node_modules a step
 * works, or its error names bundling and what to mark as external. Installed once, into .cache/bundlers.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { prepareBundlers } from './bundlers/prepare.mjs';

const { folder, reason } = prepareBundlers();
if (folder === undefined)
  console.warn(`bundlers cannot be installed, programs bundled by them are left out: ${reason}`);
const onlyInstalled = folder === undefined ? describe.skip : describe;

const STEPS = ['codec', 'zlib', 'signals', 'config', 'csv', 'dataset', 'workers', 'one thread'];
const EVERY_STEP = Object.fromEntries(STEPS.map((step) => [step, `${step} ok`]));
const entry = path.resolve('test/package/bundlers/program.mjs');

/** Builds run in a process of their own: bundlers are no modules for jest to load. */
const BUILDS: Readonly<Record<string, readonly [file: string, script: string]>> = {
  'esbuild, CommonJS (the default)': [
    'esbuild.cjs',
    "await require('esbuild').build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', logLevel: " +
      "'error' });",
  ],
  'esbuild, ESM': [
    'esbuild.mjs',
    "await require('esbuild').build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: " +
      "'esm', logLevel: 'error' });",
  ],
  'webpack, from ESM sources': [
    'webpack.cjs',
    `const [directory, filename] = [require('node:path').dirname(outfile), require('node:path').basename(outfile)];
     const options = { mode: 'production', devtool: false, target: 'node20', entry, 
       output: { path: directory, filename },
       plugins: [new (require('webpack').optimize.LimitChunkCountPlugin)({ maxChunks: 1 })] };
     const stats = await new Promise((resolve, reject) =>
       require('webpack')(options, (error, done) => (error ? reject(error) : resolve(done))));
     const { errors, warnings } = stats.toJson();
     const messages = [...errors, ...warnings].map((one) => one.message);
     if (messages.length > 0) throw new Error(messages.join('; '));`,
  ],
  rollup: [
    'rollup.mjs',
    `const plugins = [require('@rollup/plugin-node-resolve').default({ preferBuiltins: true }),
      require('@rollup/plugin-commonjs')(), require('@rollup/plugin-json')()];
     const onwarn = (warning) => { throw new Error(warning.message); };
     const bundle = await require('rollup').rollup({ input: entry, external: /^node:/, plugins, onwarn });
     await bundle.write({ file: outfile, format: 'es', inlineDynamicImports: true });`,
  ],
};

function build(name: string, outfile: string): void {
  const program = `const [entry, outfile] = ${JSON.stringify([path.join(folder!, 'program.mjs'), outfile])};
    (async () => { ${BUILDS[name][1]} })().catch((error) => { console.error(error); process.exit(1); });`;
  execFileSync(process.execPath, ['--eval', program], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

/** Lines of the program by step. */
function run(file: string, cwd: string): Record<string, string> {
  writeFileSync(path.join(cwd, 'quoted.csv'), 'timestamp,close\n"0","1.5"\n"60000","1.25"\n');
  for (const name of ['csv', 'set']) rmSync(path.join(cwd, name), { recursive: true, force: true });
  const env = { ...process.env, NODE_OPTIONS: '' };
  const out = execFileSync(process.execPath, [file], { cwd, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = out.trim().split('\n');
  return Object.fromEntries(
    STEPS.map((step) => [step, lines.find((line) => line.startsWith(`${step} `)) ?? 'missing']),
  );
}

onlyInstalled.each(Object.keys(BUILDS))('%s', (name) => {
  const [fileName] = BUILDS[name];
  let away = '';
  beforeAll(() => {
    cpSync(entry, path.join(folder!, 'program.mjs'));
    mkdirSync(path.join(folder!, 'out'), { recursive: true });
    away = mkdtempSync(path.join(tmpdir(), 'atc-bundle-'));
  });
  afterAll(() => rmSync(away, { recursive: true, force: true }));

  test('everything in one file, beside node_modules: every step works', () => {
    const outfile = path.join(folder!, 'out', fileName);
    build(name, outfile);
    expect(run(outfile, path.join(folder!, 'out'))).toEqual(EVERY_STEP);
    // The same file where nothing is installed: webpack has written down where the sources were, so they go too.
    const alone = path.join(away, fileName);
    cpSync(outfile, alone);
    const sources = path.join(folder!, 'node_modules');
    execFileSync('mv', [sources, `${sources}-away`]);
    try {
      const steps = run(alone, away);
      for (const [step, line] of Object.entries(steps)) {
        if (line === `${step} ok`) continue;
        expect(line).toMatch(/ UNSUPPORTED .*bundle.*--external:atc-memory/);
      }
      expect(steps).toMatchObject({
        codec: 'codec ok',
        signals: 'signals ok',
        dataset: 'dataset ok',
        'one thread': 'one thread ok',
      });
    } finally {
      execFileSync('mv', [`${sources}-away`, sources]);
    }
  });
});

/** Recipes of docs/bundling.md, each a program that writes out/app.mjs or out/app.cjs. */
const RECIPES = [
  ...readFileSync('docs/bundling.md', 'utf8').matchAll(/^```js bundler\n\/\/ (\w+)\.mjs\n([\s\S]*?)^```$/gm),
].map(([, bundler, code]) => ({ bundler, code }));

test('the page has a recipe for each bundler', () => {
  expect(RECIPES.map(({ bundler }) => bundler)).toEqual(['esbuild', 'webpack', 'rollup']);
});

onlyInstalled.each(RECIPES)('docs/bundling.md, $bundler', ({ bundler, code }) => {
  test('as written: every step of the program works', () => {
    rmSync(path.join(folder!, 'out'), { recursive: true, force: true });
    cpSync(entry, path.join(folder!, 'app.mjs'));
    writeFileSync(path.join(folder!, `${bundler}.mjs`), code);
    execFileSync(process.execPath, [`${bundler}.mjs`], { cwd: folder, stdio: 'pipe' });
    const out = path.join(folder!, 'out');
    const [file] = readdirSync(out).filter((name) => /^app\.[cm]js$/.test(name));
    expect(run(path.join(out, file), out)).toEqual(EVERY_STEP);
  });
});
