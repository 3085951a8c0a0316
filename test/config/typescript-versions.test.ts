/**
 * A configuration in TypeScript, loaded by the built package where the user has TypeScript 5, 6, 7 or none; and what
 * those compilers say.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const kept = path.join(root, '.cache/typescript-versions');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const isBuilt = existsSync(path.join(root, 'dist/esm/index.js'));
if (!isBuilt)
  console.warn('dist is missing: configurations beside other TypeScript versions are left out; run npm run build');

/**
 * A project with that TypeScript, or none, and this package. Undefined, with a notice, when the registry does not give
 * it.
 */
function project(version: string | undefined): string | undefined {
  const folder = path.join(kept, version ?? 'none');
  const modules = path.join(folder, 'node_modules');
  const manifest = path.join(modules, 'typescript/package.json');
  if (version !== undefined && !existsSync(manifest)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }');
    try {
      const args = ['install', '--no-audit', '--no-fund', '--silent', '--no-save', `typescript@${version}`];
      execFileSync(npm, args, { cwd: folder, stdio: 'pipe', timeout: 120_000 });
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      console.warn(
        `TypeScript ${version} cannot be installed, its tests are left out: ${String(error).split('\n')[0]}`,
      );
      return undefined;
    }
  }
  mkdirSync(path.join(folder, 'settings'), { recursive: true });
  mkdirSync(path.join(modules, '@types'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }');
  for (const [link, target] of [
    ['atc-memory', root],
    ['@types/node', path.join(root, 'node_modules/@types/node')],
    ...['undici-types', 'keyv', 'cache-manager', '@cacheable', '@keyv'].map((name) => [
      name,
      path.join(root, 'node_modules', name),
    ]),
  ]) {
    if (!existsSync(path.join(modules, link))) symlinkSync(target, path.join(modules, link), 'dir');
  }
  writeFileSync(
    path.join(folder, 'atc.config.ts'),
    `import { defineConfig } from 'atc-memory';
import { Level, cautious } from './settings/levels.js';
import type { Unused } from './settings/levels.js';
const services = { CandleCache: { useCompression: true, compressionLevel: 7 } } as const;
export default defineConfig({ useCompression: cautious, compressionLevel: Level.small, services } satisfies Unused);
`,
  );
  writeFileSync(
    path.join(folder, 'settings/levels.ts'),
    `import type { AtcConfig } from 'atc-memory';
export enum Level { small = 3 }
export const cautious: AtcConfig['useCompression'] = 'verify';
export type Unused = AtcConfig;
`,
  );
  return folder;
}

const LOAD = `
import { loadConfig, loadConfigSync } from 'atc-memory';
const configs = [await loadConfig(), loadConfigSync()];
process.stdout.write(JSON.stringify(configs));
`;

const versions: (string | undefined)[] = [undefined, '5.5', '5', '6', '7'];

describe.each(versions)('TypeScript %s in the tree of the user', (version) => {
  const folder = isBuilt ? project(version) : undefined;
  const onlyThere = folder === undefined ? test.skip : test;

  onlyThere('atc.config.ts with other .ts imports is loaded, and nothing is written beside it', () => {
    const before = readFileSync(path.join(folder as string, 'atc.config.ts'), 'utf8');
    if (version !== undefined) {
      const installed = JSON.parse(
        readFileSync(path.join(folder as string, 'node_modules/typescript/package.json'), 'utf8'),
      );
      expect(`${installed.version}.`.startsWith(`${version}.`)).toBe(true);
    }
    const args = ['--input-type=module', '--eval', LOAD];
    const said = execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    for (const config of JSON.parse(said)) {
      expect(config).toMatchObject({ useCompression: 'verify', compressionLevel: 3, useMemoryMapped: false });
      expect(config.services).toEqual({ CandleCache: { useCompression: true, compressionLevel: 7 } });
      expect(config.provenance.compressionLevel.place).toBe(path.join(folder as string, 'atc.config.ts'));
    }
    expect(readFileSync(path.join(folder as string, 'atc.config.ts'), 'utf8')).toBe(before);
  });

  if (version === undefined) return;
  onlyThere('that compiler accepts the declarations themselves, and the code of strict projects', () => {
    const entries = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).exports)
      .filter((name) => name !== './package.json')
      .map((name, i) => `import * as entry${i} from 'atc-memory${name.slice(1)}';\nexport { entry${i} };\n`);
    writeFileSync(path.join(folder as string, 'entries.ts'), entries.join(''));
    writeFileSync(
      path.join(folder as string, 'strict.ts'),
      `import { decompressDataFrame, memoryTable, openDataset, type TypedArray } from 'atc-memory';
import { createKeyv } from 'atc-memory/cache-manager';
const table = (await openDataset('history')).table('candles');
let highest = -Infinity;
for (const { length, columns } of table.blocks(['high', 'close'])) {
  for (let row = 0; row < length; row += 1)
    highest = Math.max(highest, Number(columns.high[row]), Number(columns.close[row]));
}
const names: readonly string[] = table.columns;
for (const { columns } of table.blocks(names)) columns.any?.length;
const one = memoryTable('A', { timestamp: Float64Array.of(1), close: Float64Array.of(2) });
for (const { columns } of one.blocks(['close'])) {
  const close: TypedArray = columns.close;
  close.length;
}
export const { volume } = decompressDataFrame(new Uint8Array(), { columns: ['volume'] });
export const volumes: number = volume.length;
export const keyv = createKeyv({ directory: 'x', maxBytes: 2 ** 30 });
export { highest };
`,
    );
    const compilerOptions = {
      noEmit: true,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      preserveSymlinks: true,
      skipLibCheck: false,
      module: 'nodenext',
      moduleResolution: 'nodenext',
      target: 'es2022',
      types: ['node'],
    };
    const files = ['entries.ts', 'strict.ts'];
    writeFileSync(path.join(folder as string, 'tsconfig.strict.json'), JSON.stringify({ compilerOptions, files }));
    const tsc = path.join(folder as string, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '-p', 'tsconfig.strict.json'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    // Declarations of hosts are theirs; those of this package, and what is written with it, have to pass.
    const isTheirs = (line: string) => /^node_modules\/(?!atc-memory)|^\s|^$/.test(line);
    const own = stdout.split('\n').filter((line) => !isTheirs(line));
    expect(own).toEqual([]);
  });

  onlyThere('that compiler accepts it, and refuses a wrong key', () => {
    writeFileSync(
      path.join(folder as string, 'wrong.ts'),
      `import { defineConfig } from 'atc-memory';
// @ts-expect-error a key that does not exist
export default defineConfig({ useCompresion: true });
`,
    );
    const tsc = path.join(folder as string, 'node_modules/typescript/bin/tsc');
    const compilerOptions = {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      module: 'nodenext',
      moduleResolution: 'nodenext',
      target: 'es2022',
      types: ['node'],
    };
    const files = ['atc.config.ts', 'wrong.ts'];
    writeFileSync(path.join(folder as string, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const args = [tsc, '-p', '.'];
    try {
      execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      throw new Error((error as { stdout?: string }).stdout);
    }
  });
});
