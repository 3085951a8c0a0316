/** The suite of the build under node:test, in ES modules and CommonJS, as the author of a store runs it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { useWorkspace } from '../io/workspace.js';

const root = path.join(import.meta.dirname, '../..');
const workspace = useWorkspace();
const formats = ['esm', 'cjs'].filter((format) => existsSync(path.join(root, `dist/${format}/testing.js`)));
if (formats.length < 2) console.warn(`the suite is run from ${formats.join() || 'no'} build; npm run build makes both`);

const programs: Readonly<Record<string, string>> = {
  esm: "import * as runner from 'node:test'; import { cacheStoreSuite } from 'atc-memory/testing';",
  cjs: "const runner = require('node:test'); const { cacheStoreSuite } = require('atc-memory/testing');",
};

function run(format: string, store: string): string {
  const cwd = workspace.at(`${format}-${store.length}`);
  mkdirSync(path.join(cwd, 'node_modules'), { recursive: true });
  symlinkSync(root, path.join(cwd, 'node_modules/atc-memory'), 'dir');
  const file = `store.test.${format === 'esm' ? 'mjs' : 'cjs'}`;
  writeFileSync(path.join(cwd, file), `${programs[format]}\ncacheStoreSuite(runner, () => ${store});\n`);
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const args = ['--test', '--test-reporter=tap', file];
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env }).stdout;
}

const counts = (output: string) =>
  Object.fromEntries([...output.matchAll(/^# (pass|fail|skipped) (\d+)$/gm)].map(([, name, n]) => [name, Number(n)]));

(formats.length > 0 ? test : test.skip).each(formats)('node:test, %s: a store that is right passes', (format) => {
  const { pass, fail, skipped } = counts(run(format, 'new Map()'));
  expect(pass).toBeGreaterThan(60);
  expect({ fail, skipped }).toEqual({ fail: 0, skipped: 3 });
});

(formats.length > 0 ? test : test.skip).each(formats)('node:test, %s: a store that is wrong fails', (format) => {
  const output = run(format, '({ get() {}, set() {}, delete() {} })');
  expect(counts(output).fail).toBeGreaterThan(10);
  expect(output).toContain('get: value is not what was set, the store returned undefined');
});
