/**
 * `atc migrate DIR` as people run it: dry run first, killed half-way, run again, and taken back to what the former
 * cache reads.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createKeyv } from 'atc-memory/cache-manager';
import { DiskStore } from 'cache-manager-fs-hash';
import { Keyv } from 'keyv';
import { KeyvFile } from 'keyv-file';
import { expectSame } from '../same-value.js';
import { candles } from '../services/stores/sample-values.js';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();

/** Enough that a kill finds it at work. */
const COUNT = 150;
const KEYS = Array.from({ length: COUNT }, (_, i) => `rows:${i}`);
const rowsOf = (i: number) => ({ i, rows: candles(5 + (i % 60), 50 + i) });

interface Former {
  /** What Keyv put in front of keys. */
  readonly namespace: string;
  readonly open: (directory: string) => {
    get(key: string): Promise<unknown>;
    set(key: string, value: unknown): Promise<unknown>;
  };
}

const FORMER: Record<string, Former> = {
  'cache-manager-fs-hash, zip': { namespace: '', open: (directory) => new DiskStore({ path: directory, zip: true }) },
  'cache-manager-fs-hash, plain': { namespace: '', open: (directory) => new DiskStore({ path: directory }) },
  'keyv-file': {
    namespace: 'keyv',
    open: (directory) => new Keyv({ store: new KeyvFile({ filename: `${directory}/all.json`, writeDelay: 1 }) }),
  },
  'keyv-file, separated': {
    namespace: 'keyv',
    open: (directory) => new Keyv({ store: new KeyvFile({ filename: directory, separatedFile: true }) }),
  },
};

async function filled(name: string, { open }: Former): Promise<string> {
  const directory = path.join(folder.path, name.replaceAll(/\W+/g, '-'));
  mkdirSync(directory);
  const cache = open(directory);
  await Promise.all(KEYS.map((key, i) => cache.set(key, rowsOf(i))));
  return directory;
}

const filesOf = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.lastExpire')
    .map((entry) => path.join(entry.parentPath, entry.name));
const ownFiles = (directory: string) => filesOf(directory).filter((file) => file.endsWith('.atc-entry'));
const snapshot = (directory: string) => filesOf(directory).map((file) => [file, readFileSync(file, 'latin1')]);

async function expectAll(cache: { get(key: string): Promise<unknown> }): Promise<void> {
  for (const [i, key] of KEYS.entries()) expectSame(await cache.get(key), rowsOf(i));
}

async function migrate(directory: string, ...flags: string[]) {
  const outcome = await runAtc(['migrate', directory, '--json', ...flags], { cwd: folder.path });
  expect([outcome.code, outcome.stderr.replaceAll(/^migrate: .*\n/gm, '')]).toEqual([0, '']);
  return JSON.parse(outcome.stdout);
}

/**
 * Loaded into the command: it ends itself by SIGKILL with the first change of a file after which so many entries are
 * there.
 */
const SELF_KILL = `
const fs = require('node:fs');
const { promises, readdirSync } = fs;
const { syncBuiltinESMExports } = require('node:module');
const { DIRECTORY, ENTRIES, IS_REVERT } = process.env;
function check() {
  const own = readdirSync(DIRECTORY, { recursive: true }).filter((name) => name.endsWith('.atc-entry')).length;
  if (IS_REVERT === 'true' ? own <= Number(ENTRIES) : own >= Number(ENTRIES)) process.kill(process.pid, 'SIGKILL');
}
for (const name of ['link', 'rename', 'unlink']) {
  const real = promises[name];
  promises[name] = async (...args) => {
    const result = await real(...args);
    check();
    return result;
  };
  const realSync = fs[name + 'Sync'];
  fs[name + 'Sync'] = (...args) => {
    realSync(...args);
    check();
  };
}
syncBuiltinESMExports();
`;

