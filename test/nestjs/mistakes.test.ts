/** What goes wrong with MemoryModule is reported when the application starts: one message, one code. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runAtc } from '../cli/run-atc.js';
import { prepareNest } from './host/prepare.mjs';

const hosts = prepareNest().flatMap(({ version, folder, reason }) => {
  if (reason !== undefined) console.warn(`NestJS ${version} is not tested here: ${reason}`);
  return folder === undefined ? [] : [{ version, folder }];
});

const START = `
  import 'reflect-metadata';
  import { Injectable, Module, Scope } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { Compressed, MemoryMapped, applyFeatures, isCompressed } from 'atc-memory';
  import { MemoryModule } from 'atc-memory/nestjs';
  class Cache {
    entries = new Map();
    get(key) { return this.entries.get(key); }
    set(key, value) { this.entries.set(key, value); }
  }
  const marked = (name) => {
    const made = { [name]: class extends Cache {} }[name];
    Compressed()(made);
    Injectable()(made);
    return made;
  };
  const ON = { useCompression: true };
  async function boot(metadata, run = () => {}) {
    class AppModule {}
    Module(metadata)(AppModule);
    try {
      const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
      await run(app);
      await app.close();
      console.log('ended');
    } catch (error) {
      console.log(error.code + ': ' + error.message);
    }
  }
`;

describe.each(hosts)('NestJS $version', ({ folder }) => {
  let cwd: string;
  beforeEach(() => {
    mkdirSync(path.join(folder, 'runs'), { recursive: true });
    cwd = mkdtempSync(path.join(folder, 'runs/run-'));
    writeFileSync(path.join(cwd, 'package.json'), '{}');
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  /** What it printed, and the warnings. */
  function run(program: string) {
    writeFileSync(path.join(cwd, 'program.mjs'), START + program);
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], { cwd, encoding: 'utf8', env });
    return { stdout: stdout.trim(), warnings: stderr.match(/\[ATC_NOT_WRAPPED\][^\n]*/g) ?? [], stderr };
  }

  test('a marked class that no provider stands for is one warning, and atc doctor reports it', async () => {
    writeFileSync(path.join(cwd, 'atc.config.json'), JSON.stringify({ useCompression: true }));
    const { stdout, warnings } = run(`
      const [Known, Forgotten, Other] = ['Known', 'Forgotten', 'Other'].map(marked);
      await boot({ imports: [MemoryModule.forRoot()], providers: [Known] });
    `);
    expect(stdout).toBe('ended');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('Forgotten, Other are marked');
    expect(warnings[0]).not.toContain('Known');
    const doctor = await runAtc(['doctor', '--json'], { cwd });
    const found = JSON.parse(doctor.stdout).filter(({ what }: { what: string }) => what.startsWith('class '));
    expect(found.map(({ what }: { what: string }) => what).sort()).toEqual(['class Forgotten', 'class Other']);

    // Provided since: the next run takes it off the list.
    run(`
      const [Known, Forgotten, Other] = ['Known', 'Forgotten', 'Other'].map(marked);
      const module = { imports: [MemoryModule.forRoot()], providers: [Known, Forgotten] };
      await boot(module, () => applyFeatures(new Other(), ON));
    `);
    expect((await runAtc(['doctor'], { cwd })).stdout).not.toMatch(/class (Forgotten|Other)/);
  });

  test.each([
    ['a class that is provided in request scope', 'Injectable({ scope: Scope.REQUEST })(Late)', '[Late]'],
    [
      'a class that extends it is provided',
      'class More extends Late {} Injectable({ scope: Scope.REQUEST })(More)',
      '[More]',
    ],
    [
      'a factory that runs later may make it',
      '',
      '[{ provide: 1, scope: Scope.REQUEST, useFactory: () => new Late() }]',
    ],
    ['a factory has made it', '', '[{ provide: 1, useFactory: () => new Late() }]'],
    ['it was wrapped by hand', 'applyFeatures(new Late(), ON);', '[]'],
    ['its features are off', 'const ON = { useMemoryMapped: true };', '[]'],
  ])('no warning: %s', (_, prepare, providers) => {
    const { stdout, warnings } = run(`
      const Late = marked('Late');
      { ${prepare}; await boot({ imports: [MemoryModule.forRoot(ON)], providers: ${providers} }); }
    `);
    expect(stdout).toBe('ended');
    expect(warnings).toEqual([]);
  });

  test.each([
    ['imported as it is', 'MemoryModule', '[]', /^CONFIG: MemoryModule was imported as it is.*forRoot\(\)/],
    [
      'a token that names no provider',
      "MemoryModule.forRoot(ON, { tokens: { Candles: 'CANDELS' } })",
      "[{ provide: 'CANDLES', useValue: new Cache() }]",
      /^CONFIG: the token CANDELS of Candles names no provider.*CANDLES/,
    ],
    [
      'a service that cannot be wrapped',
      'MemoryModule.forRoot(ON)',
      "[{ provide: 'FROZEN', useFactory: () => Object.freeze(new (marked('Frozen'))()) }]",
      /^UNSUPPORTED: .*frozen/,
    ],
    ['a level out of range', 'MemoryModule.forRoot({ compressionLevel: 99 })', '[]', /^CONFIG: .*compressionLevel/],
    ['a configuration that is a number', 'MemoryModule.forRoot(7)', '[]', /^ARGUMENT: /],
  ])('%s does not start', (_, module, providers, message) => {
    expect(run(`await boot({ imports: [${module}], providers: ${providers} });`).stdout).toMatch(message);
  });

  test('wrong arguments are refused where they are written', () => {
    const { stdout } = run(`
      for (const options of [undefined, {}, { useFactory: 1 }, { useFactory() {}, tokens: null }]) {
        try { MemoryModule.forRootAsync(options); } catch (error) { console.log(error.code); }
      }
    `);
    expect(stdout.split('\n')).toEqual(Array(4).fill('ARGUMENT'));
  });

  test('proxies that refuse to be read, and values that are no objects, are left alone', () => {
    const { stdout, stderr } = run(`
      const refused = ['get', 'set', 'close', 'store', 'stores', 'disconnect', 'dataset'];
      const refusing = new Proxy({}, { get(target, name) {
        if (refused.includes(name)) throw new Error('not now');
        return target[name];
      } });
      const promised = Promise.resolve(new (marked('Promised'))());
      const values = { 1: null, 2: undefined, 3: 7, 4: 'text', 5: Object.create(null), 6: () => 1, 7: promised };
      await boot({
        imports: [MemoryModule.forRoot(ON)],
        providers: [
          { provide: 'PROXY', useFactory: () => [refusing][0] },
          ...Object.entries(values).map(([provide, made]) => ({ provide, useFactory: () => made })),
          { provide: 'LATER', useValue: Promise.resolve(new (marked('Later'))()) },
          { provide: 'USER', useFactory: (later) => later, inject: ['LATER'] },
        ],
      }, (app) => console.log(isCompressed(app.get('USER')), isCompressed(app.get('7'))));
    `);
    expect({ stdout, stderr }).toEqual({ stdout: 'true true\nended', stderr: '' });
  });
});

test('without NestJS the module names the package to install', () => {
  const cwd = mkdtempSync(path.join(tmpdir(), 'atc-no-nest-'));
  mkdirSync(path.join(cwd, 'node_modules/atc-memory'), { recursive: true });
  const { name, version, exports, type } = JSON.parse(readFileSync('package.json', 'utf8'));
  writeFileSync(
    path.join(cwd, 'node_modules/atc-memory/package.json'),
    JSON.stringify({ name, version, exports, type }),
  );
  cpSync('dist', path.join(cwd, 'node_modules/atc-memory/dist'), { recursive: true });
  const program =
    "const { MemoryModule } = await import('atc-memory/nestjs'); try { MemoryModule.forRoot(); } catch (error) { " +
    'console.log(error.code, error.message); }';
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd, encoding: 'utf8' });
  rmSync(cwd, { recursive: true });
  expect(stdout).toMatch(/^UNSUPPORTED MemoryModule needs NestJS .*npm install @nestjs\/common @nestjs\/core/);
});
