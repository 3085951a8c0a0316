/** Marked classes that nothing wraps: programs of their own, because it is the end of a process that counts. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { useWorkspace } from '../io/workspace.js';

const root = path.join(import.meta.dirname, '../..');
const workspace = useWorkspace();
const isBuilt = existsSync(path.join(root, 'dist/esm/index.js'));
if (!isBuilt) console.warn('dist is missing: forgotten marks are not tested here; run npm run build');
const whenBuilt = isBuilt ? test : test.skip;

const START = `
  import { Compressed, MemoryMapped, applyFeatures, loadConfigSync, withCompression,
    withMemoryMapping } from 'atc-memory';
  import { installMemoryOptimizations } from 'atc-memory/inversify';
  class Base {
    entries = new Map();
    get(key) { return this.entries.get(key); }
    set(key, value) { this.entries.set(key, value); }
    load() { return new Float64Array(1000); }
  }
  class Cache extends Base {}
  Compressed({ id: 'Candles' })(Cache);
  class History extends Base {}
  MemoryMapped({ ttlMs: 1000 })(History);
`;
const ON = { useCompression: true, useMemoryMapped: true };

/** Runs in a folder with this configuration; what it warned of, and what is recorded. */
function run(program: string, config: object | undefined, name: string) {
  const cwd = workspace.at(name);
  if (!existsSync(cwd)) {
    mkdirSync(path.join(cwd, 'node_modules'), { recursive: true });
    symlinkSync(root, path.join(cwd, 'node_modules/atc-memory'), 'dir');
    writeFileSync(path.join(cwd, 'package.json'), '{}');
  }
  if (config !== undefined) writeFileSync(path.join(cwd, 'atc.config.json'), JSON.stringify(config));
  writeFileSync(path.join(cwd, 'program.mjs'), START + program);
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stderr, status } = spawnSync(process.execPath, ['program.mjs'], { cwd, encoding: 'utf8', env });
  expect(status).toBe(0);
  const file = path.join(cwd, '.cache/atc/unwrapped.json');
  const recorded = existsSync(file) ? Object.keys(JSON.parse(readFileSync(file, 'utf8')).classes) : undefined;
  return { warnings: stderr.match(/\[ATC_NOT_WRAPPED\][^\n]*/g) ?? [], recorded, cwd };
}

whenBuilt('plain new: one warning names all of them, and they are recorded', () => {
  const { warnings, recorded } = run('new Cache(); new History();', ON, 'plain');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(
    /Candles, History are marked and switched on, and nothing in this process has wrapped them/,
  );
  expect(warnings[0]).toMatch(/MemoryModule\.forRoot.*applyFeatures/);
  expect(recorded).toEqual(['Candles', 'History']);
});

whenBuilt('only what the configuration switches on counts', () => {
  const config = { services: { Candles: { useCompression: 'verify' } } };
  const { warnings, recorded } = run('', config, 'one on');
  expect(warnings[0]).toContain('Candles is marked and switched on, and nothing in this process has wrapped it');
  expect(recorded).toEqual(['Candles']);
});

whenBuilt.each([
  ['everything off', '', {}],
  ['no configuration', '', undefined],
  ['a wrong configuration, which is reported where it is used', '', { useCompresion: true }],
  [
    'wrapped by applyFeatures',
    'const c = loadConfigSync(); applyFeatures(new Cache(), c); applyFeatures(new History(), c);',
    ON,
  ],
  [
    'wrapped by hand',
    "withCompression(new Cache()); withMemoryMapping(new History(), { service: 'h', ttlMs: 1 });",
    ON,
  ],
])('no warning and no file: %s', (name, program: string, config: object | undefined) => {
  const { warnings, cwd } = run(program, config, name);
  expect(warnings).toEqual([]);
  expect(existsSync(path.join(cwd, '.cache/atc/unwrapped.json'))).toBe(false);
});

whenBuilt(
  'where something wraps, what is left over at the end is recorded for the doctor alone, until it is wrapped',
  () => {
    const program = 'applyFeatures(new Cache(), loadConfigSync());';
    const first = run(program, ON, 'some');
    expect(first.warnings).toEqual([]);
    expect(first.recorded).toEqual(['History']);
    const { recorded } = run(`${program} applyFeatures(new History(), loadConfigSync());`, ON, 'some');
    expect(recorded).toEqual([]);
  },
);

whenBuilt('a record that makes no sense is written anew', () => {
  const { cwd } = run('', ON, 'damaged');
  for (const text of ['{', '[]', '{"format":9}', 'null']) {
    writeFileSync(path.join(cwd, '.cache/atc/unwrapped.json'), text);
    expect(run('', ON, 'damaged').recorded).toEqual(['Candles', 'History']);
  }
});

whenBuilt('a program that goes on is warned after a while, not at its end', () => {
  const { warnings } = run('setTimeout(() => process.exit(new Cache() ? 0 : 1), 11_500);', ON, 'server');
  expect(warnings).toHaveLength(1);
});