/** Kills the command when there are so many entries of ours. False when it ended before. */
async function killedAt(directory: string, entries: number, ...flags: string[]): Promise<boolean> {
  const preload = path.join(folder.path, 'self-kill.cjs');
  writeFileSync(preload, SELF_KILL);
  const { code } = await runAtc(['migrate', directory, ...flags], {
    cwd: folder.path,
    env: {
      NODE_OPTIONS: `--require ${preload}`,
      DIRECTORY: directory,
      ENTRIES: String(entries),
      IS_REVERT: String(flags.includes('--revert')),
    },
  });
  return code === null;
}

describe.each(Object.entries(FORMER))('%s', (name, former) => {
  test('dry run, kill -9, again, back', async () => {
    const directory = await filled(name, former);
    const ours = () => createKeyv({ directory, namespace: former.namespace });
    const before = snapshot(directory);
    const bytesBefore = before.reduce((sum, [, text]) => sum + text.length, 0);

    const dry = await migrate(directory, '--dry-run');
    expect(dry).toMatchObject({ isDryRun: true, left: [], formats: [{ entries: COUNT }] });
    // keyv-file has a few bytes around its entries.
    expect(Math.abs(dry.formats[0].bytesBefore / bytesBefore - 1)).toBeLessThan(0.01);
    expect(dry.formats[0].bytesAfter).toBeGreaterThan(0);
    expect(snapshot(directory)).toEqual(before);

    let kills = 0;
    for (const share of [0.2, 0.6]) if (await killedAt(directory, COUNT * share)) kills++;
    expect(kills).toBe(2);
    const between = ownFiles(directory).length;
    expect(between).toBeGreaterThan(0);
    expect(between).toBeLessThan(COUNT);
    // Nothing is missing, whichever of the two holds it.
    await expectAll(ours());

    const rest = await migrate(directory);
    expect(rest.left).toEqual([]);
    expect(rest.formats[0].entries).toBeGreaterThan(0);
    expect(ownFiles(directory)).toHaveLength(COUNT);
    const others = filesOf(directory).filter((file) => !file.endsWith('.atc-entry') && !file.endsWith('.atc-tmp'));
    expect(others.map((file) => path.basename(file))).toEqual(['.atc-migrated.json']);
    const bytesAfter = ownFiles(directory).reduce((sum, file) => sum + readFileSync(file).length, 0);
    expect(bytesAfter).toBe(dry.formats[0].bytesAfter);
    await expectAll(ours());
    expect((await migrate(directory)).formats).toEqual([]);

    expect(await killedAt(directory, COUNT * 0.7, '--revert')).toBe(true);
    await expectAll(ours());
    await migrate(directory, '--revert');
    expect(ownFiles(directory)).toEqual([]);
    // The former cache itself.
    await expectAll(former.open(directory));
  });
});

test('prints a summary, and exits with 1 when an entry is left', async () => {
  const directory = path.join(folder.path, 'printed');
  mkdirSync(directory);
  const disk = new DiskStore({ path: directory });
  for (let i = 0; i < 20; i++) await disk.set(`${i}`, rowsOf(i));
  const run = (...flags: string[]) => runAtc(['migrate', directory, ...flags], { cwd: folder.path });
  const dry = await run('--dry-run');
  expect(dry.stdout).toMatch(
    /from +entries +before +after\n.*\n?cache-manager-fs-hash +20 .*\n.*dry run, nothing was changed/,
  );
  const [victim] = filesOf(directory);
  writeFileSync(victim, 'not JSON');
  const outcome = await run();
  expect(outcome.code).toBe(1);
  expect(outcome.stdout).toContain('1 left as they are');
  expect(outcome.stdout).toContain(`${victim} is damaged`);
  expect(readFileSync(victim, 'utf8')).toBe('not JSON');
  expect((await run('--revert')).stdout).toContain('reverted');
  expect((await runAtc(['migrate', folder.path, '--revert'], { cwd: folder.path })).code).toBe(2);
});
