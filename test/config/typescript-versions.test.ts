/** A configuration in TypeScript, loaded by the built package where the user has TypeScript 5, 6, 7 or none; and what those compilers say. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const kept = path.join(root, '.cache/typescript-versions');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const isBuilt = existsSync(path.join(root, 'dist/esm/index.js'));
if (!isBuilt)
  console.warn('dist is missing: configurations beside other TypeScript versions are left out; run npm run build');

/** A project with that TypeScript, or none, and this package. Undefined, with a notice, when the registry does not give it. */
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
    ['undici-types', path.join(root, 'node_modules/undici-types')],
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

const versions: (string | undefined)[] = [undefined, '5', '6', '7'];

describe.each(versions)('TypeScript %s in the tree of the user', (version) => {
  const folder = isBuilt ? project(version) : undefined;
  const onlyThere = folder === undefined ? test.skip : test;

  onlyThere('atc.config.ts with other .ts imports is loaded, and nothing is written beside it', () => {
    const before = readFileSync(path.join(folder as string, 'atc.config.ts'), 'utf8');
    if (version !== undefined) {
      const installed = JSON.parse(
        readFileSync(path.join(folder as string, 'node_modules/typescript/package.json'), 'utf8'),
      );
      expect(installed.version.split('.')[0]).toBe(version);
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
