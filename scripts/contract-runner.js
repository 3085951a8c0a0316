// Runs contract tests without jest, on whatever runtime this is: node, bun or deno.
//   RUNTIME scripts/contract-runner.js FILE …
// A file is bundled with what it imports beside the package first, because each runtime resolves TypeScript in a way of
// its own; the package itself is the published build, found by its name.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// What jest itself asserts with. Required: Bun gives an import of that name another meaning.
const { expect } = createRequire(import.meta.url)('expect');
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const runtime = 'Bun' in globalThis ? 'bun' : 'Deno' in globalThis ? 'deno' : 'node';
/** Tests that another runtime cannot pass, and why; they are left out there, and that is printed. */
const NOT_THERE = {
  node: [],
  bun: [
    [/^a thread opens the dataset once/, 'it counts what Node does inside'],
    [/^an abort ends even a worker that hangs/, 'Bun runs no exit handler of a thread that is ended: its lease stays'],
  ],
  deno: [
    [/^a thread opens the dataset once/, 'it counts what Node does inside'],
    [/^threads start at once where a symbol is long/, 'it counts events of Node, in a process of its own'],
  ],
};
const tests = [];
const after = [];
let before = [];

function test(name, run) {
  tests.push({ name, run, before });
}
test.each = (rows) => (name, run) => {
  for (const row of rows) {
    const args = Array.isArray(row) ? row : [row];
    test(`${name} ${String(args[0]).slice(0, 40)}`, () => run(...args));
  }
};
test.skip = () => {};
Object.assign(globalThis, {
  test,
  it: test,
  expect,
  describe: Object.assign((_, body) => body(), { skip: () => {} }),
  beforeAll(run) {
    let done;
    before = [...before, () => (done ??= Promise.resolve(run()))];
  },
  afterAll: (run) => after.push(run),
});

/** The only part of jest's object that contract tests use, as `expect` recognises it. */
const SPIES = `
const spyOn = (object, name) => {
  const original = object[name];
  let run = original;
  const spy = function (...args) { spy.mock.calls.push(args); return Reflect.apply(run, this, args); };
  Object.assign(spy, {
    _isMockFunction: true,
    getMockName: () => name,
    mock: { calls: [], results: [] },
    mockImplementation(other) { run = other ?? (() => undefined); return spy; },
    mockRestore() { object[name] = original; },
  });
  object[name] = spy;
  return spy;
};
export const jest = { spyOn };
`;

let files = 0;

/** Types taken out by TypeScript, relative imports by their real names; all in one folder of the package. */
async function prepared(file, folder, done) {
  const { default: ts } = await import('typescript');
  const { existsSync, readFileSync } = await import('node:fs');
  if (done.has(file)) return done.get(file);
  const target = path.join(folder, `${++files}.mjs`);
  done.set(file, target);
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
  let { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions });
  for (const [, id] of outputText.matchAll(/from '(\.[^']+)'/g)) {
    const source = path.resolve(path.dirname(file), id);
    const real = [source.replace(/\.js$/, '.ts'), source].find((one) => existsSync(one));
    outputText = outputText.replaceAll(`from '${id}'`, `from '${pathToFileURL(await prepared(real, folder, done))}'`);
  }
  outputText = outputText
    .replace(/import\('(\.[^']+)'\)/g, (_, id) => `import('${pathToFileURL(path.resolve(path.dirname(file), id))}')`)
    .replaceAll("'@jest/globals'", `'${pathToFileURL(path.join(folder, 'jest.mjs'))}'`)
    .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(file)))
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href));
  writeFileSync(target, outputText);
  return target;
}

const folder = path.join(root, '.cache/contracts', `${process.pid}`);
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'jest.mjs'), SPIES);
let failed = 0;
try {
  for (const file of process.argv.slice(2)) {
    before = [];
    await import(pathToFileURL(await prepared(path.resolve(file), folder, new Map())).href);
    if (tests.length === 0) throw new Error(`${file} registers no test`);
    for (const { name, run, before: setUp } of tests.splice(0)) {
      const [, reason] = NOT_THERE[runtime].find(([title]) => title.test(name)) ?? [];
      if (reason !== undefined) {
        console.log(`left out on ${runtime}: ${name}: ${reason}`);
        continue;
      }
      try {
        for (const one of setUp) await one();
        await run();
      } catch (error) {
        failed++;
        console.log(`FAILED ${path.basename(file)}: ${name}\n${error?.stack ?? error}`);
        continue;
      }
      console.log(`ok ${path.basename(file)}: ${name}`);
    }
    for (const run of after.splice(0)) await run();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed > 0 ? 1 : 0);
