/** A program without the optional peers: one refusal names all of them, with one command. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'atc-peers-'));
  const own = path.join(root, 'node_modules/atc-memory');
  mkdirSync(own, { recursive: true });
  cpSync('package.json', path.join(own, 'package.json'));
  cpSync('dist/esm', path.join(own, 'dist/esm'), { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ['createAtcCache({})', 'createAtcCache needs Keyv 5 or 6 and cache-manager 7', 'npm install keyv cache-manager'],
  ["createKeyv({ directory: 'x' })", 'createKeyv needs Keyv 5 or 6', 'npm install keyv'],
])('%s without its peers is UNSUPPORTED and names the command', (call, need, command) => {
  const program = path.join(root, 'program.mjs');
  writeFileSync(
    program,
    `import { createAtcCache, createKeyv } from 'atc-memory/cache-manager';
    try { ${call}; console.log('made'); } catch (error) { console.log(error.code + ' ' + error.message); }`,
  );
  const { stdout } = spawnSync(process.execPath, [program], { cwd: root, encoding: 'utf8' });
  expect(stdout).toBe(`UNSUPPORTED ${need}, which cannot be loaded from here; ${command}\n`);
});
