// Installs the packed tarball beside the hosts that it meets, in empty folders and without a flag, and uses it there:
// npm refuses a range of peers that does not fit.  node scripts/install-smoke.js [TARBALL]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const folder = mkdtempSync(path.join(tmpdir(), 'atc-install-'));
const [major, minor] = process.versions.node.split('.').map(Number);
const runsKeyv6 = major > 22 || (major === 22 && minor >= 19);

/** What JSON loses, through whatever has get and set. */
const VALUES = `
  const { isDeepStrictEqual } = await import('node:util');
  const values = { ema: Float64Array.of(1, NaN, -0), zero: -0, missing: NaN,
    map: new Map([[1, new Date(7)]]), date: new Date(7), big: 12n,
    rows: Array.from({ length: 300 }, (_, i) => ({ timestamp: i * 60000, close: i / 4 })) };
  async function check(cache) {
    for (const [key, value] of Object.entries(values)) await cache.set(key, value);
    for (const [key, value] of Object.entries(values)) {
      const found = await cache.get(key);
      if (!isDeepStrictEqual(found, value)) throw new Error(key + ' is ' + String(found));
    }
  }
`;
const KEYV =
  `import { createKeyv } from 'atc-memory/cache-manager'; ${VALUES} await check(createKeyv({ directory: 'entries' ` +
  '}));';
const CACHE_MANAGER =
  `import { createAtcCache } from 'atc-memory/cache-manager'; ${VALUES} await check(createAtcCache({ cacheDir: ` +
  "'cache' }));";
const NEST = `
  import 'reflect-metadata';
  import { CACHE_MANAGER, CacheModule } from '@nestjs/cache-manager';
  import { Injectable, Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { Compressed, isCompressed } from 'atc-memory';
  import { cacheModuleOptions, MemoryModule } from 'atc-memory/nestjs';
  ${VALUES}
  class Cache { get() {} set() {} }
  Compressed()(Cache);
  Injectable()(Cache);
  class AppModule {}
  Module({ imports: [MemoryModule.forRoot({ useCompression: true }), CacheModule.registerAsync(cacheModuleOptions())],
    providers: [Cache] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  if (!isCompressed(app.get(Cache))) throw new Error('the mark was not honoured');
  await check(app.get(CACHE_MANAGER));
  await app.close();
`;
const NEST_11 =
  '@nestjs/common@11 @nestjs/core@11 @nestjs/cache-manager@3 cache-manager@7 keyv@5 rxjs@7 reflect-metadata';
const NEST_12 =
  '@nestjs/common@12 @nestjs/core@12 @nestjs/cache-manager@12 cache-manager@7 keyv@6 rxjs@7 reflect-metadata';
/** Packages as a user names them, and a program; `needsKeyv6`: it runs where Keyv 6 does. */
const INSTALLS = [
  { packages: '', program: "import { compressPrices } from 'atc-memory'; compressPrices(Float64Array.of(1));" },
  { packages: 'keyv@latest', program: KEYV, needsKeyv6: true },
  { packages: 'keyv@5', program: KEYV },
  { packages: 'keyv@5 cache-manager@7', program: KEYV + CACHE_MANAGER.replace(VALUES, '') },
  {
    packages: 'inversify reflect-metadata',
    program: "import { memoryModule } from 'atc-memory/inversify'; memoryModule({});",
  },
  { packages: NEST_11, program: NEST },
  { packages: NEST_12, program: NEST, needsKeyv6: true },
];

function run(command, args, cwd) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    console.log('failed');
    console.error(error.stdout, error.stderr);
    throw error;
  }
}

try {
  let tarball = process.argv[2] && path.resolve(process.argv[2]);
  if (tarball === undefined) {
    execFileSync(process.execPath, [path.join(root, 'scripts/build.js')], { stdio: 'inherit' });
    run(npm, ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], root);
    tarball = path.join(
      folder,
      readdirSync(folder).find((name) => name.endsWith('.tgz')),
    );
  }
  for (const [i, { packages, program, needsKeyv6 = false }] of INSTALLS.entries()) {
    const cwd = path.join(folder, `app-${i}`);
    mkdirSync(cwd);
    cpSync(tarball, path.join(cwd, 'atc-memory.tgz'));
    writeFileSync(path.join(cwd, 'package.json'), JSON.stringify({ name: 'app', private: true }));
    process.stdout.write(`install smoke: npm install atc-memory ${packages} … `);
    const named = packages === '' ? [] : packages.split(' ');
    // No flag that would let conflicts through, whatever the machine's own settings say.
    run(npm, ['install', '--no-audit', '--no-fund', '--no-legacy-peer-deps', './atc-memory.tgz', ...named], cwd);
    if (needsKeyv6 && !runsKeyv6) {
      console.log(`installed; not run: Keyv 6 needs Node 22.19 or later, this is ${process.version}`);
      continue;
    }
    writeFileSync(path.join(cwd, 'app.mjs'), program);
    run(process.execPath, ['app.mjs'], cwd);
    console.log('ok');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
