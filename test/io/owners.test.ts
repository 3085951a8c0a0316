/**
 * Locks and marks end with their owners: another boot, a silent container, a terminated thread, an owner that cannot
 * be.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { acquireLock, isLocked, tryLock } from '../../src/io/process-lock.js';
import { bootId, hostName, ownerState, ownerToken } from '../../src/io/process-owner.js';
import { startChild } from './child.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-owners-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A lock file of an owner in a pid namespace that this process does not see. */
function strangersLock(content: string, owner = '77-12345-00c0ffee'): string {
  const file = path.join(folder, `.write.${owner}.0badcafe.atc-lock`);
  writeFileSync(file, content);
  return file;
}

test('a lock of the same host before its last start counts for nothing', () => {
  strangersLock(`${hostName()}\nanother-boot\n`);
  const lock = tryLock(folder, 'write');
  expect(lock).toBeDefined();
  expect(readdirSync(folder)).toHaveLength(1);
  lock?.release();
  expect(readdirSync(folder)).toEqual([]);
});

test('a lock of another container that is touched is respected, and its file names host and boot', () => {
  const file = strangersLock(`elsewhere\n${bootId()}\n`);
  expect(isLocked(folder, 'write')).toBe(true);
  utimesSync(file, 1, 1);
  expect(isLocked(folder, 'write')).toBe(true);
  rmSync(file);
  const lock = tryLock(folder, 'write');
  const [own] = readdirSync(folder);
  expect(readFileSync(path.join(folder, own), 'utf8')).toBe(`${hostName()}\n${bootId()}\n`);
  lock?.release();
});

test('a lock of another container, untouched for eight seconds, is taken over, and the wait is reported', async () => {
  strangersLock(`elsewhere\n${bootId()}\n`);
  const warnings: string[] = [];
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning) => {
    warnings.push(String(warning));
  };
  try {
    (await acquireLock(folder, 'write')).release();
  } finally {
    process.emitWarning = emitWarning;
  }
  expect(warnings).toEqual([expect.stringContaining('waiting for process 77')]);
}, 60_000);

test('waiting for a lock ends with its signal', async () => {
  strangersLock(`elsewhere\n${bootId()}\n`);
  await expect(acquireLock(folder, 'write', AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('owners with process numbers that no system gives are dead', () => {
  const [, , space] = ownerToken().split('-');
  expect(ownerState(`0-1-${space}`)).toBe('dead');
  expect(ownerState('0-1-00c0ffee')).toBe('dead');
  expect(ownerState('4194305-1-00c0ffee')).toBe('dead');
  expect(ownerState('4194304-1-00c0ffee')).toBe('unknown');
  expect(ownerState(ownerToken())).toBe('alive');
});

test('a lock that was taken away from its holder is noticed before the change becomes visible', () => {
  const lock = tryLock(folder, 'write');
  lock?.requireHeld();
  rmSync(path.join(folder, readdirSync(folder)[0]));
  expect(() => lock?.requireHeld()).toThrow(/taken over by another process/);
});

test('the lock of a terminated worker thread is free at once', async () => {
  const child = startChild(
    (dist) => `
      import { Worker } from 'node:worker_threads';
      const { tryLock } = await import(${JSON.stringify(dist)} + '/io/process-lock.js');
      const folder = ${JSON.stringify(folder)};
      const code =
        "import('${dist}/io/process-lock.js').then(({ tryLock }) => {" +
        "  tryLock(" + JSON.stringify(folder) + ", 'write');" +
        "  import('node:worker_threads').then((threads) => threads.parentPort.postMessage(0));" +
        "  setInterval(() => 0, 1000);" +
        "});";
      const worker = new Worker(code, { eval: true });
      await new Promise((resolve) => worker.once('message', resolve));
      const before = tryLock(folder, 'write') === undefined;
      await worker.terminate();
      console.log(before, tryLock(folder, 'write') !== undefined);
    `,
  );
  expect(await child.line()).toBe('true true');
  expect((await child.ended).stderr).toBe('');
});
