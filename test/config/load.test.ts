import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AtcConfig, isAtcError, loadConfig, loadConfigSync } from 'atc-memory';

let project: string;

beforeEach(() => {
  project = realpathSync(mkdtempSync(path.join(tmpdir(), 'atc-config-')));
  writeFileSync(path.join(project, 'package.json'), '{"name":"somebody"}');
});

afterEach(() => rmSync(project, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = path.join(project, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const FORMS: [string, string][] = [
  ['atc.config.ts', `const level: number = 7;\nexport default { useCompression: true, compressionLevel: level };`],
  ['atc.config.mts', `export default { useCompression: true, compressionLevel: 7 as number };`],
  ['atc.config.cts', `module.exports = { useCompression: true, compressionLevel: 7 as number };`],
  ['atc.config.js', `export default { useCompression: true, compressionLevel: 7 };`],
  ['atc.config.mjs', `export default { useCompression: true, compressionLevel: 7 };`],
  ['atc.config.cjs', `module.exports = { useCompression: true, compressionLevel: 7 };`],
  ['atc.config.json', `{ "useCompression": true, "compressionLevel": 7 }`],
  ['atc.config.yaml', `useCompression: true\ncompressionLevel: 7\n`],
  ['atc.config.yml', `useCompression: true\ncompressionLevel: 7\n`],
  ['package.json', `{ "name": "x", "atc": { "useCompression": true, "compressionLevel": 7 } }`],
];

test.each(FORMS)('%s is read, from a folder below too, the same way twice', async (name, text) => {
  const file = write(name, text);
  mkdirSync(path.join(project, 'src/deep'), { recursive: true });
  const cwd = path.join(project, 'src/deep');
  const config = await loadConfig({ cwd, environment: {} });
  expect(config).toMatchObject({ useCompression: true, compressionLevel: 7, useMemoryMapped: false, file });
  expect(config.cacheDir).toBe(path.join(project, '.cache/atc'));
  expect(config.provenance.useCompression).toEqual({ source: 'file', place: file });
  expect(config.provenance.useMemoryMapped).toEqual({ source: 'default' });
  expect(loadConfigSync({ cwd, environment: {} })).toEqual(config);
});

test('a configuration that imports TypeScript files and defineConfig is read again after an edit', async () => {
  write('settings/levels.ts', `export enum Level { small = 3 }\nexport const level: number = Level.small;`);
  write(
    'atc.config.ts',
    `import { defineConfig } from 'atc-memory';\nimport { level } from './settings/levels';\n` +
      `export default defineConfig({ compressionLevel: level as 3 });`,
  );
  expect((await loadConfig({ cwd: project, environment: {} })).compressionLevel).toBe(3);
  write('settings/levels.ts', `export const level: number = 4;`);
  expect((await loadConfig({ cwd: project, environment: {} })).compressionLevel).toBe(4);
  expect(loadConfigSync({ cwd: project, environment: {} }).compressionLevel).toBe(4);
});

test('nothing found: the defaults, off', async () => {
  const config = await loadConfig({ cwd: project, environment: {} });
  expect(config).toMatchObject({ useMemoryMapped: false, useCompression: false, compressionLevel: 5, file: undefined });
  expect(config).toMatchObject({ compressionAlgorithm: 'auto', mappingBackend: 'auto', services: {}, atc: {} });
  expect(Object.values(config.provenance).every((origin) => origin.source === 'default')).toBe(true);
});

test('options win over environment, environment over file, file over defaults; services merge key by key', async () => {
  const file = write(
    'atc.config.json',
    JSON.stringify({
      useCompression: 'read',
      compressionLevel: 1,
      compressionAlgorithm: 'zlib',
      cacheDir: 'kept',
      services: { CandleCache: { useCompression: true, compressionLevel: 7 } },
      atc: { emaLength: 20 },
    }),
  );
  const environment = {
    ATC_USE_COMPRESSION: 'TRUE',
    ATC_COMPRESSION_LEVEL: '2',
    ATC_SERVICES: '{"CandleCache":{"useCompression":"read"}}',
    ATC_STRATEGY: '{"lambda":0.03}',
    ATC_CACHE_DIR: '',
  };
  const overrides: AtcConfig = { compressionLevel: 3, services: { CandleCache: { carrier: 'text' } } };
  const config = await loadConfig({ cwd: project, environment, overrides });
  expect(config).toMatchObject({ useCompression: true, compressionLevel: 3, compressionAlgorithm: 'zlib' });
  expect(config.services.CandleCache).toEqual({ useCompression: 'read', compressionLevel: 7, carrier: 'text' });
  expect(config.atc).toEqual({ emaLength: 20, lambda: 0.03 });
  expect(config.cacheDir).toBe(path.join(project, 'kept'));
  expect(config.provenance).toMatchObject({
    useMemoryMapped: { source: 'default' },
    compressionAlgorithm: { source: 'file', place: file },
    useCompression: { source: 'environment', place: 'ATC_USE_COMPRESSION' },
    compressionLevel: { source: 'option' },
    'services.CandleCache.useCompression': { source: 'environment', place: 'ATC_SERVICES' },
    'services.CandleCache.compressionLevel': { source: 'file', place: file },
    'services.CandleCache.carrier': { source: 'option' },
    'atc.emaLength': { source: 'file', place: file },
    'atc.lambda': { source: 'environment', place: 'ATC_STRATEGY' },
  });
});

test('a service named like a prototype key does not reach the prototype', () => {
  const overrides = JSON.parse('{"services":{"__proto__":{"useCompression":true}}}') as AtcConfig;
  loadConfigSync({ cwd: project, environment: {}, overrides });
  expect('useCompression' in {}).toBe(false);
});

async function message(run: () => Promise<unknown> | unknown): Promise<string> {
  const error = await Promise.resolve()
    .then(run)
    .then(
      () => undefined,
      (thrown) => thrown,
    );
  expect(isAtcError(error, 'CONFIG')).toBe(true);
  return (error as Error).message;
}

test('a file that fails while it runs is reported, not skipped', async () => {
  // cosmiconfig itself takes ENOENT for "no such file".
  const file = write(
    'atc.config.ts',
    `import { readFileSync } from 'node:fs';\nexport default JSON.parse(readFileSync('no-such', 'utf8'));`,
  );
  const load = () => loadConfig({ cwd: project, environment: {} });
  expect(await message(load)).toContain(`${file}:2: cannot be read: ENOENT`);
  expect(await message(() => loadConfigSync({ cwd: project, environment: {} }))).toContain('cannot be read: ENOENT');
  write('atc.config.ts', `export const config = {};`);
  expect(await message(load)).toContain('has no default export');
  write('atc.config.ts', ``);
  expect(await message(load)).toContain('is empty');
});

test.each([
  [{ ATC_USE_COMPRESION: '1' }, 'ATC_USE_COMPRESION is not known; did you mean ATC_USE_COMPRESSION?'],
  [
    { ATC_USE_COMPRESSION: 'maybe' },
    `ATC_USE_COMPRESSION: useCompression is "maybe"; allowed: false, 'read', 'verify' or true`,
  ],
  [
    { ATC_COMPRESSION_LEVEL: '12' },
    'ATC_COMPRESSION_LEVEL: compressionLevel is 12; allowed: a whole number from 0 to 9',
  ],
  [{ ATC_SERVICES: '{' }, 'ATC_SERVICES: not valid JSON'],
  [{ ATC_SERVICES: '{"A":{"level":1}}' }, 'services.A.level is not a known key; known: useMemoryMapped'],
])('environment %o', async (environment, expected) => {
  expect(await message(() => loadConfig({ cwd: project, environment }))).toContain(expected);
});

test('a variable of another program is ignored', async () => {
  expect((await loadConfig({ cwd: project, environment: { ATC_TOWER: 'EGLL' } })).file).toBeUndefined();
});

test.each(['services', 'atc'])(
  'a list for %s is CONFIG, empty or not, in a file and in the environment',
  async (key) => {
    const file = write('atc.config.json', JSON.stringify({ [key]: [] }));
    const refused = { code: 'CONFIG', message: expect.stringContaining(`${key} is a list; allowed: an object`) };
    await expect(loadConfig({ cwd: path.dirname(file), environment: {} })).rejects.toMatchObject(refused);
    write('atc.config.json', '{}');
    const variable = key === 'atc' ? 'ATC_STRATEGY' : 'ATC_SERVICES';
    await expect(loadConfig({ cwd: path.dirname(file), environment: { [variable]: '[]' } })).rejects.toMatchObject(
      refused,
    );
  },
);
