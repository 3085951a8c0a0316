/**
 * Files disturbed under an open handle, at random, per backend (by hand: ATC_DISTURBED=1000 ATC_DISTURBED_SEED=<seed>):
 * replaced, deleted, made unreadable, truncated, grown. What is returned is the old bytes or a clear error, never other
 * numbers. Truncation under a mapped window that is held is not tried: nothing can survive it (SIGBUS).
 */
import { appendFileSync, chmodSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { isAtcError } from '../../src/errors.js';
import type { MappedFile } from '../../src/io/mapping.js';
import { listBackends, selectBackend } from '../../src/io/select-backend.js';
import { startChild } from './child.js';
import { useWorkspace } from './workspace.js';

const ROUNDS = Number(process.env.ATC_DISTURBED ?? 300);
const SEED = Number(process.env.ATC_DISTURBED_SEED ?? 20_240_501);
const SIZE = 3 * 4096 + 100;
const workspace = useWorkspace();
/** The same numbers in every run of a seed. */
let state = SEED;
function random(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const DISTURBANCES: Record<string, (path: string) => void> = {
  replaced: (path) => renameSync(workspace.file('replacement', new Uint8Array(random(2 * SIZE)).fill(255)), path),
  deleted: (path) => rmSync(path),
  unreadable: (path) => chmodSync(path, 0),
  truncated: (path) => truncateSync(path, random(SIZE)),
  emptied: (path) => writeFileSync(path, ''),
  grown: (path) => appendFileSync(path, new Uint8Array(random(9000)).fill(255)),
};

for (const { name, available, reason } of listBackends()) {
  if (!available) console.warn(`files disturbed under ${name} are not tested here: ${reason}`);
  (available ? it : it.skip)(`${name}: old bytes or a clear error, ${ROUNDS} times`, () => {
    const kinds = Object.keys(DISTURBANCES);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const old = Uint8Array.from({ length: SIZE }, (_, i) => (i * 13 + round) % 251);
      const path = workspace.file(`${name}-${round}`, old);
      const file = selectBackend(name).open(path, random(2) === 0 ? 'r' : 'c');
      const kind = kinds[random(kinds.length)];
      if (random(2) === 0) readSome(file, old);
      DISTURBANCES[kind](path);
      for (let read = 0; read < 4; read++) {
        const outcome = readSome(file, old);
        if (outcome === 'CORRUPT') expect(['truncated', 'emptied']).toContain(kind);
        outcomes.set(`${kind} ${outcome}`, (outcomes.get(`${kind} ${outcome}`) ?? 0) + 1);
      }
      file.close();
      rmSync(path, { force: true });
    }
    for (const kind of ['replaced', 'deleted', 'unreadable', 'grown'])
      expect(outcomes.get(`${kind} bytes`)).toBeGreaterThan(ROUNDS / 10);
    for (const kind of ['truncated', 'emptied']) expect(outcomes.get(`${kind} CORRUPT`)).toBeGreaterThan(ROUNDS / 10);
    if (process.env.ATC_DISTURBED) console.info(`${name}, seed ${SEED}: ${JSON.stringify([...outcomes])}`);
  });
}

/** Reads a random range one way or the other and compares it at once. */
function readSome(file: MappedFile, old: Uint8Array): 'bytes' | 'CORRUPT' {
  const offset = random(SIZE);
  const length = random(SIZE - offset);
  try {
    let bytes: Uint8Array = new Uint8Array(length);
    if (random(2) === 0) file.readInto(offset, bytes);
    else bytes = file.window(offset, length);
    expect(Buffer.from(bytes).equals(old.subarray(offset, offset + length))).toBe(true);
    return 'bytes';
  } catch (error) {
    if (!isAtcError(error, 'CORRUPT')) throw error;
    expect(error.path).toBe(file.path);
    return 'CORRUPT';
  }
}

it(`read: truncated and restored by another process all the time, ${ROUNDS} reads`, async () => {
  const old = Uint8Array.from({ length: SIZE }, (_, i) => (i * 13) % 251);
  const path = workspace.file('shared', old);
  const child = startChild(
    () => `
      import fs from 'node:fs';
      const path = ${JSON.stringify(path)};
      const old = Uint8Array.from({ length: ${SIZE} }, (_, i) => (i * 13) % 251);
      console.log('ready');
      process.stdin.on('data', () => process.exit());
      setInterval(() => {
        for (let i = 0; i < 20; i++) {
          fs.truncateSync(path, Math.floor(Math.random() * ${SIZE}));
          // Appended from the new end, so that a byte is either absent or right.
          const { size } = fs.statSync(path);
          fs.appendFileSync(path, old.subarray(size));
        }
      }, 1);
    `,
  );
  await child.line();
  let bytes = 0;
  let corrupt = 0;
  const deadline = Date.now() + 20_000;
  for (let read = 0; read < ROUNDS || ((bytes === 0 || corrupt === 0) && Date.now() < deadline); read++) {
    let file: MappedFile | undefined;
    try {
      file = selectBackend('read').open(path, 'r');
      const target = new Uint8Array(file.byteLength);
      file.readInto(0, target);
      expect(Buffer.from(target).equals(old.subarray(0, target.byteLength))).toBe(true);
      bytes += 1;
    } catch (error) {
      if (!isAtcError(error, 'CORRUPT')) throw error;
      corrupt += 1;
    } finally {
      file?.close();
    }
    if (read % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  child.process.stdin?.write('stop\n');
  await child.ended;
  expect(bytes).toBeGreaterThan(0);
  if (corrupt === 0) console.warn('no read met a truncation in this run');
});
