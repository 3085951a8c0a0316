/** Real NestJS applications, 11 and 12, as processes that answer HTTP requests, twice: the second from disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeDataset } from 'atc-memory';
import ts from 'typescript';
import { prepareNest } from './host/prepare.mjs';

const hosts = prepareNest();
for (const { version, reason } of hosts) {
  if (reason !== undefined) console.warn(`NestJS ${version} is not tested here: ${reason}`);
}
const hasCommonJs = existsSync('dist/cjs/nestjs.js');
if (!hasCommonJs) console.warn('dist/cjs is missing: applications in CommonJS are left out; run npm run build');
const programs = hosts.flatMap(({ version, folder }) =>
  folder === undefined
    ? []
    : [
        ...[{ name: `NestJS ${version}, ES modules`, folder, file: 'application.mjs' }],
        // NestJS 12 is an ES module, which CommonJS can require.
        ...(hasCommonJs ? [{ name: `NestJS ${version}, CommonJS`, folder, file: 'application.cjs' }] : []),
      ],
);

beforeAll(() => {
  const source = readFileSync('test/nestjs/application.ts', 'utf8');
  for (const { folder, file } of programs) {
    const module = file.endsWith('.cjs') ? ts.ModuleKind.CommonJS : ts.ModuleKind.ES2022;
    const compilerOptions = {
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      esModuleInterop: true,
      module,
    };
    writeFileSync(path.join(folder, file), ts.transpileModule(source, { compilerOptions }).outputText);
  }
});

interface Application {
  readonly process: ChildProcess;
  readonly get: (route: string) => Promise<Record<string, unknown>>;
  /** By SIGTERM; resolves to what it printed. */
  readonly end: () => Promise<string>;
}

/** Resolves when it listens; rejects with what it printed when it ends before. */
async function start(program: string, cwd: string, env: Record<string, string> = {}): Promise<Application> {
  const child = spawn(process.execPath, [program], { cwd, env: { ...process.env, NODE_OPTIONS: '', ...env } });
  let output = '';
  const ended = new Promise<string>((resolve) => child.on('close', () => resolve(output)));
  const port = await new Promise<number>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      output += chunk;
      const found = /listening (\d+)/.exec(output);
      if (found) resolve(Number(found[1]));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('close', () => reject(new Error(output)));
  });
  return {
    process: child,
    get: async (route) => (await fetch(`http://127.0.0.1:${port}/${route}`)).json() as Promise<Record<string, unknown>>,
    end: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

const ALL_ON = { useCompression: true, useMemoryMapped: true, services: { Foreign: { useCompression: true } } };
const allTrue = (answer: object) => Object.fromEntries(Object.keys(answer).map((name) => [name, true]));

describe.each(programs)('$name', ({ folder, file }) => {
  let cwd: string;
  const program = path.join(folder, file);
  beforeEach(async () => {
    mkdirSync(path.join(folder, 'runs'), { recursive: true });
    cwd = mkdtempSync(path.join(folder, 'runs/run-'));
    writeFileSync(path.join(cwd, 'package.json'), '{}');
    const columns = { timestamp: Float64Array.of(0, 60_000, 120_000), close: Float64Array.of(1, 2, 3) };
    (await writeDataset(path.join(cwd, 'dataset'), { symbol: 'X', columns })).close();
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));
  const configure = (config: object) => writeFileSync(path.join(cwd, 'atc.config.json'), JSON.stringify(config));

  test('marks are honoured in every scope and kind of provider', async () => {
    configure(ALL_ON);
    const app = await start(program, cwd);
    const wrapped = await app.get('wrapped');
    expect(Object.keys(wrapped).length).toBeGreaterThan(12);
    expect(wrapped).toEqual(allTrue(wrapped));
    for (let i = 0; i < 3; i++) {
      const scoped = await app.get('scoped');
      expect(Object.keys(scoped)).toHaveLength(5);
      expect(scoped).toEqual(allTrue(scoped));
    }
    const output = await app.end();
    expect(output).not.toContain('Warning');
  });

  test('the second boot is answered from disk, and values that JSON loses are returned as they were', async () => {
    configure(ALL_ON);
    const expected = {
      date: 'Date 1700000000000',
      map: 'Map number 1 Date 7',
      closes: 'Float64Array number 1.5,number NaN,number -0,number Infinity',
      nan: 'number NaN',
      big: 'bigint 12',
    };
    const ask = async (app: Application) => {
      const answers: Record<string, unknown> = {};
      for (const name of Object.keys(expected)) {
        for (let i = 0; i < 2; i++) answers[name] = (await app.get(`values/${name}`)).value;
      }
      expect(answers).toEqual(expected);
      const report = await app.get('report');
      expect(report).toEqual({ at: '2023-11-14T22:13:20.000Z', closes: [1.5, 2.5] });
      expect(await app.get('report')).toEqual(report);
      const { computed } = await app.get('values/date');
      return { computed, ...(await app.get('history')) };
    };
    const first = await start(program, cwd);
    expect(await ask(first)).toMatchObject({ computed: 6, type: 'Float64Array', calls: 1 });
    await first.end();
    const second = await start(program, cwd);
    expect(await ask(second)).toMatchObject({ computed: 0, type: 'Float64Array', calls: 0 });
    await second.end();
  });

  test('SIGTERM closes what providers hold, after every other module has ended', async () => {
    configure(ALL_ON);
    const app = await start(program, cwd);
    expect(await app.get('dataset')).toEqual({ rows: 3, cacheDir: path.join(cwd, '.cache/atc') });
    const lines = (await app.end()).trim().split('\n').slice(1);
    expect(lines).toEqual(['server closed', 'shutdown SIGTERM with 3 rows', 'dataset CLOSED']);
    expect(app.process.signalCode).toBe('SIGTERM');
  });

  test('a configuration from a factory that takes its time is in force for all of them', async () => {
    const app = await start(program, cwd, { ASYNC: '1', SETTINGS: JSON.stringify({ ...ALL_ON, cacheDir: 'own' }) });
    const wrapped = await app.get('wrapped');
    expect(wrapped).toEqual(allTrue(wrapped));
    const scoped = await app.get('scoped');
    expect(scoped).toEqual(allTrue(scoped));
    expect(await app.get('dataset')).toMatchObject({ cacheDir: path.join(cwd, 'own') });
    await app.end();
  });

  test('with everything off nothing is wrapped', async () => {
    const app = await start(program, cwd);
    const { same, ...wrapped } = await app.get('wrapped');
    expect(new Set(Object.values(wrapped))).toEqual(new Set([false]));
    expect(same).toBe(true);
    expect(new Set(Object.values(await app.get('scoped')))).toEqual(new Set([false]));
    await app.end();
    expect(existsSync(path.join(cwd, '.cache/atc/history'))).toBe(false);
  });

  test('a wrong configuration ends the start with its code and key', async () => {
    configure({ useCompresion: true });
    await expect(start(program, cwd)).rejects.toThrow(/CONFIG: .*useCompresion/);
  });
});
